//! What is odd about an image, the gravest first, and what a runtime would do.

use anyhow::Result;
use layerscope_inspect::severity::FINDINGS;
use layerscope_inspect::view::FindingView;
use serde::Serialize;

use super::{Out, Style, short, show};
use crate::messages::Messages;

/// How many places of one kind of finding are printed when not all are asked for.
const FEW: usize = 3;

/// How many places of one kind of finding are printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Places {
    Few,
    All,
}

/// At the end of `inspect`: one sentence each.
pub(crate) fn sentences(out: &mut Out, findings: &[FindingView]) -> Result<()> {
    if !findings.is_empty() {
        out.line("")?;
    }
    for finding in findings {
        let mut place = String::new();
        if let Some(layer) = finding.layer {
            let number = layer.to_string();
            place = out.messages.sentence("cli.layer", &[("number", &number)]) + ": ";
        }
        if let Some(path) = &finding.path {
            place.push_str(&format!("{}: ", show(path)));
        }
        let severity = out.paint(style(finding.severity), finding.severity);
        let line = format!("{severity}: {place}{}", out.messages.finding(finding));
        out.line(&line)?;
    }
    Ok(())
}

/// `findings`: by severity, those of one kind together.
pub(crate) fn findings(out: &mut Out, findings: &[FindingView], places: Places) -> Result<()> {
    for (severity, _) in FINDINGS {
        let of_severity = findings.iter().filter(|it| it.severity == severity);
        let of_severity: Vec<&FindingView> = of_severity.collect();
        if of_severity.is_empty() {
            continue;
        }
        let title = out.paint(style(severity), severity).into_owned();
        out.line(&title)?;
        for id in distinct(&of_severity) {
            let alike: Vec<&FindingView> = of_severity
                .iter()
                .filter(|it| it.id == id)
                .copied()
                .collect();
            kind(out, &alike, places)?;
        }
        out.line("")?;
    }
    summary(out, findings)
}

/// The ids, in the order in which they were found first.
fn distinct<'a>(findings: &[&'a FindingView]) -> Vec<&'a str> {
    let mut ids: Vec<&str> = Vec::new();
    for finding in findings {
        if !ids.contains(&finding.id) {
            ids.push(finding.id);
        }
    }
    ids
}

/// All findings of one id.
fn kind(out: &mut Out, alike: &[&FindingView], places: Places) -> Result<()> {
    let Some(first) = alike.first() else {
        return Ok(());
    };
    let sentence = out.messages.finding(first);
    let is_one_sentence = alike.iter().all(|it| out.messages.finding(it) == sentence);
    let id = out.paint(Style::Bold, first.id).into_owned();
    out.line(&match is_one_sentence {
        true => format!("  {id}: {sentence}"),
        false => format!("  {id}"),
    })?;
    let shown = match places {
        Places::All => alike.len(),
        Places::Few => FEW,
    };
    for finding in alike.iter().take(shown) {
        let place = place(out, finding);
        let line = match is_one_sentence {
            true => place,
            false if place.is_empty() => out.messages.finding(finding),
            false => format!("{place}: {}", out.messages.finding(finding)),
        };
        if !line.is_empty() {
            out.line(&format!("    {line}"))?;
        }
    }
    if alike.len() > shown {
        let more = (alike.len() - shown).to_string();
        let more = out.messages.sentence("cli.more", &[("n", &more)]);
        out.line(&format!("    {more}"))?;
    }
    let runtime = out.messages.runtime(first);
    let runtime = out
        .messages
        .sentence("findings.runtime", &[("what", &runtime)]);
    let runtime = out.paint(Style::Dim, &runtime).into_owned();
    out.line(&format!("    {runtime}"))
}

/// Layer, path and offset, as far as it has them.
fn place(out: &Out, finding: &FindingView) -> String {
    let mut place = Vec::new();
    if let Some(layer) = finding.layer {
        let number = layer.to_string();
        place.push(match finding.digest.as_deref().map(short) {
            Some(digest) => out.messages.sentence(
                "cli.finding.layer",
                &[("number", &number), ("digest", &digest)],
            ),
            None => out.messages.sentence("cli.layer", &[("number", &number)]),
        });
    }
    if let Some(path) = &finding.path {
        place.push(show(path).into_owned());
    }
    if let Some(offset) = finding.offset.filter(|offset| *offset > 0) {
        let offset = offset.to_string();
        place.push(
            out.messages
                .sentence("cli.finding.offset", &[("n", &offset)]),
        );
    }
    place.join(", ")
}

fn summary(out: &mut Out, findings: &[FindingView]) -> Result<()> {
    if findings.is_empty() {
        let none = out.messages.sentence("findings.none", &[]);
        return out.line(&none);
    }
    let [high, warning, info] = FINDINGS.map(|(severity, _)| count(findings, severity).to_string());
    let args = [
        ("high", high.as_str()),
        ("warning", warning.as_str()),
        ("info", info.as_str()),
    ];
    let summary = out.messages.sentence("cli.finding.summary", &args);
    out.line(&summary)
}

fn count(findings: &[FindingView], severity: &str) -> usize {
    let of_severity = findings.iter().filter(|it| it.severity == severity);
    of_severity.count()
}

fn style(severity: &str) -> Style {
    match severity {
        "high" => Style::Bad,
        "warning" => Style::Warning,
        _ => Style::Dim,
    }
}

/// `findings --json`: what the core found, with its sentences in English.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Told<'a> {
    id: &'a str,
    severity: &'a str,
    text: String,
    runtime: String,
    layer: Option<usize>,
    digest: Option<&'a str>,
    path: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path_base64: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offset: Option<u64>,
    args: &'a std::collections::BTreeMap<String, String>,
}

#[derive(Serialize)]
struct Report<'a> {
    findings: Vec<Told<'a>>,
    counts: Counts,
}

#[derive(Serialize)]
struct Counts {
    high: usize,
    warning: usize,
    info: usize,
}

/// `findings --json`
pub(crate) fn json(out: &mut Out, findings: &[FindingView]) -> Result<()> {
    let english = Messages::english();
    let told = findings.iter().map(|finding| Told {
        id: finding.id,
        severity: finding.severity,
        text: english.finding(finding),
        runtime: english.runtime(finding),
        layer: finding.layer,
        digest: finding.digest.as_deref(),
        path: finding.path.as_deref(),
        path_base64: finding.path_base64.as_deref(),
        offset: finding.offset,
        args: &finding.args,
    });
    out.json(&Report {
        findings: told.collect(),
        counts: Counts {
            high: count(findings, "high"),
            warning: count(findings, "warning"),
            info: count(findings, "info"),
        },
    })
}
