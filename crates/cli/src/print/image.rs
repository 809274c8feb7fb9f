//! An image: at a glance, its platforms, its history, its layers.

use anyhow::Result;
use layerscope_inspect::view::{Choice, ImageView, Instruction, LayerView, Overview};

use super::{Cell, Fields, Out, Style, Table, findings, short, show, size};

/// `inspect`
pub(crate) fn overview(out: &mut Out, overview: &Overview) -> Result<()> {
    let mut fields = Fields::default();
    fields.add("cli.field.source", &overview.source.name);
    fields.add("cli.field.kind", overview.source.kind);
    fields.option("cli.field.wrapped", overview.source.wrapped.as_deref());
    if let Some(image) = &overview.image {
        fields.list("cli.field.name", &image.names);
        fields.option("cli.field.digest", image.digest.as_deref());
        fields.option("cli.field.image-id", image.image_id.as_deref());
        fields.option("cli.field.platform", image.platform.as_deref());
        fields.option("cli.field.created", image.created.as_deref());
        fields.option("cli.field.author", image.author.as_deref());
        let runtime = &image.runtime;
        fields.list("cli.field.entrypoint", &json_words(&runtime.entrypoint));
        fields.list("cli.field.command", &json_words(&runtime.cmd));
        fields.option("cli.field.user", runtime.user.as_deref());
        fields.option("cli.field.directory", runtime.working_dir.as_deref());
        fields.list("cli.field.port", &runtime.exposed_ports);
        fields.list("cli.field.volume", &runtime.volumes);
        fields.list("cli.field.env", &runtime.env);
        let pairs = |map: &std::collections::BTreeMap<String, String>| {
            map.iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect::<Vec<_>>()
        };
        fields.list("cli.field.label", &pairs(&runtime.labels));
        fields.list("cli.field.annotation", &pairs(&image.annotations));
        fields.add(
            "cli.field.size",
            &out.messages.sentence(
                "cli.size",
                &[
                    ("size", &size(image.totals.size)),
                    ("n", &image.layers.len().to_string()),
                ],
            ),
        );
    }
    fields.print(out)?;
    if overview.choices.len() > 1 {
        out.line("")?;
        platforms(out, &overview.choices, overview.chosen)?;
    }
    if let Some(image) = &overview.image {
        out.line("")?;
        layers(out, &image.layers)?;
    }
    findings::sentences(out, &overview.findings)
}

/// `platforms`
pub(crate) fn platforms(out: &mut Out, choices: &[Choice], chosen: Option<usize>) -> Result<()> {
    let mut table = Table::new(
        &[
            "",
            "cli.head.image",
            "cli.head.platform",
            "cli.head.digest",
            "cli.head.size",
            "cli.head.attestations",
            "cli.head.state",
            "cli.head.names",
        ],
        &[1, 4, 5],
    );
    for choice in choices {
        let platform = match (&choice.platform, &choice.os_version) {
            (Some(platform), Some(version)) => format!("{platform} {version}"),
            (Some(platform), None) => platform.clone(),
            (None, _) => "-".to_owned(),
        };
        table.row(vec![
            if chosen == Some(choice.id) { "*" } else { "" }.into(),
            choice.number.to_string().into(),
            show(&platform).into_owned().into(),
            choice
                .digest
                .as_deref()
                .map_or("-".to_owned(), short)
                .into(),
            choice.size.map_or("-".to_owned(), size).into(),
            choice.attestations.to_string().into(),
            choice.state.into(),
            show(&choice.names.join(" ")).into_owned().into(),
        ]);
    }
    table.print(out)
}

/// `history`, newest first.
pub(crate) fn history(out: &mut Out, image: &ImageView, whole: bool) -> Result<()> {
    let mut table = Table::new(
        &[
            "cli.head.layer",
            "cli.head.created",
            "cli.head.size",
            "cli.head.instruction",
            "cli.head.comment",
        ],
        &[0, 2],
    );
    for step in image.steps.iter().rev() {
        let layer = step.layer.and_then(|number| image.layers.get(number));
        table.row(vec![
            step.layer
                .map_or("-".to_owned(), |number| number.to_string())
                .into(),
            show(step.created.as_deref().unwrap_or("-"))
                .into_owned()
                .into(),
            layer
                .and_then(|layer| layer.size)
                .map_or("0 B".to_owned(), size)
                .into(),
            instruction(&step.instruction, whole).into(),
            show(step.comment.as_deref().unwrap_or(""))
                .into_owned()
                .into(),
        ]);
    }
    table.print(out)
}

/// `layers`, oldest first.
pub(crate) fn layers(out: &mut Out, layers: &[LayerView]) -> Result<()> {
    let mut table = Table::new(
        &[
            "cli.head.layer",
            "cli.head.state",
            "cli.head.size",
            "cli.head.unpacked",
            "cli.head.entries",
            "cli.head.digest",
            "cli.head.diff-id",
            "cli.head.instruction",
        ],
        &[0, 2, 3, 4],
    );
    for layer in layers {
        let style = match layer.state {
            "verified" => Some(Style::Good),
            "mismatch" | "failed" => Some(Style::Bad),
            "pending" => Some(Style::Dim),
            _ => Some(Style::Warning),
        };
        let state = match style {
            Some(style) => Cell::styled(layer.state, style),
            None => layer.state.into(),
        };
        let digest = |digest: &Option<String>| match digest.as_deref() {
            Some(digest) => short(digest),
            None => out.words("not-stated"),
        };
        table.row(vec![
            layer.number.to_string().into(),
            state,
            layer.size.map_or("-".to_owned(), size).into(),
            layer.uncompressed_size.map_or("-".to_owned(), size).into(),
            layer
                .entries
                .map_or("-".to_owned(), |entries| entries.to_string())
                .into(),
            digest(&layer.digest).into(),
            digest(&layer.diff_id).into(),
            layer
                .instruction
                .as_ref()
                .map_or(String::new(), |found| instruction(found, false))
                .into(),
        ]);
    }
    table.print(out)
}

/// The Dockerfile line; cut to a column unless `whole`.
pub(crate) fn instruction(instruction: &Instruction, whole: bool) -> String {
    const COLUMN: usize = 60;
    let line = format!("{} {}", instruction.keyword, instruction.text);
    let line = show(line.trim()).into_owned();
    if whole || line.chars().count() <= COLUMN {
        return line;
    }
    line.chars().take(COLUMN - 1).chain(['…']).collect()
}

/// A command as the JSON array that an instruction takes; nothing for none.
pub(crate) fn json_words(words: &[String]) -> Vec<String> {
    if words.is_empty() {
        return Vec::new();
    }
    vec![serde_json::to_string(words).unwrap_or_default()]
}
