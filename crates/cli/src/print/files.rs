//! Listings of files.

use anyhow::Result;
use layerscope_inspect::attributes::mode_text;
use layerscope_inspect::view::ListEntry;
use layerscope_layer::Kind;

use super::{Out, Style, show};

/// One path a line; `long` as `ls -l` prints it, with the layer that last wrote it.
pub(crate) fn list(out: &mut Out, entries: &[ListEntry], long: bool) -> Result<()> {
    if !long {
        let removed = out.words("cli.removed");
        return entries.iter().try_for_each(|entry| match entry.removed {
            true => out.line(&format!("{} {removed}", show(&entry.path))),
            false => out.line(&show(&entry.path)),
        });
    }
    let width =
        |length: &dyn Fn(&ListEntry) -> usize| entries.iter().map(length).max().unwrap_or(0);
    let owner = |entry: &ListEntry| format!("{}:{}", entry.uid, entry.gid);
    let owners = width(&|entry| owner(entry).len());
    let sizes = width(&|entry| entry.size.to_string().len());
    let layers = width(&|entry| entry.layer.to_string().len());
    for entry in entries {
        let mode = mode_text(kind_of(entry.kind), entry.mode);
        // Seconds are enough for people; the fraction is in the JSON.
        let time = entry
            .mtime
            .split(['.', 'Z'])
            .next()
            .unwrap_or_default()
            .replacen('T', " ", 1);
        let name = named(out, entry);
        out.line(&format!(
            "{mode} {:owners$} {:>sizes$} {time} {:>layers$} {name}",
            owner(entry),
            entry.size,
            entry.layer,
        ))?;
    }
    Ok(())
}

/// The path, and where a link leads.
fn named(out: &Out, entry: &ListEntry) -> String {
    let path = show(&entry.path);
    let path = if entry.kind == "directory" {
        out.paint(Style::Bold, &path).into_owned()
    } else {
        path.into_owned()
    };
    match (&entry.link, entry.kind) {
        _ if entry.removed => format!("{path} {}", out.words("cli.removed")),
        (Some(target), "hardlink") => format!("{path} = {}", show(target)),
        (Some(target), _) => format!("{path} -> {}", show(target)),
        (None, _) => path,
    }
}

/// A drawn tree, from what is below `root`, in the order of paths.
pub(crate) fn tree(out: &mut Out, root: &str, entries: &[ListEntry]) -> Result<()> {
    if let [entry] = entries
        && depth(&entry.path) == depth(root)
    {
        // It is no directory, so nothing hangs below it.
        let line = named(out, entry);
        return out.line(&line);
    }
    out.line(&show(root))?;
    let base = depth(root);
    // For each level, whether more siblings follow: known by looking ahead, so go from the end.
    let mut open: Vec<bool> = Vec::new();
    let mut lines = Vec::with_capacity(entries.len());
    for entry in entries.iter().rev() {
        let level = depth(&entry.path).saturating_sub(base).max(1);
        open.resize(level, false);
        let more = std::mem::replace(&mut open[level - 1], true);
        let mut line: String = open[..level - 1]
            .iter()
            .map(|more| if *more { "│   " } else { "    " })
            .collect();
        line.push_str(if more { "├── " } else { "└── " });
        lines.push((line, entry));
    }
    for (line, entry) in lines.into_iter().rev() {
        let named = named(out, entry);
        let path = show(&entry.path);
        let name = path.rsplit('/').next().unwrap_or(&path).to_owned();
        out.line(&format!("{line}{}", named.replacen(&*path, &name, 1)))?;
    }
    Ok(())
}

/// How many components a displayed path has.
pub(crate) fn depth(path: &str) -> usize {
    path.split('/').filter(|name| !name.is_empty()).count()
}

fn kind_of(kind: &str) -> Kind {
    match kind {
        "directory" => Kind::Directory,
        "symlink" => Kind::Symlink,
        "hardlink" => Kind::HardLink,
        "char" => Kind::Char,
        "block" => Kind::Block,
        "fifo" => Kind::Fifo,
        "file" => Kind::File,
        _ => Kind::Other(0),
    }
}
