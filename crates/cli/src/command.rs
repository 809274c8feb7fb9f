//! What each command does: open, read what it needs, print.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use layerscope_inspect::compare::Times;
use layerscope_inspect::facet::Query;
use layerscope_inspect::gate;
use layerscope_inspect::session::{Opening, Session};
use layerscope_inspect::verify;
use layerscope_inspect::view::{DiveFigures, ErrorView, ImageView, ListEntry, Overview, ScopeView};
use layerscope_oci::Platform;
use layerscope_source::registry::Tags;
use layerscope_source::{ImageChoice, ImageState, PlatformChoice, Select, Step};

use crate::args::{Arguments, Command, Global, ScopeArgs, Severity, Trust};
use crate::config::Config;
use crate::credentials::Credentials;
use crate::documents::Which;
use crate::drive::{Bytes, Driver, Reading};
use crate::fetch::Client;
use crate::file::{Archive, Layout};
use crate::location::Location;
use crate::messages::Messages;
use crate::print::findings::Places;
use crate::print::{self, Out};
use crate::progress::Progress;
use crate::{Outcome, cache, describe, diff, documents, referrers, say, serve};

/// Runs the command that was asked for.
pub(crate) fn run(arguments: &Arguments) -> Result<Outcome> {
    let global = &arguments.global;
    let mut out = Out::new(global.color);
    let outcome = match &arguments.command {
        Command::Inspect { source } => inspect(&mut out, global, source),
        Command::Manifest { source, raw } => {
            documents::print(&mut out, global, source, Which::Manifest, *raw)
        }
        Command::Config { source, raw } => {
            documents::print(&mut out, global, source, Which::Config, *raw)
        }
        Command::Platforms { source } => platforms(&mut out, global, source),
        Command::History { source, no_trunc } => history(&mut out, global, source, *no_trunc),
        Command::Layers { source, no_verify } => layers(&mut out, global, source, *no_verify),
        Command::Ls {
            source,
            path,
            scope,
            long,
            recursive,
            trust,
        } => {
            let (_, session, outcome) = read(global, source, scope, trust)?;
            let mut entries = Vec::new();
            let end = session.list(scope_of(scope), path, *recursive, &mut |entry| {
                entries.push(entry)
            });
            listed(&mut out, global, &entries, *long, end)?;
            Ok(outcome)
        }
        Command::Find {
            source,
            pattern,
            scope,
            trust,
        } => {
            let query = Query::read(pattern)?;
            let (_, session, outcome) = read(global, source, scope, trust)?;
            let mut entries = Vec::new();
            let end = session.find(scope_of(scope), query, &mut |entry| entries.push(entry));
            listed(&mut out, global, &entries, false, end)?;
            Ok(outcome)
        }
        Command::Tree {
            source,
            path,
            scope,
            depth,
            trust,
        } => {
            let (_, session, outcome) = read(global, source, scope, trust)?;
            tree(&mut out, global, &session, path, scope, *depth)?;
            Ok(outcome)
        }
        Command::Cat {
            source,
            path,
            scope,
            trust,
        } => cat(&mut out, global, source, path, scope, trust),
        Command::File {
            source,
            path,
            scope,
            trust,
        } => describe::run(&mut out, global, source, path, scope, trust),
        Command::Waste { source, top, ci } => waste(&mut out, global, source, *top, ci.as_ref()),
        Command::Findings {
            source,
            all,
            fail_on,
        } => {
            let places = if *all { Places::All } else { Places::Few };
            findings(&mut out, global, source, places, *fail_on)
        }
        Command::Diff {
            a,
            b,
            path,
            ignore_timestamps,
            sides,
        } => {
            let times = match ignore_timestamps {
                true => Times::Ignored,
                false => Times::Compared,
            };
            diff::run(&mut out, global, [a, b], sides, path.as_deref(), times)
        }
        Command::Referrers { source, digest } => {
            referrers::run(&mut out, global, source, digest.as_deref())
        }
        Command::Verify { source } => verify(&mut out, global, source),
        Command::Cache { action } => cache::run(&mut out, global, *action),
        Command::Tags { reference } => tags(&mut out, global, reference),
        Command::Serve {
            source,
            listen,
            allow_registry,
            no_open,
        } => {
            let config = configuration(global)?;
            serve::run(
                &mut out,
                global,
                &config,
                &serve::Wanted {
                    source: source.as_deref(),
                    listen: *listen,
                    allow_registry,
                    no_open: *no_open,
                },
            )
        }
    }?;
    out.flush()?;
    Ok(outcome)
}

pub(crate) fn configuration(global: &Global) -> Result<Config> {
    Config::read(global.config.as_deref(), &global.registry_mirror)
}

pub(crate) fn failed(error: ErrorView) -> anyhow::Error {
    anyhow::anyhow!(error.text)
}

/// The driver and the opening for a SOURCE.
fn reach(global: &Global, source: &str) -> Result<(Driver, Opening)> {
    let config = configuration(global)?;
    let location = Location::read(source)?;
    let name = location.name();
    let (bytes, opening) = match location {
        Location::Archive(path) => {
            let archive = Archive::open(&path)?;
            let size = archive.size;
            (Bytes::Archive(archive), Opening::Archive { name, size })
        }
        Location::Layout { directory, tag } => (
            Bytes::Layout(Layout::open(&directory)?),
            Opening::Layout { name, tag },
        ),
        Location::Registry(reference) => {
            let access = config.access(&reference, &Credentials::read()?)?;
            let client = Client::new(&config.authorities()?)?;
            (
                Bytes::Registry(client),
                Opening::Registry { reference, access },
            )
        }
    };
    // What was read within other limits than the usual ones is another thing.
    let store = match !global.no_cache && global.budget.is_usual() {
        true => config.store(),
        false => None,
    };
    let progress = Progress::new(global.quiet);
    let driver = Driver::new(bytes, progress, global.budget.limits(), store);
    Ok((driver, opening))
}

/// One image: the one that was asked for, or else the first, for this machine's platform if there is a choice.
fn one_image(platform: Option<&str>, image: Option<&str>) -> Result<Select> {
    let platform = match platform {
        Some(text) => PlatformChoice::Only(text.parse()?),
        None => PlatformChoice::Default(Platform::new("linux", architecture())),
    };
    Ok(Select {
        image: image.map(image_choice).unwrap_or_default(),
        platform,
    })
}

fn image_choice(image: &str) -> ImageChoice {
    match image.parse() {
        Ok(number) => ImageChoice::Number(number),
        Err(_) => ImageChoice::Name(image.to_owned()),
    }
}

/// This machine's architecture in Go's words, which platforms use.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "powerpc64" => "ppc64le",
        other => other,
    }
}

/// Opens a source and makes sure that there is an image to look at.
pub(crate) fn open(global: &Global, source: &str) -> Result<(Driver, Session)> {
    let (platform, image) = (global.platform.as_deref(), global.image.as_deref());
    open_one(global, source, platform, image)
}

/// The same for a platform and an image that are asked for of this source.
pub(crate) fn open_one(
    global: &Global,
    source: &str,
    platform: Option<&str>,
    image: Option<&str>,
) -> Result<(Driver, Session)> {
    let (driver, opening) = reach(global, source)?;
    let session = driver.open(opening, one_image(platform, image)?)?;
    match session.image().map(|image| &image.state) {
        Some(ImageState::Ready) => Ok((driver, session)),
        Some(ImageState::Failed(error)) => bail!("{error}"),
        Some(ImageState::Absent) => {
            bail!("{source}: the blobs of this image are not in the source")
        }
        Some(ImageState::NotAsked) | None => {
            bail!("{source}: no image to look at; `layerscope platforms` lists what there is")
        }
    }
}

pub(crate) fn overview(session: &Session) -> Result<Overview> {
    match session.overview() {
        Some(overview) => Ok(overview),
        None => bail!("nothing is known of the source"),
    }
}

pub(crate) fn image(session: &Session) -> Result<ImageView> {
    match overview(session)?.image {
        Some(image) => Ok(image),
        None => bail!("no image was chosen"),
    }
}

/// Opens a source, reads the layers that a look at files needs, and says what did not verify.
pub(crate) fn read(
    global: &Global,
    source: &str,
    scope: &ScopeArgs,
    trust: &Trust,
) -> Result<(Driver, Session, Outcome)> {
    let (driver, mut session) = open(global, source)?;
    let outcome = read_layers(global, &driver, &mut session, scope, trust)?;
    cache::remark(global, &image(&session)?, 0);
    Ok((driver, session, outcome))
}

pub(crate) fn read_layers(
    global: &Global,
    driver: &Driver,
    session: &mut Session,
    scope: &ScopeArgs,
    trust: &Trust,
) -> Result<Outcome> {
    if let Some(layer) = scope.layer {
        let count = session.image().map_or(0, |image| image.layers.len());
        if usize::from(layer) >= count {
            bail!("--layer {layer}: the image has {count} layers, numbered from 0");
        }
        session.read_only(usize::from(layer));
    }
    let reading = if trust.no_verify {
        Reading::List
    } else {
        Reading::Look
    };
    if trust.no_verify {
        session.read_on_demand(0);
        // What is known, and what is small.
        driver.scan(session, reading);
        if session.search_tables(global.budget.limits()) {
            driver.resolve(session)?;
        }
        session.read_unlisted();
    }
    driver.scan(session, reading);
    let messages = Messages::of_locale();
    let mut outcome = match trust.no_verify {
        true => Outcome::Fine,
        false => documents::check(session)?,
    };
    let overview = overview(session)?;
    if !global.quiet {
        overview.findings.iter().for_each(|finding| {
            if finding.id == "toc-refused" {
                say(&about_layer(
                    &messages,
                    finding.layer,
                    &messages.finding(finding),
                ));
            }
        });
    }
    let Some(image) = overview.image else {
        bail!("no image was chosen");
    };
    for layer in &image.layers {
        if let (Some(table), false) = (&layer.table, global.quiet) {
            let key = if table.authenticated {
                "preview.checked"
            } else {
                "preview.unchecked"
            };
            let size = print::size(table.fetched);
            let words = messages.sentence(key, &[("format", table.format), ("size", &size)]);
            let preview = messages.sentence("layer.preview", &[]);
            let words = format!("{preview}: {words}");
            say(&about_layer(&messages, Some(layer.number), &words));
        }
        let looked_at = scope
            .layer
            .is_none_or(|wanted| usize::from(wanted) == layer.number);
        let broken = matches!(layer.state, "mismatch" | "failed" | "absent" | "foreign");
        let trusted = matches!(layer.state, "verified" | "known" | "not-a-layer");
        if !looked_at
            || trusted
            || (trust.no_verify
                && layer.error.is_none()
                && !matches!(layer.state, "absent" | "foreign"))
        {
            continue;
        }
        if broken {
            outcome = Outcome::NotVerified;
        }
        if !global.quiet || broken {
            let why = layer
                .error
                .as_ref()
                .map(|error| format!(": {}", messages.error(error)))
                .unwrap_or_default();
            let words = format!("{}{why}", layer.state);
            say(&about_layer(&messages, Some(layer.number), &words));
        }
    }
    Ok(outcome)
}

/// A remark about a layer.
fn about_layer(messages: &Messages, layer: Option<usize>, words: &str) -> String {
    let number = layer.map(|number| number.to_string()).unwrap_or_default();
    let what = messages.sentence("cli.layer", &[("number", &number)]);
    format!("layerscope: {what}: {words}")
}

pub(crate) fn scope_of(scope: &ScopeArgs) -> ScopeView {
    match scope.layer {
        Some(layer) if !scope.merged => ScopeView::Layer { layer },
        _ => ScopeView::Merged,
    }
}

fn inspect(out: &mut Out, global: &Global, source: &str) -> Result<Outcome> {
    let (_, session) = open(global, source)?;
    let overview = overview(&session)?;
    if global.json {
        out.json(&overview)?;
    } else {
        print::image::overview(out, &overview)?;
    }
    documents::check(&session)
}

fn platforms(out: &mut Out, global: &Global, source: &str) -> Result<Outcome> {
    let (driver, opening) = reach(global, source)?;
    let (platform, image) = (global.platform.as_deref(), global.image.as_deref());
    let session = driver.open(opening, one_image(platform, image)?)?;
    let overview = overview(&session)?;
    if global.json {
        out.json(&overview.choices)?;
    } else {
        print::image::platforms(out, &overview.choices, overview.chosen)?;
    }
    Ok(Outcome::Fine)
}

fn history(out: &mut Out, global: &Global, source: &str, whole: bool) -> Result<Outcome> {
    let (_, session) = open(global, source)?;
    let image = image(&session)?;
    if global.json {
        out.json(&image.steps)?;
    } else {
        print::image::history(out, &image, whole)?;
    }
    documents::check(&session)
}

fn layers(out: &mut Out, global: &Global, source: &str, no_verify: bool) -> Result<Outcome> {
    let (driver, mut session) = open(global, source)?;
    let mut outcome = Outcome::Fine;
    if !no_verify {
        let all = ScopeArgs {
            layer: None,
            merged: true,
        };
        outcome = read_layers(
            global,
            &driver,
            &mut session,
            &all,
            &Trust { no_verify: false },
        )?;
    }
    let image = image(&session)?;
    cache::remark(global, &image, 0);
    if global.json {
        out.json(&image.layers)?;
    } else {
        print::image::layers(out, &image.layers)?;
    }
    Ok(outcome)
}

fn list(out: &mut Out, global: &Global, entries: &[ListEntry], long: bool) -> Result<()> {
    if global.json {
        out.json(entries)
    } else {
        print::files::list(out, entries, long)
    }
}

fn tree(
    out: &mut Out,
    global: &Global,
    session: &Session,
    path: &str,
    scope: &ScopeArgs,
    depth: Option<u32>,
) -> Result<()> {
    let mut entries = Vec::new();
    let limit = depth.map_or(usize::MAX, |depth| {
        print::files::depth(path).saturating_add(depth as usize)
    });
    session
        .list(scope_of(scope), path, true, &mut |entry| {
            if print::files::depth(&entry.path) <= limit {
                entries.push(entry);
            }
        })
        .map_err(failed)?;
    if global.json {
        out.json(&entries)
    } else {
        print::files::tree(out, path, &entries)
    }
}

/// Prints what could be listed, and then why no more.
fn listed(
    out: &mut Out,
    global: &Global,
    entries: &[ListEntry],
    long: bool,
    end: Result<(), ErrorView>,
) -> Result<()> {
    if end.is_ok() || !entries.is_empty() {
        list(out, global, entries, long)?;
    }
    end.map_err(failed)
}

fn cat(
    out: &mut Out,
    global: &Global,
    source: &str,
    path: &str,
    scope: &ScopeArgs,
    trust: &Trust,
) -> Result<Outcome> {
    if global.json {
        bail!("cat writes a file's bytes: --json does not apply");
    }
    let (driver, session, outcome) = read(global, source, scope, trust)?;
    let plan = session.content_at(scope_of(scope), path).map_err(failed)?;
    let mut written = Ok(());
    driver.content(&plan, &mut |bytes| {
        if written.is_ok() {
            written = out.raw(bytes);
        }
    })?;
    written?;
    Ok(outcome)
}

fn waste(
    out: &mut Out,
    global: &Global,
    source: &str,
    top: usize,
    ci: Option<&Option<PathBuf>>,
) -> Result<Outcome> {
    let rules = ci.map(|file| rules(file.as_deref())).transpose()?;
    if let Some(rules) = &rules {
        // What cannot be judged by need not be read for.
        gate::judge(rules, &DiveFigures::default()).map_err(failed)?;
    }
    let all = ScopeArgs {
        layer: None,
        merged: true,
    };
    let (driver, mut session) = open(global, source)?;
    if rules.is_some() {
        // A gate is not passed on the strength of what was there another time.
        driver.scan(&mut session, Reading::Verify);
    }
    let trust = Trust { no_verify: false };
    let mut outcome = read_layers(global, &driver, &mut session, &all, &trust)?;
    cache::remark(global, &image(&session)?, 0);
    let mut report = session.waste();
    if let Some(rules) = rules {
        let gate = gate::judge(&rules, &report.dive).map_err(failed)?;
        if !gate.passed {
            outcome = Outcome::NotVerified;
        }
        report.gate = Some(gate);
    }
    if global.json {
        out.json(&report)?;
    } else {
        print::report::waste(out, &report, top)?;
    }
    Ok(outcome)
}

/// The text of a file of rules. The usual file need not be there.
fn rules(named: Option<&Path>) -> Result<String> {
    let file = named.unwrap_or(Path::new(".dive-ci"));
    match std::fs::read_to_string(file) {
        Err(error) if named.is_none() && error.kind() == std::io::ErrorKind::NotFound => {
            Ok(String::new())
        }
        read => read.with_context(|| file.display().to_string()),
    }
}

fn findings(
    out: &mut Out,
    global: &Global,
    source: &str,
    places: Places,
    fail_on: Option<Severity>,
) -> Result<Outcome> {
    let (driver, mut session) = open(global, source)?;
    // A gate is not passed on the strength of what was there another time.
    let reading = match fail_on {
        Some(_) => Reading::Verify,
        None => Reading::Look,
    };
    driver.scan(&mut session, reading);
    let Overview {
        image, findings, ..
    } = overview(&session)?;
    let Some(image) = image else {
        bail!("no image was chosen");
    };
    cache::remark(global, &image, 0);
    if global.json {
        print::findings::json(out, &findings)?;
    } else {
        print::findings::findings(out, &findings, places)?;
    }
    let failing: &[&str] = match fail_on {
        None => &[],
        Some(Severity::High) => &["high"],
        Some(Severity::Warning) => &["high", "warning"],
        Some(Severity::Info) => &["high", "warning", "info"],
    };
    let fails = findings.iter().any(|it| failing.contains(&it.severity));
    Ok(if fails {
        Outcome::NotVerified
    } else {
        Outcome::Fine
    })
}

fn verify(out: &mut Out, global: &Global, source: &str) -> Result<Outcome> {
    let (driver, opening) = reach(global, source)?;
    let platform = match &global.platform {
        Some(text) => PlatformChoice::Only(text.parse()?),
        None => PlatformChoice::All,
    };
    let select = Select {
        image: (global.image.as_deref()).map_or(ImageChoice::All, image_choice),
        platform,
    };
    let mut session = Session::verifying(opening, select);
    driver.resolve(&mut session)?;
    driver.scan(&mut session, Reading::Verify);
    let report = verify::report(&session);
    if global.json {
        out.json(&report)?;
    } else {
        print::report::verify(out, &report)?;
    }
    Ok(if report.verified {
        Outcome::Fine
    } else {
        Outcome::NotVerified
    })
}

fn tags(out: &mut Out, global: &Global, reference: &str) -> Result<Outcome> {
    let (driver, opening) = reach(global, reference)?;
    let Opening::Registry { access, .. } = opening else {
        bail!("{reference}: only a registry has tags; a reference is forced with docker://");
    };
    let mut tags = Tags::new(access);
    let found = loop {
        match tags.poll() {
            Step::Ask(asks) => {
                for (id, reply) in driver.answer(asks) {
                    tags.provide(id, reply);
                }
            }
            Step::Waiting => bail!("the registry's answer was not asked for"),
            Step::Done(found) => break found,
            Step::Failed(error) => return Err(error.into()),
        }
    };
    if let Some(error) = &found.stopped {
        let words = out.words("cli.tags.cut");
        say(&format!("layerscope: {words}: {error}"));
    }
    if found.refused > 0 {
        let count = found.refused.to_string();
        let words = out.messages.sentence("cli.tags.refused", &[("n", &count)]);
        say(&format!("layerscope: {words}"));
    }
    if global.json {
        out.json(&found.names)?;
    } else {
        for tag in &found.names {
            out.line(&print::show(tag))?;
        }
    }
    Ok(Outcome::Fine)
}
