//! Findings: what is odd about an image, with the facts from which sentences are made.
//!
//! The crates below note oddities where they meet them; here they get a severity, and a place in
//! the words of the page. The sentence of a finding is `finding.<id>` in the message catalogue, and what a
//! runtime would do about it `finding.<id>.runtime`.

use std::collections::BTreeMap;
use std::fmt::Display;

use layerscope_layer::{LayerIndex, Oddity, ScannedLayer};
use layerscope_source::{Blob, Layer};

use crate::credit::Credit;
use crate::display;
use crate::files::path_and_base64;
use crate::history;
use crate::overview::{config_of, planned_size};
use crate::scan::{Standing, unchecked};
use crate::session::Session;
use crate::severity::severity;
use crate::view::{FindingView, ScopeView};

/// All findings about the chosen image and its source: the gravest first, then source, layers, tree.
#[must_use]
pub(crate) fn of(session: &Session) -> Vec<FindingView> {
    let mut findings = source(session);
    findings.extend(image(session));
    findings.extend(layers(session));
    let (mut high, rest): (Vec<_>, Vec<_>) =
        findings.into_iter().partition(|it| it.severity == "high");
    let (warnings, rest): (Vec<_>, Vec<_>) =
        rest.into_iter().partition(|it| it.severity == "warning");
    high.extend(warnings.into_iter().chain(rest));
    high
}

fn finding(id: &'static str) -> FindingView {
    FindingView {
        id,
        severity: severity(id),
        layer: None,
        digest: None,
        path: None,
        path_base64: None,
        offset: None,
        args: BTreeMap::new(),
    }
}

impl FindingView {
    fn with(mut self, name: &str, value: &dyn Display) -> FindingView {
        self.args.insert(name.to_owned(), value.to_string());
        self
    }

    fn at_path(mut self, path: &[u8]) -> FindingView {
        let (path, base64) = path_and_base64(path);
        self.path = Some(path);
        self.path_base64 = base64;
        self
    }
}

fn source(session: &Session) -> Vec<FindingView> {
    let Some(resolved) = session.resolved() else {
        return Vec::new();
    };
    resolved
        .oddities
        .iter()
        .map(|oddity| {
            let mut finding = finding(oddity.kind.name()).with("at", &oddity.at);
            if let Some(expected) = &oddity.expected {
                finding = finding.with("expected", expected);
            }
            if let Some(found) = &oddity.found {
                finding = finding.with("found", found);
            }
            finding
        })
        .collect()
}

fn image(session: &Session) -> Vec<FindingView> {
    let (Some(resolved), Some(image)) = (session.resolved(), session.image()) else {
        return Vec::new();
    };
    let credit = Credit::of(resolved, image);
    let indexes = resolved.indexes.iter();
    let indexes = indexes.filter_map(|blob| mismatch("index", blob, blob.is_verified()));
    let manifest = image.manifest.as_ref();
    let manifest = manifest.and_then(|blob| mismatch("manifest", blob, credit.manifest_ok(blob)));
    let config = image.config.as_ref();
    let config = config.and_then(|blob| mismatch("config", blob, credit.config_ok(blob)));
    let mut findings: Vec<FindingView> = indexes.chain(manifest).chain(config).collect();
    if let Some(config) = config_of(image) {
        let aligned = history::align(&config.history, image.layers.len());
        if aligned.surplus > 0 {
            findings.push(finding("history-too-long").with("count", &aligned.surplus));
        }
        if aligned.missing > 0 && !config.history.is_empty() {
            findings.push(finding("history-too-short").with("count", &aligned.missing));
        }
    }
    findings
}

fn mismatch<T>(what: &str, blob: &Blob<T>, ok: Option<bool>) -> Option<FindingView> {
    let stated = blob.stated.as_ref().filter(|_| ok == Some(false))?;
    let mut finding = finding("blob-mismatch")
        .with("what", &what)
        .with("expected", stated)
        .with("found", &blob.found);
    finding.digest = Some(stated.to_string());
    Some(finding)
}

fn layers(session: &Session) -> Vec<FindingView> {
    let (Some(image), Some(credit)) = (session.image(), session.credit()) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let standings = session.standings(image);
    for (number, (layer, standing)) in image.layers.iter().zip(&standings).enumerate() {
        let before = findings.len();
        let believed = credit.expected(layer, standing.scanned());
        if standing.state(&believed) == "mismatch" {
            findings.push(finding("layer-mismatch"));
        }
        if let Some(error) = session.table_refused(layer) {
            findings.push(finding("toc-refused").with("why", &error.text));
        }
        match standing {
            Standing::Failed(error) => {
                findings.push(finding("layer-failed").with("why", &error.text));
            }
            Standing::Absent => findings.push(finding("layer-absent")),
            Standing::Foreign(urls) => {
                findings.push(finding("layer-foreign").with("urls", &urls.join(" ")));
            }
            Standing::Read { scanned, .. } => {
                if let Some((stated, found)) = unchecked(scanned, &believed) {
                    let unchecked = finding("digest-unchecked").with("expected", stated);
                    findings.push(unchecked.with("found", found));
                }
                findings.extend(stopped(layer, scanned));
                // What was scanned before its manifest was read is held against the media type only now.
                let late = layer.expected.media_type.as_ref();
                let late = late.and_then(|stated| scanned.media_type_mismatch(stated));
                let late = late.filter(|late| scanned.oddity_counts.of(late.kind) == 0);
                let oddities = scanned.oddities.iter().chain(&late);
                findings.extend(oddities.map(|oddity| of_layer(oddity, &scanned.index)));
                for (kind, count) in scanned.oddity_counts.iter() {
                    let told = scanned.oddities.iter().filter(|it| it.kind == kind).count() as u64;
                    findings.extend(more(kind.name(), count.saturating_sub(told)));
                }
            }
            Standing::Pending { .. } | Standing::Reading { .. } | Standing::NotALayer => {}
        }
        for finding in findings.iter_mut().skip(before) {
            finding.layer = Some(number);
        }
    }
    if !standings.is_empty() && standings.iter().all(|standing| standing.is_settled()) {
        let indexes = session.indexes();
        findings.extend(session.with_tree(ScopeView::Merged, |tree| {
            let oddities = tree.oddities();
            let kept = oddities.kept().iter().map(|oddity| {
                let mut found = finding(oddity.kind.name());
                found.layer = Some(usize::from(oddity.at.layer));
                // What is not applied has no node, and still a name.
                let node = oddity.node.map(|node| tree.path(node));
                let entry = || {
                    path_of(
                        indexes.get(usize::from(oddity.at.layer))?.as_ref()?,
                        oddity.at.entry as usize,
                    )
                };
                match node.or_else(entry) {
                    Some(path) => found.at_path(&path),
                    None => found,
                }
            });
            let rest = layerscope_tree::OddityKind::ALL.iter().filter_map(|kind| {
                let told = oddities.kept().iter().filter(|it| it.kind == *kind).count() as u64;
                more(
                    kind.name(),
                    u64::from(oddities.count(*kind)).saturating_sub(told),
                )
            });
            kept.chain(rest).collect::<Vec<_>>()
        }));
    }
    for finding in &mut findings {
        let layer = finding.layer.and_then(|number| image.layers.get(number));
        let stated = layer.map(|layer| &layer.expected);
        finding.digest = stated.and_then(|stated| {
            let diff_id = stated.diff_id.as_ref().map(|it| it.digest());
            stated.digest.as_ref().or(diff_id).map(ToString::to_string)
        });
    }
    findings
}

/// The path of an entry, from `/`.
fn path_of(index: &LayerIndex, entry: usize) -> Option<Vec<u8>> {
    let path = index.path(entry)?;
    Some([b"/", path.strip_prefix(b"/").unwrap_or(path)].concat())
}

fn of_layer(oddity: &Oddity, index: &LayerIndex) -> FindingView {
    let mut found = finding(oddity.kind.name());
    found.offset = Some(oddity.offset);
    for (name, value) in oddity.args() {
        // An entry is told by its number, and a person wants to know its path.
        let number = std::str::from_utf8(value).ok().filter(|_| name == "first");
        let path = number.and_then(|number| path_of(index, number.parse().ok()?));
        found = found.with(name, &display::stored(path.as_deref().unwrap_or(value)));
    }
    match oddity
        .entry
        .and_then(|entry| path_of(index, entry as usize))
    {
        Some(path) => found.at_path(&path),
        None => found,
    }
}

/// Where reading stopped, if it did before the end of the layer.
fn stopped(layer: &Layer, scanned: &ScannedLayer) -> Option<FindingView> {
    let failure = scanned.failure.as_ref()?;
    let read = scanned.found.size;
    let mut finding = finding("layer-stopped")
        .with("entries", &scanned.index.len())
        .with("at", &failure.offset().unwrap_or(read))
        .with("read", &read)
        .with("total", &planned_size(layer).unwrap_or(read))
        .with("why", failure);
    finding.offset = failure.offset();
    Some(finding)
}

/// Says that there are more of a kind than are kept.
fn more(id: &'static str, count: u64) -> Option<FindingView> {
    let more = finding("more-of-a-kind")
        .with("kind", &id)
        .with("count", &count);
    let severity = severity(id);
    (count > 0).then_some(FindingView { severity, ..more })
}
