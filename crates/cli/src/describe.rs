//! `file`: everything about one path.

use anyhow::{Result, bail};
use layerscope_inspect::content::ContentPlan;
use layerscope_inspect::elf::{self, Elf, Step};
use layerscope_inspect::examine::{self, HEAD};
use layerscope_inspect::session::Session;
use layerscope_inspect::view::{ContentView, Details, ElfView, FileReport, ScopeView};
use layerscope_oci::{Algorithm, Digester};

use crate::Outcome;
use crate::args::{Global, ScopeArgs, Trust};
use crate::drive::Driver;
use crate::opening::{failed, read, scope_of};
use crate::print::{self, Out};

pub(crate) fn run(
    out: &mut Out,
    global: &Global,
    source: &str,
    path: &str,
    scope: &ScopeArgs,
    trust: &Trust,
) -> Result<Outcome> {
    let (driver, session, outcome) = read(global, source, scope, trust)?;
    let scope = scope_of(scope);
    let node = session.entry_at(scope, path).map_err(failed)?;
    let Some(details) = session.details(scope, node) else {
        bail!("{path}: nothing is known of it");
    };
    let content = content(&driver, &session, scope, &details)?;
    let report = FileReport { details, content };
    if global.json {
        out.json(&report)?;
    } else {
        print::file::report(out, &report)?;
    }
    Ok(outcome)
}

/// What the bytes are of the file that is there, or that links lead to.
fn content(
    driver: &Driver,
    session: &Session,
    scope: ScopeView,
    details: &Details,
) -> Result<Option<ContentView>> {
    let (node, path) = match details.links.last() {
        Some(hop) => (hop.node, &hop.path),
        None => (Some(details.node), &details.path),
    };
    let plan = node.and_then(|node| session.content(scope, node, 0..u64::MAX));
    let Some(plan) = plan else { return Ok(None) };
    let mut digester = Digester::new(Algorithm::Sha256);
    let mut head = Vec::new();
    driver.content(&plan, &mut |bytes| {
        digester.update(bytes);
        let missing = HEAD.saturating_sub(head.len()).min(bytes.len());
        head.extend_from_slice(&bytes[..missing]);
    })?;
    let mut view = examine::content(path, plan.size, digester.finish().hex().to_owned(), &head);
    if view.kind == "elf" {
        view.elf = facts(driver, &plan, head, &|range| {
            node.and_then(|node| session.content(scope, node, range))
        })?;
    }
    Ok(Some(view))
}

/// Answers what is asked of an ELF file: out of its first bytes, or by reading it again from near there.
fn facts(
    driver: &Driver,
    whole: &ContentPlan,
    head: Vec<u8>,
    plan: &dyn Fn(std::ops::Range<u64>) -> Option<ContentPlan>,
) -> Result<Option<ElfView>> {
    let mut elf = Elf::new(whole.size);
    elf.provide(0, head);
    loop {
        match elf.poll() {
            Step::Done(facts) => return Ok(facts.map(|facts| elf::view(&facts))),
            Step::Read(range) => {
                let start = range.start;
                let mut bytes = Vec::new();
                if let Some(plan) = plan(range) {
                    driver.content(&plan, &mut |part| bytes.extend_from_slice(part))?;
                }
                elf.provide(start, bytes);
            }
        }
    }
}
