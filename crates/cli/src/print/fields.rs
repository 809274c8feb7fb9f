//! Facts with their names before them.

use std::borrow::Cow;

use anyhow::Result;
use unicode_width::UnicodeWidthStr;

use super::{Out, Style, show};

/// Names, as keys of the message catalogue, and values under each other.
#[derive(Default)]
pub(crate) struct Fields(Vec<(Cow<'static, str>, String)>);

impl Fields {
    pub(crate) fn add(&mut self, name: impl Into<Cow<'static, str>>, value: &str) {
        self.0.push((name.into(), show(value).into_owned()));
    }

    pub(crate) fn option(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.add(name, value);
        }
    }

    pub(crate) fn list(&mut self, name: &'static str, values: &[String]) {
        for value in values {
            self.add(name, value);
        }
    }

    pub(crate) fn print(&self, out: &mut Out) -> Result<()> {
        let names: Vec<String> = self.0.iter().map(|(key, _)| out.words(key)).collect();
        let width = names.iter().map(|name| name.width()).max().unwrap_or(0);
        let mut last = "";
        for ((key, value), name) in self.0.iter().zip(&names) {
            let shown = if key == last { "" } else { name };
            let padding = " ".repeat(width - shown.width());
            let padded = format!("{shown}{padding}");
            let label = out.paint(Style::Dim, &padded).into_owned();
            out.line(&format!("{label}  {value}"))?;
            last = key;
        }
        Ok(())
    }
}
