//! Text for people. What comes from an image passes through `show`, so that no name can steer the terminal.

use std::borrow::Cow;
use std::io::{BufWriter, IsTerminal, StdoutLock, Write};

use anyhow::Result;
use layerscope_inspect::display;
use serde::Serialize;

use crate::args::Colour;
use crate::messages::Messages;

pub(crate) mod attached;
pub(crate) mod compare;
mod fields;
pub(crate) mod file;
pub(crate) mod files;
pub(crate) mod findings;
pub(crate) mod image;
pub(crate) mod json;
pub(crate) mod report;
mod table;

pub(crate) use fields::Fields;
pub(crate) use table::{Cell, Table};

/// Standard output.
pub(crate) struct Out {
    writer: BufWriter<StdoutLock<'static>>,
    colour: bool,
    pub(crate) messages: Messages,
}

/// What colour may mean. Nothing is told by colour alone.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    Bold,
    Dim,
    Good,
    Bad,
    Warning,
}

impl Out {
    pub(crate) fn new(colour: Colour) -> Out {
        let colour = match colour {
            Colour::Always => true,
            Colour::Never => false,
            Colour::Auto => {
                std::io::stdout().is_terminal()
                    && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
            }
        };
        Out {
            writer: BufWriter::with_capacity(1 << 16, std::io::stdout().lock()),
            colour,
            messages: Messages::of_locale(),
        }
    }

    /// The words under a key that needs no arguments.
    pub(crate) fn words(&self, key: &str) -> String {
        self.messages.sentence(key, &[])
    }

    /// One line, which must be safe to print already.
    pub(crate) fn line(&mut self, line: &str) -> Result<()> {
        writeln!(self.writer, "{line}")?;
        Ok(())
    }

    /// Bytes as they are: the raw form of a document, the content of a file.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> std::io::Result<()> {
        self.writer.write_all(bytes)
    }

    /// A view as JSON.
    pub(crate) fn json<T: Serialize + ?Sized>(&mut self, view: &T) -> Result<()> {
        self.line(&layerscope_inspect::view::json(view))
    }

    /// Text in a style, if there is colour.
    pub(crate) fn paint<'a>(&self, style: Style, text: &'a str) -> Cow<'a, str> {
        if !self.colour {
            return Cow::Borrowed(text);
        }
        let code = match style {
            Style::Bold => "1",
            Style::Dim => "2",
            Style::Good => "32",
            Style::Bad => "1;31",
            Style::Warning => "33",
        };
        Cow::Owned(format!("\u{1b}[{code}m{text}\u{1b}[0m"))
    }

    pub(crate) fn flush(&mut self) -> std::io::Result<()> {
        self.writer.flush()
    }
}

/// A string of an image, safe to print.
pub(crate) fn show(text: &str) -> Cow<'_, str> {
    display::text(text)
}

/// Bytes for people, base 1000, three digits: `36.2 MB`.
pub(crate) fn size(bytes: u64) -> String {
    const UNITS: [&str; 6] = ["kB", "MB", "GB", "TB", "PB", "EB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    #[allow(clippy::cast_precision_loss)] // Three digits are shown.
    let mut value = bytes as f64;
    let mut unit = "B";
    for next in UNITS {
        if value < 999.95 {
            break;
        }
        value /= 1000.0;
        unit = next;
    }
    format!("{value:.1} {unit}")
}

/// A digest short enough for a column.
pub(crate) fn short(digest: &str) -> String {
    let hex = digest.split_once(':').map_or(digest, |(_, hex)| hex);
    hex.chars().take(12).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes() {
        for (bytes, expected) in [
            (0, "0 B"),
            (999, "999 B"),
            (1000, "1.0 kB"),
            (36_249_000, "36.2 MB"),
            (999_960_000, "1.0 GB"),
            (u64::MAX, "18.4 EB"),
        ] {
            assert_eq!(size(bytes), expected);
        }
    }
}
