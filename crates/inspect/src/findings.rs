//! Findings: what is odd about an image, with the facts from which sentences are made.
//!
//! The crates below note oddities where they meet them; here they get a severity, and a place in
//! the words of the page. The sentence of a finding is `finding.<id>` in the message catalogue.

use std::collections::BTreeMap;

use layerscope_layer::OddityKind as LayerOddity;
use layerscope_source::{Blob, OddityKind as SourceOddity};
use layerscope_tree::OddityKind as TreeOddity;

use crate::credit::Credit;
use crate::display;
use crate::history;
use crate::overview::config_of;
use crate::scan::Standing;
use crate::session::Session;
use crate::view::{FindingView, ScopeView};

/// All findings about the chosen image and its source: the gravest first, then source, layers, tree.
#[must_use]
pub(crate) fn of(session: &Session) -> Vec<FindingView> {
    let mut findings = source(session);
    findings.extend(image(session));
    findings.extend(layers(session));
    let (high, rest): (Vec<_>, Vec<_>) = findings
        .into_iter()
        .partition(|finding| finding.severity == "high");
    let (warnings, rest): (Vec<_>, Vec<_>) = rest
        .into_iter()
        .partition(|finding| finding.severity == "warning");
    [high, warnings, rest].concat()
}

fn finding(id: &str, severity: &'static str) -> FindingView {
    FindingView {
        id: id.to_owned(),
        severity,
        layer: None,
        path: None,
        args: BTreeMap::new(),
    }
}

impl FindingView {
    fn with(mut self, name: &str, value: impl ToString) -> FindingView {
        self.args.insert(name.to_owned(), value.to_string());
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
            let mut finding =
                finding(oddity.kind.name(), source_severity(oddity.kind)).with("at", &oddity.at);
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

fn source_severity(kind: SourceOddity) -> &'static str {
    match kind {
        SourceOddity::DuplicateKeys
        | SourceOddity::PlatformConflict
        | SourceOddity::LayerCount
        | SourceOddity::InlineMismatch
        | SourceOddity::DigestHeader
        | SourceOddity::ManifestsDisagree
        | SourceOddity::ArchiveCut => "high",
        SourceOddity::NoLayoutFile | SourceOddity::SeveralMatches | SourceOddity::LargeManifest => {
            "info"
        }
        _ => "warning",
    }
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
            findings.push(finding("history-too-long", "warning").with("count", aligned.surplus));
        }
        if aligned.missing > 0 && !config.history.is_empty() {
            findings.push(finding("history-too-short", "warning").with("count", aligned.missing));
        }
    }
    findings
}

fn mismatch<T>(what: &str, blob: &Blob<T>, ok: Option<bool>) -> Option<FindingView> {
    let stated = blob.stated.as_ref().filter(|_| ok == Some(false))?;
    Some(
        finding("blob-mismatch", "high")
            .with("what", what)
            .with("expected", stated)
            .with("found", &blob.found),
    )
}

fn layers(session: &Session) -> Vec<FindingView> {
    let (Some(image), Some(credit)) = (session.image(), session.credit()) else {
        return Vec::new();
    };
    let mut findings = Vec::new();
    let standings = session.standings(image);
    for (number, (layer, standing)) in image.layers.iter().zip(&standings).enumerate() {
        let believed = credit.expected(layer, standing.scanned());
        if standing.state(&believed) == "mismatch" {
            let mut found = finding("layer-mismatch", "high");
            found.layer = Some(number);
            findings.push(found);
        }
        let Standing::Read { scanned, .. } = standing else {
            continue;
        };
        for oddity in &scanned.oddities {
            let mut found = finding(oddity.kind.name(), layer_severity(oddity.kind))
                .with("offset", oddity.offset);
            for (name, value) in oddity.args() {
                found = found.with(name, display::stored(value));
            }
            found.layer = Some(number);
            found.path = oddity
                .entry
                .and_then(|entry| scanned.index.path(entry as usize))
                .map(|path| {
                    display::stored(&[b"/", path.strip_prefix(b"/").unwrap_or(path)].concat())
                });
            findings.push(found);
        }
    }
    if !standings.is_empty() && standings.iter().all(|standing| standing.is_settled()) {
        findings.extend(session.with_tree(ScopeView::Merged, |tree| {
            tree.oddities()
                .kept()
                .iter()
                .map(|oddity| {
                    let mut found = finding(oddity.kind.name(), tree_severity(oddity.kind));
                    found.layer = Some(usize::from(oddity.at.layer));
                    found.path = oddity.node.map(|node| display::stored(&tree.path(node)));
                    found
                })
                .collect::<Vec<_>>()
        }));
    }
    findings
}

/// High: two readers may see two images. Warning: a runtime refuses it, or it is broken. Info: worth knowing.
fn layer_severity(kind: LayerOddity) -> &'static str {
    match kind {
        LayerOddity::TwoPaths
        | LayerOddity::TwoLinks
        | LayerOddity::RepeatedExtension
        | LayerOddity::RepeatedRecord
        | LayerOddity::EscapesRoot
        | LayerOddity::DuplicatePath => "high",
        LayerOddity::Device
        | LayerOddity::SetId
        | LayerOddity::Capability
        | LayerOddity::AufsMetadata
        | LayerOddity::CaseCollision
        | LayerOddity::WindowsPath => "info",
        _ => "warning",
    }
}

fn tree_severity(kind: TreeOddity) -> &'static str {
    match kind {
        TreeOddity::WhiteoutOfOwnLayer | TreeOddity::FileAsParent | TreeOddity::LinkLoop => "high",
        TreeOddity::LinkEscapesRoot | TreeOddity::HardLinkAttributes => "info",
        _ => "warning",
    }
}
