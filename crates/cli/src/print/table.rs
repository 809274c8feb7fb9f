//! Columns that line up, also when names are wide.

use unicode_width::UnicodeWidthStr;

use super::{Out, Style};

/// Rows of cells; the columns named by `right` are aligned at their end. Heads are keys of the message catalogue.
pub(crate) struct Table {
    head: Vec<&'static str>,
    right: Vec<usize>,
    rows: Vec<Vec<Cell>>,
}

/// A cell's text, which must be safe to print, and its style.
pub(crate) struct Cell {
    text: String,
    style: Option<Style>,
}

impl From<String> for Cell {
    fn from(text: String) -> Cell {
        Cell { text, style: None }
    }
}

impl From<&str> for Cell {
    fn from(text: &str) -> Cell {
        Cell {
            text: text.to_owned(),
            style: None,
        }
    }
}

impl Cell {
    pub(crate) fn styled(text: impl Into<String>, style: Style) -> Cell {
        Cell {
            text: text.into(),
            style: Some(style),
        }
    }
}

impl Table {
    pub(crate) fn new(head: &[&'static str], right: &[usize]) -> Table {
        Table {
            head: head.to_vec(),
            right: right.to_vec(),
            rows: Vec::new(),
        }
    }

    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        self.rows.push(cells);
    }

    pub(crate) fn print(&self, out: &mut Out) -> anyhow::Result<()> {
        let head = self.head.iter().map(|key| match *key {
            "" => String::new(),
            key => out.words(key),
        });
        let head: Vec<Cell> = head.map(|text| Cell::styled(text, Style::Dim)).collect();
        let mut widths: Vec<usize> = head.iter().map(|cell| cell.text.width()).collect();
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.text.width());
            }
        }
        for row in std::iter::once(&head).chain(&self.rows) {
            let mut line = String::new();
            for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
                let padding = " ".repeat(width.saturating_sub(cell.text.width()));
                let text = match cell.style {
                    Some(style) => out.paint(style, &cell.text).into_owned(),
                    None => cell.text.clone(),
                };
                if column > 0 {
                    line.push_str("  ");
                }
                if self.right.contains(&column) {
                    line.push_str(&padding);
                    line.push_str(&text);
                } else {
                    line.push_str(&text);
                    line.push_str(&padding);
                }
            }
            out.line(line.trim_end())?;
        }
        Ok(())
    }
}
