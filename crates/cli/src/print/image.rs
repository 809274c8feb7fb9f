//! An image: at a glance, its platforms, its history, its layers.

use anyhow::Result;
use layerscope_inspect::view::{Choice, FindingView, ImageView, Instruction, LayerView, Overview};

use super::{Cell, Out, Style, Table, short, show, size};
use crate::messages::Messages;

/// `inspect`
pub(crate) fn overview(out: &mut Out, overview: &Overview, messages: &Messages) -> Result<()> {
    let mut fields = Fields::default();
    fields.add("Source", &overview.source.name);
    fields.add("Kind", overview.source.kind);
    fields.option("Wrapped in", overview.source.wrapped.as_deref());
    if let Some(image) = &overview.image {
        fields.list("Name", &image.names);
        fields.option("Digest", image.digest.as_deref());
        fields.option("Image id", image.image_id.as_deref());
        fields.option("Platform", image.platform.as_deref());
        fields.option("Created", image.created.as_deref());
        fields.option("Author", image.author.as_deref());
        let runtime = &image.runtime;
        fields.list("Entrypoint", &json_words(&runtime.entrypoint));
        fields.list("Command", &json_words(&runtime.cmd));
        fields.option("User", runtime.user.as_deref());
        fields.option("Directory", runtime.working_dir.as_deref());
        fields.list("Port", &runtime.exposed_ports);
        fields.list("Volume", &runtime.volumes);
        fields.list("Env", &runtime.env);
        let pairs = |map: &std::collections::BTreeMap<String, String>| {
            map.iter()
                .map(|(key, value)| format!("{key}={value}"))
                .collect::<Vec<_>>()
        };
        fields.list("Label", &pairs(&runtime.labels));
        fields.list("Annotation", &pairs(&image.annotations));
        fields.add(
            "Size",
            &format!(
                "{} in {} layers",
                size(image.totals.size),
                image.layers.len()
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
    findings(out, &overview.findings, messages)
}

/// What a user should know, in sentences.
pub(crate) fn findings(out: &mut Out, findings: &[FindingView], messages: &Messages) -> Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    out.line("")?;
    for finding in findings {
        let style = match finding.severity {
            "high" => Style::Bad,
            "warning" => Style::Warning,
            _ => Style::Dim,
        };
        let mut place = String::new();
        if let Some(layer) = finding.layer {
            place = format!("layer {layer}: ");
        }
        if let Some(path) = &finding.path {
            place.push_str(&format!("{}: ", show(path)));
        }
        let severity = out.paint(style, finding.severity).into_owned();
        out.line(&format!("{severity}: {place}{}", messages.finding(finding)))?;
    }
    Ok(())
}

/// `platforms`
pub(crate) fn platforms(out: &mut Out, choices: &[Choice], chosen: Option<usize>) -> Result<()> {
    let mut table = Table::new(
        &[
            "",
            "IMAGE",
            "PLATFORM",
            "DIGEST",
            "SIZE",
            "ATTESTATIONS",
            "STATE",
            "NAMES",
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
        &["LAYER", "CREATED", "SIZE", "INSTRUCTION", "COMMENT"],
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
            "LAYER",
            "STATE",
            "SIZE",
            "UNPACKED",
            "ENTRIES",
            "DIGEST",
            "DIFF_ID",
            "INSTRUCTION",
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
        let digest =
            |digest: &Option<String>| digest.as_deref().map_or("not stated".to_owned(), short);
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
fn instruction(instruction: &Instruction, whole: bool) -> String {
    const COLUMN: usize = 60;
    let line = format!("{} {}", instruction.keyword, instruction.text);
    let line = show(line.trim()).into_owned();
    if whole || line.chars().count() <= COLUMN {
        return line;
    }
    line.chars().take(COLUMN - 1).chain(['…']).collect()
}

fn json_words(words: &[String]) -> Vec<String> {
    if words.is_empty() {
        return Vec::new();
    }
    vec![serde_json::to_string(words).unwrap_or_default()]
}

/// Names and values under each other.
#[derive(Default)]
struct Fields(Vec<(&'static str, String)>);

impl Fields {
    fn add(&mut self, name: &'static str, value: &str) {
        self.0.push((name, show(value).into_owned()));
    }

    fn option(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.add(name, value);
        }
    }

    fn list(&mut self, name: &'static str, values: &[String]) {
        for value in values {
            self.add(name, value);
        }
    }

    fn print(&self, out: &mut Out) -> Result<()> {
        let width = self.0.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
        let mut last = "";
        for (name, value) in &self.0 {
            let shown = if *name == last { "" } else { name };
            let padded = format!("{shown:width$}");
            let label = out.paint(Style::Dim, &padded).into_owned();
            out.line(&format!("{label}  {value}"))?;
            last = name;
        }
        Ok(())
    }
}
