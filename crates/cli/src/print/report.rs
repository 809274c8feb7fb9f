//! Reports: verification and waste.

use anyhow::Result;
use layerscope_inspect::view::{
    ErrorView, VerifiedBlob, VerifiedImage, VerifiedLayer, VerifyReport, WasteReport,
};

use super::{Out, Style, Table, show, size};
use crate::messages::Messages;

/// `verify`: one line a blob, and for each at fault what was expected and what was found.
pub(crate) fn verify(out: &mut Out, report: &VerifyReport, messages: &Messages) -> Result<()> {
    for index in &report.indexes {
        small_blob(out, "index", index, messages)?;
    }
    for image in &report.images {
        let name = image.name.as_deref().unwrap_or("image");
        let platform = image.platform.as_deref().unwrap_or("unknown platform");
        let title = format!("{} {}", show(name), show(platform));
        let title = out.paint(Style::Bold, &title).into_owned();
        match image.state {
            "complete" => out.line(&title)?,
            state => out.line(&format!("{title} ({state})"))?,
        }
        one_image(out, image, messages)?;
    }
    let verdict = if report.verified {
        out.paint(Style::Good, "verified").into_owned()
    } else {
        out.paint(Style::Bad, "NOT verified").into_owned()
    };
    out.line(&verdict)
}

fn one_image(out: &mut Out, image: &VerifiedImage, messages: &Messages) -> Result<()> {
    if let Some(error) = &image.error {
        problem(out, error, messages)?;
    }
    for (what, blob) in [("manifest", &image.manifest), ("config", &image.config)] {
        if let Some(blob) = blob {
            small_blob(out, what, blob, messages)?;
        }
    }
    for (number, layer) in image.layers.iter().enumerate() {
        let what = format!("layer {number}");
        let shown = layer.blob.digest.as_deref().or(layer.diff_id.as_deref());
        line(out, layer.state, &what, shown, layer.blob.size)?;
        faults(out, &what, &layer.blob, messages)?;
        diff_id_fault(out, &what, layer)?;
    }
    Ok(())
}

fn small_blob(out: &mut Out, what: &str, blob: &VerifiedBlob, messages: &Messages) -> Result<()> {
    let state = match (blob.digest_ok, &blob.error) {
        (Some(false), _) => "mismatch",
        (_, Some(_)) => "failed",
        (Some(true), None) => "verified",
        (None, None) => "not-stated",
    };
    let digest = blob.digest.as_deref().or(blob.digest_found.as_deref());
    line(out, state, what, digest, blob.size)?;
    faults(out, what, blob, messages)
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
    out.line(&format!(
        "{state}  {what:10} {}{bytes}",
        digest.map_or("not stated".into(), show)
    ))
}

fn faults(out: &mut Out, what: &str, blob: &VerifiedBlob, messages: &Messages) -> Result<()> {
    if let Some(stated) = blob.size_stated {
        out.line(&format!(
            "            {what} size: expected {stated}, found {}",
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
        problem(out, error, messages)?;
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
    out.line(&format!(
        "            {what} {which}: expected {}",
        show(expected.unwrap_or("-"))
    ))?;
    let indent = " ".repeat(12 + what.len() + which.len() + 3);
    let found = found.map_or(
        "nothing: the bytes could not be read to their end".into(),
        show,
    );
    out.line(&format!("{indent}found    {found}"))
}

fn problem(out: &mut Out, error: &ErrorView, messages: &Messages) -> Result<()> {
    let text = messages.error(error);
    let text = format!("            {}", out.paint(Style::Bad, &text));
    out.line(&text)
}

/// `waste`
pub(crate) fn waste(out: &mut Out, report: &WasteReport, top: usize) -> Result<()> {
    out.line(&format!(
        "reclaimable  {} ({} bytes)",
        size(report.reclaimable_bytes),
        report.reclaimable_bytes
    ))?;
    out.line(&format!(
        "visible      {} of {}",
        size(report.visible_bytes),
        size(report.total_bytes)
    ))?;
    let dive = &report.dive;
    let percent = dive
        .user_wasted_percent
        .map_or("-".to_owned(), |ratio| format!("{:.2} %", ratio * 100.0));
    out.line(&format!(
        "dive         efficiency {:.2} %, wasted {} ({} bytes), user wasted {percent}",
        dive.efficiency * 100.0,
        size(dive.wasted_bytes),
        dive.wasted_bytes,
    ))?;
    if report.incomplete {
        let note = "a layer could not be read: the figures are too low";
        let note = out.paint(Style::Warning, note);
        out.line(&note)?;
    }
    if report.paths.is_empty() {
        return Ok(());
    }
    out.line("")?;
    let mut table = Table::new(&["BYTES", "CAUSE", "IN", "BY", "PATH"], &[0, 2, 3]);
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
        out.line(&format!("… and {} more", report.paths.len() - top))?;
    }
    Ok(())
}
