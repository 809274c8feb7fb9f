//! What is attached to an image.

use anyhow::Result;
use layerscope_inspect::view::{AttachedArtifact, AttachedView, StatementView};

use super::{Fields, Out, Style, show, size};

/// How many items of a statement are printed; all of them are in the JSON.
const ITEMS: usize = 10;

/// `referrers`
pub(crate) fn report(out: &mut Out, view: &AttachedView) -> Result<()> {
    for artifact in &view.artifacts {
        self::artifact(out, artifact)?;
    }
    if view.artifacts.is_empty() {
        let why = match view.possible {
            true => "attached.none",
            false => "attached.impossible",
        };
        let line = out.words(why);
        out.line(&line)?;
    }
    let signed = view.artifacts.iter().flat_map(|found| &found.statements);
    if signed.into_iter().any(|found| found.signatures > 0) {
        let line = out.words("attached.unchecked");
        out.line(&line)?;
    }
    for problem in &view.problems {
        let line = out.words("attached.incomplete");
        out.line(&format!("{line} {}", show(&problem.text)))?;
    }
    Ok(())
}

fn artifact(out: &mut Out, artifact: &AttachedArtifact) -> Result<()> {
    let digest = out.paint(Style::Bold, &artifact.digest).into_owned();
    let place = out.words(&format!("attached.place.{}", artifact.place));
    let of = match artifact.of {
        Some("index") => format!(", {}", out.words("attached.of.index")),
        _ => String::new(),
    };
    let what = artifact.artifact_type.as_ref();
    let what = what.unwrap_or(&artifact.media_type);
    out.line(&format!("{digest}  {}  {place}{of}", show(what)))?;
    if let Some(error) = &artifact.error {
        out.line(&format!("  {}", show(&error.text)))?;
    }
    for found in &artifact.statements {
        statement(out, found)?;
    }
    out.line("")
}

fn statement(out: &mut Out, statement: &StatementView) -> Result<()> {
    let kind = out.words(&format!("attached.kind.{}", statement.kind));
    let mut fields = Fields::default();
    fields.add("cli.statement", &kind);
    fields.add("digest", &statement.digest);
    fields.add("size", &size(statement.size));
    fields.option("fact.predicate", statement.predicate_type.as_deref());
    match &statement.error {
        Some(error) => fields.add("error", &error.text),
        None => {
            if let Some(names) = statement.names_image {
                let key = if names { "yes" } else { "no" };
                fields.add("attached.names-image", &out.words(key));
            }
            if statement.signatures > 0 {
                fields.add("cli.signatures", &statement.signatures.to_string());
            }
            for fact in &statement.facts {
                fields.add(format!("fact.{}", fact.name), &fact.value);
            }
            items(&mut fields, out, statement);
        }
    }
    fields.print(out)
}

fn items(fields: &mut Fields, out: &Out, statement: &StatementView) {
    if statement.item_count == 0 {
        return;
    }
    let what = match statement.kind {
        "slsa" => "attached.materials",
        _ => "attached.packages",
    };
    fields.add(what, &statement.item_count.to_string());
    for item in statement.items.iter().take(ITEMS) {
        let version = item.version.as_deref().unwrap_or_default();
        let licence = item.licence.as_deref().unwrap_or_default();
        fields.add(
            what,
            format!("{} {version}  {licence}", item.name).trim_end(),
        );
    }
    if let Some(more) = statement.item_count.checked_sub(ITEMS)
        && more > 0
    {
        let n = more.to_string();
        fields.add(what, &out.messages.sentence("attached.more", &[("n", &n)]));
    }
}
