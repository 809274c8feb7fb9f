//! What each command does: open, read what it needs, print.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use layerscope_inspect::compare::Times;
use layerscope_inspect::facet::Query;
use layerscope_inspect::gate;
use layerscope_inspect::session::{Opening, Session};
use layerscope_inspect::verify;
use layerscope_inspect::view::{DiveFigures, ErrorView, ListEntry, Overview};
use layerscope_source::registry::Tags;
use layerscope_source::{ImageChoice, PlatformChoice, Select, Step};

use crate::args::{Arguments, Command, Global, ScopeArgs, Severity, Trust};
use crate::documents::Which;
use crate::drive::Reading;
use crate::opening::{
    configuration, failed, image, image_choice, one_image, open, overview, reach, read,
    read_layers, scope_of,
};
use crate::print::findings::Places;
use crate::print::{self, Out};
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
