//! Two images side by side.

use anyhow::Result;
use layerscope_inspect::view::{
    CompareView, ComparedEntry, ComparedLayer, ConfigDifference, Difference, Xattr,
};

use super::image::{instruction, json_words};
use super::{Cell, Out, Style, Table, short, show, size};

/// One path, and in what it differs, from A to B.
pub(crate) fn path(out: &mut Out, difference: &Difference) -> Result<()> {
    let (sign, style) = sign(difference.change);
    let sign = out.paint(style, sign).into_owned();
    let path = show(&difference.path);
    let is_directory =
        |side: &Option<ComparedEntry>| side.as_ref().is_some_and(|entry| entry.kind == "directory");
    let path = match is_directory(&difference.a) || is_directory(&difference.b) {
        true => out.paint(Style::Bold, &path).into_owned(),
        false => path.into_owned(),
    };
    let (Some(a), Some(b)) = (&difference.a, &difference.b) else {
        return out.line(&format!("{sign} {path}"));
    };
    let told: Vec<String> = (difference.attributes.iter())
        .map(|name| {
            let word = out.words(&format!("attribute.{name}"));
            match values(name, a, b) {
                Some(values) => format!("{word} {values}"),
                None => word,
            }
        })
        .collect();
    out.line(&format!("{sign} {path}  {}", told.join(", ")))
}

/// Everything but the paths: config, layers, and how much differs.
pub(crate) fn rest(out: &mut Out, view: &CompareView) -> Result<()> {
    let totals = view.totals;
    let any_path = totals.added + totals.removed + totals.modified + totals.metadata > 0;
    if any_path {
        out.line("")?;
    }
    for difference in &view.config {
        config(out, difference)?;
    }
    if !view.config.is_empty() {
        out.line("")?;
    }
    if let Some([a, b]) = &view.layers {
        layers(out, a, b)?;
        out.line("")?;
    }
    if view.same {
        let same = out.words("cli.diff.same");
        return out.line(&same);
    }
    let counts = [
        ("added", totals.added.to_string()),
        ("removed", totals.removed.to_string()),
        ("modified", totals.modified.to_string()),
        ("metadata", totals.metadata.to_string()),
    ];
    let counts = counts
        .each_ref()
        .map(|(name, count)| (*name, count.as_str()));
    let paths = out.messages.sentence("cli.diff.paths", &counts);
    let n = view.config.len().to_string();
    let line = match view.layers {
        Some(_) => out
            .messages
            .sentence("cli.diff.totals", &[("paths", &paths), ("n", &n)]),
        None => paths,
    };
    out.line(&line)?;
    let (a, b) = (view.a.visible_bytes, view.b.visible_bytes);
    let growth = format!("{}{}", if b < a { "-" } else { "+" }, size(a.abs_diff(b)));
    let sizes = [("a", size(a)), ("b", size(b)), ("growth", growth)];
    let sizes = sizes.each_ref().map(|(name, size)| (*name, size.as_str()));
    let line = out.messages.sentence("cli.diff.sizes", &sizes);
    out.line(&line)?;
    if totals.unproven > 0 {
        let n = totals.unproven.to_string();
        let note = out.messages.sentence("cli.diff.unproven", &[("n", &n)]);
        let note = out.paint(Style::Warning, &note).into_owned();
        out.line(&note)?;
    }
    Ok(())
}

fn sign(change: &str) -> (&'static str, Style) {
    match change {
        "added" => ("+", Style::Good),
        "removed" => ("-", Style::Bad),
        "metadata" => ("@", Style::Dim),
        _ => ("~", Style::Warning),
    }
}

/// What an attribute is in A and in B; none for the content, of which only a reader can tell more.
fn values(name: &str, a: &ComparedEntry, b: &ComparedEntry) -> Option<String> {
    let value = |entry: &ComparedEntry| -> Option<String> {
        Some(match name {
            "kind" => entry.kind.to_owned(),
            "size" => entry.size.to_string(),
            "mode" => format!("{:04o}", entry.mode),
            "owner" => format!("{}:{}", entry.uid, entry.gid),
            "mtime" => entry.mtime.clone().unwrap_or_else(|| "-".to_owned()),
            "link" => entry.link.as_deref().map_or("-".into(), show).into_owned(),
            "device" => match entry.device {
                Some((major, minor)) => format!("{major}:{minor}"),
                None => "-".to_owned(),
            },
            _ => return None,
        })
    };
    if name == "xattrs" {
        return Some(xattrs(&a.xattrs, &b.xattrs));
    }
    Some(format!("{} → {}", value(a)?, value(b)?))
}

/// The names of those that came, went, or have another value.
fn xattrs(a: &[Xattr], b: &[Xattr]) -> String {
    let value = |all: &[Xattr], name: &str| {
        let found = all.iter().find(|xattr| xattr.name == name);
        found.map(|xattr| xattr.base64.clone())
    };
    let mut told = Vec::new();
    for Xattr { name, base64, .. } in a {
        match value(b, name) {
            None => told.push(format!("-{}", show(name))),
            Some(other) if other != *base64 => told.push(format!("~{}", show(name))),
            Some(_) => {}
        }
    }
    let new = b.iter().filter(|xattr| value(a, &xattr.name).is_none());
    told.extend(new.map(|xattr| format!("+{}", show(&xattr.name))));
    told.join(" ")
}

fn config(out: &mut Out, difference: &ConfigDifference) -> Result<()> {
    let ConfigDifference { field, name, a, b } = difference;
    let (sign, style) = match (a, b) {
        (None, _) => ("+", Style::Good),
        (_, None) => ("-", Style::Bad),
        _ => ("~", Style::Warning),
    };
    let sign = out.paint(style, sign).into_owned();
    let is_command = name.is_none()
        && matches!(
            *field,
            "entrypoint" | "cmd" | "healthcheck" | "onBuild" | "shell"
        );
    let text = |words: &[String]| {
        let text = match is_command {
            true => json_words(words).concat(),
            false => words.concat(),
        };
        show(&text).into_owned()
    };
    let values = match (a.as_deref(), b.as_deref()) {
        (Some(a), Some(b)) => format!("{} → {}", text(a), text(b)),
        (one, other) => text(one.or(other).unwrap_or_default()),
    };
    let field = out.words(field_key(field));
    let field = match name {
        Some(name) => format!("{field} {}", show(name)),
        None => field,
    };
    out.line(format!("{sign} {field}  {values}").trim_end())
}

fn field_key(field: &str) -> &'static str {
    match field {
        "platform" => "cli.field.platform",
        "created" => "cli.field.created",
        "author" => "cli.field.author",
        "user" => "cli.field.user",
        "env" => "cli.field.env",
        "entrypoint" => "cli.field.entrypoint",
        "cmd" => "cli.field.command",
        "workingDir" => "cli.field.directory",
        "exposedPorts" => "cli.field.port",
        "volumes" => "cli.field.volume",
        "labels" => "cli.field.label",
        "stopSignal" => "cli.field.stop-signal",
        "stopTimeout" => "cli.field.stop-timeout",
        "healthcheck" => "cli.field.healthcheck",
        "onBuild" => "cli.field.on-build",
        "shell" => "cli.field.shell",
        _ => "cli.field.annotation",
    }
}

/// The layers that both have, those of A alone, those of B alone; each oldest first.
fn layers(out: &mut Out, a: &[ComparedLayer], b: &[ComparedLayer]) -> Result<()> {
    let mut table = Table::new(
        &[
            "",
            "cli.head.a",
            "cli.head.b",
            "cli.head.size",
            "cli.head.diff-id",
            "cli.head.instruction",
        ],
        &[1, 2, 3],
    );
    let number = |number: Option<usize>| number.map_or(String::new(), |number| number.to_string());
    let mut row = |sign: Cell, a: Option<usize>, b: Option<usize>, layer: &ComparedLayer| {
        let diff_id = layer.diff_id.as_deref();
        let made_by = layer.instruction.as_ref();
        table.row(vec![
            sign,
            number(a).into(),
            number(b).into(),
            layer.size.map_or("-".to_owned(), size).into(),
            diff_id.map_or("-".to_owned(), short).into(),
            made_by
                .map_or(String::new(), |found| instruction(found, false))
                .into(),
        ]);
    };
    for layer in a.iter().filter(|layer| layer.same.is_some()) {
        row("=".into(), Some(layer.number), layer.same, layer);
    }
    for layer in a.iter().filter(|layer| layer.same.is_none()) {
        row(
            Cell::styled("-", Style::Bad),
            Some(layer.number),
            None,
            layer,
        );
    }
    for layer in b.iter().filter(|layer| layer.same.is_none()) {
        row(
            Cell::styled("+", Style::Good),
            None,
            Some(layer.number),
            layer,
        );
    }
    table.print(out)
}
