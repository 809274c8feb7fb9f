//! Image configs: how an image runs, and what made each layer.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::fields::{Fields, Problems, problem};
use crate::{DiffId, Error, FieldProblem, Json, Platform, limits};

/// A field of an image config that is not as the specification says.
pub type ConfigProblem = FieldProblem;

/// An image config (image-spec, `config.md`; Docker's "Image Specification v1.2"), with the bytes it
/// was read from.
///
/// One malformed field never hides the others: it counts as absent, and is told in
/// [`problems`](Self::problems).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageConfig {
    /// The bytes, exactly as they came: the image id is their digest.
    pub raw: Arc<[u8]>,
    /// When the image was created, as it stands: not every writer follows RFC 3339.
    pub created: Option<String>,
    /// Who made it.
    pub author: Option<String>,
    /// The CPU architecture; empty when the document does not say.
    pub architecture: String,
    /// The operating system; empty when the document does not say.
    pub os: String,
    /// The operating system's version (`os.version`).
    pub os_version: Option<String>,
    /// Required features of the operating system (`os.features`).
    pub os_features: Vec<String>,
    /// The variant of the architecture.
    pub variant: Option<String>,
    /// How a container of it runs.
    pub config: RuntimeConfig,
    /// The layers' diff ids.
    pub rootfs: RootFs,
    /// The build steps, oldest first.
    pub history: Vec<HistoryEntry>,
    /// Every field that is missing or has the wrong type or form.
    pub problems: Vec<ConfigProblem>,
    /// The paths of JSON keys that stand twice in one object, as [`Json::duplicate_keys`] tells them.
    pub duplicate_keys: Vec<String>,
}

/// How a container of the image runs (the object `config`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuntimeConfig {
    /// `user[:group]`, by name or number.
    pub user: Option<String>,
    /// Environment variables, each `NAME=value`.
    pub env: Vec<String>,
    /// What is always run.
    pub entrypoint: Vec<String>,
    /// The arguments to it, or the command when there is no entrypoint.
    pub cmd: Vec<String>,
    /// The working directory.
    pub working_dir: Option<String>,
    /// Ports, each `port[/protocol]`, in the order of their names.
    pub exposed_ports: Vec<String>,
    /// Directories that should be volumes, in the order of their names.
    pub volumes: Vec<String>,
    /// Labels.
    pub labels: BTreeMap<String, String>,
    /// The signal that stops it.
    pub stop_signal: Option<String>,
    /// How long after that signal it is killed, in seconds (Docker).
    pub stop_timeout: Option<u64>,
    /// How Docker asks whether it is well.
    pub healthcheck: Option<Healthcheck>,
    /// Instructions for images that are built from this one (Docker).
    pub on_build: Vec<String>,
    /// The shell of `RUN`, `CMD` and `ENTRYPOINT` in their text form (Docker).
    pub shell: Vec<String>,
    /// Whether Windows receives the command line as it stands (Docker; deprecated in image-spec).
    pub args_escaped: Option<bool>,
}

/// Docker's health check. Durations are nanoseconds; 0 and absent mean the default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Healthcheck {
    /// `NONE`; or `CMD` and its arguments; or `CMD-SHELL` and a line.
    pub test: Vec<String>,
    /// Between two checks.
    pub interval: Option<u64>,
    /// Until one check counts as hanging.
    pub timeout: Option<u64>,
    /// While a starting container's failures do not count.
    pub start_period: Option<u64>,
    /// Between two checks in that time.
    pub start_interval: Option<u64>,
    /// How many failures make a container unhealthy.
    pub retries: Option<u64>,
}

/// The layers of an image by their uncompressed content (the object `rootfs`).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RootFs {
    /// The object's `type`; anything but `layers` is among the problems.
    pub kind: Option<String>,
    /// One for each layer, base first; `None` where the document has no well-formed digest, so that
    /// the others keep their places.
    pub diff_ids: Vec<Option<DiffId>>,
}

/// One step of an image's history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HistoryEntry {
    /// When it ran, as it stands.
    pub created: Option<String>,
    /// The instruction.
    pub created_by: Option<String>,
    /// Who ran it.
    pub author: Option<String>,
    /// A remark, such as `buildkit.dockerfile.v0`.
    pub comment: Option<String>,
    /// Whether the step made no layer.
    pub empty_layer: bool,
}

impl ImageConfig {
    /// Reads `raw`.
    ///
    /// # Errors
    /// [`Error::OverLimit`], [`Error::Encoding`] and [`Error::Json`] for bytes that are no usable
    /// JSON, and [`Error::Field`] for JSON that is no object. Nothing else.
    pub fn parse(raw: impl Into<Arc<[u8]>>) -> Result<Self, Error> {
        let raw = raw.into();
        let found = raw.len() as u64;
        if found > limits::CONFIG_BYTES {
            return Err(Error::OverLimit {
                what: "image config, bytes",
                limit: limits::CONFIG_BYTES,
                found,
            });
        }
        let (value, duplicate_keys) = Json::parse(&raw)?.into_parts();
        let fields = Fields::of(&value, "")?;
        let mut problems = Problems::default();
        for (name, expected) in [
            ("os", "a string"),
            ("architecture", "a string"),
            ("rootfs", "an object"),
        ] {
            if fields.get(name).is_none() {
                problems.note(fields.problem(name, expected));
            }
        }
        let platform = Platform::read(&fields, &mut problems);
        let config = problems.keep(fields.object("config")).flatten();
        let rootfs = problems.keep(fields.object("rootfs")).flatten();
        Ok(Self {
            created: text(&fields, "created", &mut problems),
            author: text(&fields, "author", &mut problems),
            architecture: platform.architecture,
            os: platform.os,
            os_version: platform.os_version,
            os_features: platform.os_features,
            variant: platform.variant,
            config: config
                .map(|fields| RuntimeConfig::read(&fields, &mut problems))
                .unwrap_or_default(),
            rootfs: rootfs
                .map(|fields| RootFs::read(&fields, &mut problems))
                .unwrap_or_default(),
            history: read_history(&fields, &mut problems),
            raw,
            problems: problems.into_vec(),
            duplicate_keys,
        })
    }

    /// The platform that the image is for; `None` when the config states no operating system or no
    /// architecture.
    pub fn platform(&self) -> Option<Platform> {
        if self.os.is_empty() || self.architecture.is_empty() {
            return None;
        }
        Some(Platform {
            os: self.os.clone(),
            architecture: self.architecture.clone(),
            variant: self.variant.clone(),
            os_version: self.os_version.clone(),
            os_features: self.os_features.clone(),
        })
    }
}

impl RuntimeConfig {
    fn read(fields: &Fields<'_>, problems: &mut Problems) -> Self {
        let healthcheck = problems.keep(fields.object("Healthcheck")).flatten();
        Self {
            user: text(fields, "User", problems),
            env: fields.texts("Env", problems),
            entrypoint: words(fields, "Entrypoint", problems),
            cmd: words(fields, "Cmd", problems),
            working_dir: text(fields, "WorkingDir", problems),
            exposed_ports: fields.set("ExposedPorts", problems),
            volumes: fields.set("Volumes", problems),
            labels: fields.text_map("Labels", problems),
            stop_signal: text(fields, "StopSignal", problems),
            stop_timeout: problems.keep(fields.count("StopTimeout")).flatten(),
            healthcheck: healthcheck.map(|fields| Healthcheck::read(&fields, problems)),
            on_build: fields.texts("OnBuild", problems),
            shell: words(fields, "Shell", problems),
            args_escaped: problems.keep(fields.flag("ArgsEscaped")).flatten(),
        }
    }
}

impl Healthcheck {
    fn read(fields: &Fields<'_>, problems: &mut Problems) -> Self {
        let mut count = |name| problems.keep(fields.count(name)).flatten();
        Self {
            interval: count("Interval"),
            timeout: count("Timeout"),
            start_period: count("StartPeriod"),
            start_interval: count("StartInterval"),
            retries: count("Retries"),
            test: words(fields, "Test", problems),
        }
    }
}

impl RootFs {
    /// The diff id of the layer at `position`, base first, from 0.
    pub fn diff_id(&self, position: usize) -> Option<&DiffId> {
        self.diff_ids.get(position)?.as_ref()
    }

    fn read(fields: &Fields<'_>, problems: &mut Problems) -> Self {
        let kind = fields.text("type").ok().flatten();
        if kind != Some("layers") {
            problems.note(fields.problem("type", "the string \"layers\""));
        }
        let diff_id = |(path, item): (String, &Value)| match item {
            Value::String(text) => text.parse().map_err(|error| match error {
                Error::Digest { expected, .. } => problem(path, expected, Some(item)),
                _ => problem(path, "a digest", Some(item)),
            }),
            _ => Err(problem(path, "a digest", Some(item))),
        };
        let items = bounded(fields, "diff_ids", problems);
        let diff_ids = items.map(|item| problems.keep(diff_id(item))).collect();
        Self {
            kind: kind.map(str::to_owned),
            diff_ids,
        }
    }
}

impl HistoryEntry {
    fn read(fields: &Fields<'_>, problems: &mut Problems) -> Self {
        Self {
            created: text(fields, "created", problems),
            created_by: text(fields, "created_by", problems),
            author: text(fields, "author", problems),
            comment: text(fields, "comment", problems),
            empty_layer: problems
                .keep(fields.flag("empty_layer"))
                .flatten()
                .unwrap_or(false),
        }
    }
}

/// The steps. One that is malformed is kept as an empty one, because steps are matched with layers by
/// their order.
fn read_history(fields: &Fields<'_>, problems: &mut Problems) -> Vec<HistoryEntry> {
    let entry = |(path, item): (String, &Value), problems: &mut Problems| {
        let fields = problems.keep(Fields::of(item, &path));
        fields
            .map(|fields| HistoryEntry::read(&fields, problems))
            .unwrap_or_default()
    };
    let items = bounded(fields, "history", problems);
    items.map(|item| entry(item, problems)).collect()
}

fn text(fields: &Fields<'_>, name: &str, problems: &mut Problems) -> Option<String> {
    problems
        .keep(fields.text(name))
        .flatten()
        .map(str::to_owned)
}

/// A command: a list of words, or, as Docker once wrote it, one string.
fn words(fields: &Fields<'_>, name: &str, problems: &mut Problems) -> Vec<String> {
    match fields.text(name) {
        Ok(Some(line)) => {
            problems.note(fields.problem(name, "a list"));
            vec![line.to_owned()]
        }
        _ => fields.texts(name, problems),
    }
}

/// The first [`limits::HISTORY`] items of a list; that there are more is noted.
fn bounded<'a>(
    fields: &Fields<'a>,
    name: &str,
    problems: &mut Problems,
) -> impl Iterator<Item = (String, &'a Value)> + use<'a> {
    let items = problems.keep(fields.list(name));
    if let Some(items) = &items
        && items.len() > limits::HISTORY
    {
        problems.note(FieldProblem {
            path: fields.path(name),
            expected: "fewer items",
            found: format!(
                "{}, of which the first {} are read",
                items.len(),
                limits::HISTORY
            ),
        });
    }
    items.into_iter().flatten().take(limits::HISTORY)
}
