//! What differs in how two images run, and in what is written on them.

use std::collections::BTreeMap;

use layerscope_oci::{ImageConfig, RuntimeConfig};
use layerscope_source::Image;

use super::Times;
use crate::overview::config_of;
use crate::session::Session;
use crate::view::ConfigDifference;

/// What differs, in the order in which the page and the command line tell it.
pub(super) fn differences(a: &Session, b: &Session, times: Times) -> Vec<ConfigDifference> {
    let mut found = Differences(Vec::new());
    let (Some(a), Some(b)) = (a.image(), b.image()) else {
        return found.0;
    };
    let platform = |image: &Image| image.platform.as_ref().map(ToString::to_string);
    found.texts("platform", &platform(a), &platform(b));
    let (one, other) = (config_of(a), config_of(b));
    let text = |config: Option<&ImageConfig>, field: fn(&ImageConfig) -> &Option<String>| {
        config.and_then(|config| field(config).clone())
    };
    if times == Times::Compared {
        let created = |config| text(config, |config| &config.created);
        found.texts("created", &created(one), &created(other));
    }
    let author = |config| text(config, |config| &config.author);
    found.texts("author", &author(one), &author(other));
    let none = RuntimeConfig::default();
    let run = |config: Option<&ImageConfig>| {
        config.map_or_else(|| none.clone(), |config| config.config.clone())
    };
    found.runtime(&run(one), &run(other));
    found.maps("annotations", &annotations(a), &annotations(b));
    found.0
}

/// What was found so far. What is empty counts as not stated.
struct Differences(Vec<ConfigDifference>);

impl Differences {
    fn runtime(&mut self, a: &RuntimeConfig, b: &RuntimeConfig) {
        self.texts("user", &a.user, &b.user);
        self.maps("env", &variables(&a.env), &variables(&b.env));
        self.words("entrypoint", &a.entrypoint, &b.entrypoint);
        self.words("cmd", &a.cmd, &b.cmd);
        self.texts("workingDir", &a.working_dir, &b.working_dir);
        self.sets("exposedPorts", &a.exposed_ports, &b.exposed_ports);
        self.sets("volumes", &a.volumes, &b.volumes);
        self.maps("labels", &a.labels, &b.labels);
        self.texts("stopSignal", &a.stop_signal, &b.stop_signal);
        self.numbers("stopTimeout", None, a.stop_timeout, b.stop_timeout);
        let none = Default::default();
        let (one, other) = (
            a.healthcheck.as_ref().unwrap_or(&none),
            b.healthcheck.as_ref().unwrap_or(&none),
        );
        self.words("healthcheck", &one.test, &other.test);
        for (name, one, other) in [
            ("interval", one.interval, other.interval),
            ("timeout", one.timeout, other.timeout),
            ("start_period", one.start_period, other.start_period),
            ("start_interval", one.start_interval, other.start_interval),
            ("retries", one.retries, other.retries),
        ] {
            self.numbers("healthcheck", Some(name), one, other);
        }
        self.words("onBuild", &a.on_build, &b.on_build);
        self.words("shell", &a.shell, &b.shell);
    }

    fn push(
        &mut self,
        field: &'static str,
        name: Option<&str>,
        a: Option<Vec<String>>,
        b: Option<Vec<String>>,
    ) {
        if a != b {
            let name = name.map(str::to_owned);
            self.0.push(ConfigDifference { field, name, a, b });
        }
    }

    fn texts(&mut self, field: &'static str, a: &Option<String>, b: &Option<String>) {
        let stated = |text: &Option<String>| {
            let text = text.as_ref().filter(|text| !text.is_empty());
            text.map(|text| vec![text.clone()])
        };
        self.push(field, None, stated(a), stated(b));
    }

    fn numbers(&mut self, field: &'static str, name: Option<&str>, a: Option<u64>, b: Option<u64>) {
        let stated = |number: Option<u64>| number.map(|number| vec![number.to_string()]);
        self.push(field, name, stated(a), stated(b));
    }

    fn words(&mut self, field: &'static str, a: &[String], b: &[String]) {
        let stated = |words: &[String]| (!words.is_empty()).then(|| words.to_vec());
        self.push(field, None, stated(a), stated(b));
    }

    /// Names that are there or not.
    fn sets(&mut self, field: &'static str, a: &[String], b: &[String]) {
        for (name, one, other) in both(&names(a), &names(b)) {
            let stated = |is: Option<&String>| is.map(|_| Vec::new());
            self.push(field, Some(name), stated(one), stated(other));
        }
    }

    fn maps(
        &mut self,
        field: &'static str,
        a: &BTreeMap<String, String>,
        b: &BTreeMap<String, String>,
    ) {
        for (name, one, other) in both(a, b) {
            let stated = |value: Option<&String>| value.map(|value| vec![value.clone()]);
            self.push(field, Some(name), stated(one), stated(other));
        }
    }
}

/// All names of two maps with what each has of them: first those of the first, then those that only the second has.
fn both<'m>(
    a: &'m BTreeMap<String, String>,
    b: &'m BTreeMap<String, String>,
) -> impl Iterator<Item = (&'m str, Option<&'m String>, Option<&'m String>)> {
    let of_a = a
        .iter()
        .map(|(name, value)| (name.as_str(), Some(value), b.get(name)));
    let only_b = b.iter().filter(|(name, _)| !a.contains_key(*name));
    of_a.chain(only_b.map(|(name, value)| (name.as_str(), None, Some(value))))
}

// Maps are filled one by one here: collecting them would bring a stable sort along.

/// Variables by name. Of a name that stands several times the last one counts, as runc has it.
fn variables(env: &[String]) -> BTreeMap<String, String> {
    let mut map = BTreeMap::new();
    for variable in env {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        map.insert(name.to_owned(), value.to_owned());
    }
    map
}

fn names(all: &[String]) -> BTreeMap<String, String> {
    let mut map = BTreeMap::new();
    for name in all {
        map.insert(name.clone(), String::new());
    }
    map
}

fn annotations(image: &Image) -> BTreeMap<String, String> {
    let manifest = (image.manifest.as_ref()).and_then(|blob| blob.parsed.as_ref().ok());
    let manifest = manifest.and_then(|document| document.as_image());
    manifest
        .map(|manifest| manifest.annotations.clone())
        .unwrap_or_default()
}
