//! Reports: verification and waste.

use anyhow::Result;
use layerscope_inspect::view::{
    ErrorView, GateReport, GateRule, VerifiedBlob, VerifiedImage, VerifiedLayer, VerifyReport,
    WasteReport,
};

use unicode_width::UnicodeWidthStr;

use super::{Out, Style, Table, show, size};

/// `verify`: one line a blob, and for each at fault what was expected and what was found.
pub(crate) fn verify(out: &mut Out, report: &VerifyReport) -> Result<()> {
    for index in &report.indexes {
        small_blob(out, "index", index)?;
    }
    for image in &report.images {
        let name = image.name.clone().unwrap_or_else(|| out.words("cli.image"));
        let platform = image.platform.clone();
        let platform = platform.unwrap_or_else(|| out.words("platform.none"));
        let title = format!("{} {}", show(&name), show(&platform));
        let title = out.paint(Style::Bold, &title).into_owned();
        match image.state {
            "complete" => out.line(&title)?,
            state => out.line(&format!("{title} ({state})"))?,
        }
        one_image(out, image)?;
    }
    let verdict = if report.verified {
        out.paint(Style::Good, &out.words("cli.verified"))
            .into_owned()
    } else {
        out.paint(Style::Bad, &out.words("cli.not-verified"))
            .into_owned()
    };
    out.line(&verdict)
}

fn one_image(out: &mut Out, image: &VerifiedImage) -> Result<()> {
    if let Some(error) = &image.error {
        problem(out, error)?;
    }
    for (what, blob) in [("manifest", &image.manifest), ("config", &image.config)] {
        if let Some(blob) = blob {
            small_blob(out, what, blob)?;
        }
    }
    for (number, layer) in image.layers.iter().enumerate() {
        let number = number.to_string();
        let what = out.messages.sentence("cli.layer", &[("number", &number)]);
        let shown = layer.blob.digest.as_deref().or(layer.diff_id.as_deref());
        line(out, layer.state, &what, shown, layer.blob.size)?;
        faults(out, &what, &layer.blob)?;
        diff_id_fault(out, &what, layer)?;
    }
    Ok(())
}

fn small_blob(out: &mut Out, what: &str, blob: &VerifiedBlob) -> Result<()> {
    let state = match (blob.digest_ok, &blob.error) {
        (Some(false), _) => "mismatch",
        (_, Some(_)) => "failed",
        (Some(true), None) => "verified",
        (None, None) => "not-stated",
    };
    let digest = blob.digest.as_deref().or(blob.digest_found.as_deref());
    line(out, state, what, digest, blob.size)?;
    faults(out, what, blob)
}

fn line(
    out: &mut Out,
    state: &str,
    what: &str,
    digest: Option<&str>,
    bytes: Option<u64>,
) -> Result<()> {
    let style = match state {
        "verified" => Style::Good,
        "mismatch" | "failed" => Style::Bad,
        _ => Style::Warning,
    };
    let state = out.paint(style, &format!("{state:>10}")).into_owned();
    let bytes = bytes.map_or(String::new(), |bytes| format!("  {}", size(bytes)));
    let digest = digest.map_or_else(|| out.words("not-stated").into(), show);
    let padding = " ".repeat(10_usize.saturating_sub(what.width()));
    out.line(&format!("{state}  {what}{padding} {digest}{bytes}"))
}

fn faults(out: &mut Out, what: &str, blob: &VerifiedBlob) -> Result<()> {
    if let Some(stated) = blob.size_stated {
        out.line(&format!(
            "            {what} {}: {} {stated}, {} {}",
            out.words("cli.verify.size"),
            out.words("cli.verify.expected"),
            out.words("cli.verify.found"),
            blob.size.unwrap_or(0)
        ))?;
    }
    if blob.digest_ok == Some(false) {
        mismatch(
            out,
            what,
            "digest",
            blob.digest.as_deref(),
            blob.digest_found.as_deref(),
        )?;
    }
    if let Some(error) = &blob.error {
        problem(out, error)?;
    }
    Ok(())
}

fn diff_id_fault(out: &mut Out, what: &str, layer: &VerifiedLayer) -> Result<()> {
    if layer.diff_id_ok == Some(false) {
        mismatch(
            out,
            what,
            "diff_id",
            layer.diff_id.as_deref(),
            layer.diff_id_found.as_deref(),
        )?;
    }
    Ok(())
}

fn mismatch(
    out: &mut Out,
    what: &str,
    which: &str,
    expected: Option<&str>,
    found: Option<&str>,
) -> Result<()> {
    let words = ["cli.verify.expected", "cli.verify.found"].map(|key| out.words(key));
    let width = words.iter().map(|word| word.width()).max().unwrap_or(0);
    let [before, after] = words.map(|word| {
        let padding = " ".repeat(width - word.width());
        format!("{word}{padding}")
    });
    out.line(&format!(
        "            {what} {which}: {before} {}",
        show(expected.unwrap_or("-"))
    ))?;
    let indent = " ".repeat(12 + what.width() + which.width() + 3);
    let found = found.map_or_else(|| out.words("cli.verify.nothing").into(), show);
    out.line(&format!("{indent}{after} {found}"))
}

fn problem(out: &mut Out, error: &ErrorView) -> Result<()> {
    let text = out.messages.error(error);
    let text = format!("            {}", out.paint(Style::Bad, &text));
    out.line(&text)
}

/// `waste`
pub(crate) fn waste(out: &mut Out, report: &WasteReport, top: usize) -> Result<()> {
    let reclaimable = out.messages.sentence(
        "cli.waste.reclaimable",
        &[
            ("size", &size(report.reclaimable_bytes)),
            ("bytes", &report.reclaimable_bytes.to_string()),
        ],
    );
    out.line(&reclaimable)?;
    let visible = out.messages.sentence(
        "cli.waste.visible",
        &[
            ("size", &size(report.visible_bytes)),
            ("total", &size(report.total_bytes)),
        ],
    );
    out.line(&visible)?;
    let dive = &report.dive;
    let percent = dive
        .user_wasted_percent
        .map_or("-".to_owned(), |ratio| format!("{:.2} %", ratio * 100.0));
    let dive = out.messages.sentence(
        "cli.waste.dive",
        &[
            ("efficiency", &format!("{:.2}", dive.efficiency * 100.0)),
            ("size", &size(dive.wasted_bytes)),
            ("bytes", &dive.wasted_bytes.to_string()),
            ("user", &percent),
        ],
    );
    out.line(&dive)?;
    if report.incomplete {
        let note = out.words("cli.waste.incomplete");
        let note = out.paint(Style::Warning, &note).into_owned();
        out.line(&note)?;
    }
    if let Some(report) = &report.gate {
        gate(out, report)?;
    }
    if report.paths.is_empty() {
        return Ok(());
    }
    out.line("")?;
    let mut table = Table::new(
        &[
            "cli.head.bytes",
            "cli.head.cause",
            "cli.head.in",
            "cli.head.by",
            "cli.head.path",
        ],
        &[0, 2, 3],
    );
    for path in report.paths.iter().take(top) {
        table.row(vec![
            size(path.bytes).into(),
            path.cause.into(),
            path.layer.to_string().into(),
            path.by.to_string().into(),
            show(&path.path).into_owned().into(),
        ]);
    }
    table.print(out)?;
    if report.paths.len() > top {
        let more = (report.paths.len() - top).to_string();
        let more = out.messages.sentence("cli.more", &[("n", &more)]);
        out.line(&more)?;
    }
    Ok(())
}

/// The rules one a line, as dive prints them, and what comes of it.
fn gate(out: &mut Out, report: &GateReport) -> Result<()> {
    out.line("")?;
    for GateRule {
        rule,
        state,
        threshold,
    } in &report.rules
    {
        let style = match *state {
            "pass" => Style::Good,
            "fail" => Style::Bad,
            _ => Style::Dim,
        };
        let state = out.paint(style, &state.to_uppercase()).into_owned();
        let threshold = threshold.as_deref().unwrap_or("disabled");
        out.line(&format!("{state}  {rule} {}", show(threshold)))?;
    }
    let (style, key) = match report.passed {
        true => (Style::Good, "cli.gate.passed"),
        false => (Style::Bad, "cli.gate.failed"),
    };
    let verdict = out.words(key);
    let verdict = out.paint(style, &verdict).into_owned();
    out.line(&verdict)
}
