//! One path and what is there.

use anyhow::Result;
use layerscope_inspect::view::{ContentView, Details, ElfView, FileReport, Hop};

use super::{Fields, Out, show, size};

/// `file`
pub(crate) fn report(out: &mut Out, report: &FileReport) -> Result<()> {
    let FileReport { details, content } = report;
    out.line(&show(&details.path))?;
    let mut fields = Fields::default();
    entry(&mut fields, out, details);
    if let Some(content) = content {
        bytes(&mut fields, out, content, &details.path);
    }
    fields.print(out)?;
    if !details.story.is_empty() {
        out.line("")?;
    }
    story(out, details)
}

fn entry(fields: &mut Fields, out: &Out, details: &Details) {
    let row = &details.row;
    let kind = match row.kind {
        "other" => "unknown",
        kind => kind,
    };
    fields.add("kind", &out.words(&format!("kind.{kind}")));
    if row.synthetic {
        fields.add("row.synthetic-term", &out.words("row.synthetic-why"));
    } else {
        fields.add("mode", &format!("{:04o} {}", row.mode, details.mode_text));
        let owner = match (details.uname.as_str(), details.gname.as_str()) {
            ("", "") => String::new(),
            (user, group) => format!(" {user}:{group}"),
        };
        fields.add("owner", &format!("{}:{}{owner}", row.uid, row.gid));
        fields.add("modified", &details.mtime);
    }
    fields.option("link-target", row.link.as_deref());
    for hop in &details.links {
        fields.add("leads-to", &leads(out, hop));
    }
    if let Some((major, minor)) = details.device {
        fields.add("device", &format!("{major}, {minor}"));
    }
    for xattr in &details.xattrs {
        let value = xattr.meaning.as_ref().unwrap_or(&xattr.value);
        fields.add("xattrs", &format!("{} {value}", xattr.name));
    }
}

fn leads(out: &Out, hop: &Hop) -> String {
    let mut line = hop.path.clone();
    if hop.state != "found" {
        line = format!("{line}: {}", out.words(&format!("hop.{}", hop.state)));
    }
    if hop.leaves_root {
        line = format!("{line} ({})", out.words("hop.leaves-root"));
    }
    line
}

fn bytes(fields: &mut Fields, out: &Out, content: &ContentView, path: &str) {
    if content.path != path {
        fields.add("details.text", &content.path);
    }
    let exact = out
        .messages
        .sentence("bytes", &[("n", &content.size.to_string())]);
    let bytes = match content.size < 1000 {
        true => exact,
        false => format!("{} ({exact})", size(content.size)),
    };
    fields.add("size", &bytes);
    fields.add("sha256", &content.sha256);
    let mut what = out.words(match content.kind {
        "empty" => "cli.content.empty",
        "elf" => "cli.content.elf",
        "image" => "cli.content.image",
        "json" => "cli.content.json",
        "os-release" => "cli.content.os-release",
        "text" => "cli.content.text",
        _ => "cli.content.binary",
    });
    if let Some(encoding) = content.encoding {
        what = format!("{what}, {}", out.words(&format!("encoding.{encoding}")));
    }
    if let Some(image) = content.image {
        what = format!("{what}, {image}");
    }
    fields.add("cli.content", &what);
    if let Some(elf) = &content.elf {
        program(fields, out, elf);
    }
    for (name, value) in content.os_release.iter().flatten() {
        fields.add("cli.content.os-release", &format!("{name}={value}"));
    }
}

fn program(fields: &mut Fields, out: &Out, elf: &ElfView) {
    let word = |group: &str, value: &str| out.words(&format!("elf.{group}.{value}"));
    let yes = |value: bool| out.words(if value { "yes" } else { "no" });
    fields.add("elf.kind", &word("kind", elf.kind));
    let mut machine = elf.machine.clone();
    if let (Some(bits), Some(endian)) = (elf.bits, elf.endian) {
        let (bits, endian) = (bits.to_string(), word("endian", endian));
        let args = [("bits", bits.as_str()), ("endian", &endian)];
        machine = format!("{machine}, {}", out.messages.sentence("elf.form", &args));
    }
    fields.add("elf.machine", &machine);
    if let Some(linking) = elf.linking {
        fields.add("elf.linking", &word("linking", linking));
    }
    fields.option("elf.interpreter", elf.interpreter.as_deref());
    fields.list("elf.needed", &elf.needed);
    fields.option("elf.soname", elf.soname.as_deref());
    fields.option("elf.rpath", elf.rpath.as_deref());
    fields.option("elf.runpath", elf.runpath.as_deref());
    fields.option("elf.build-id", elf.build_id.as_deref());
    if let Some(stripped) = elf.stripped {
        let symbols = word("symbols", if stripped { "stripped" } else { "kept" });
        let mut symbols = vec![symbols];
        if elf.debug == Some(true) {
            symbols.push(word("symbols", "debug"));
        }
        if elf.mini_debug == Some(true) {
            symbols.push(word("symbols", "mini-debug"));
        }
        fields.add("elf.symbols", &symbols.join(", "));
    }
    if let Some(relro) = elf.relro {
        fields.add("elf.relro", &word("relro", relro));
        let nx = match elf.nx {
            Some(true) => "yes",
            Some(false) => "no",
            None => "unstated",
        };
        fields.add("elf.nx", &word("nx", nx));
    }
    if let (Some(canary), Some(fortify)) = (elf.canary, elf.fortify) {
        fields.add("elf.canary", &yes(canary));
        fields.add("elf.fortify", &yes(fortify));
    }
    for fault in &elf.faults {
        let (part, offset) = (word("part", fault.part), fault.offset.to_string());
        let args = [("part", part.as_str()), ("offset", &offset)];
        let key = format!("elf.fault.{}", fault.kind);
        fields.add("elf.faults", &out.messages.sentence(&key, &args));
    }
}

/// What each layer did, the oldest first.
fn story(out: &mut Out, details: &Details) -> Result<()> {
    for told in &details.story {
        let number = told.layer.to_string();
        let layer = out.messages.sentence("layer", &[("number", &number)]);
        let mut line = format!("{layer}: {}", out.words(&format!("change.{}", told.change)));
        if let Some(bytes) = told.size {
            line.push_str(&format!(", {}", size(bytes)));
        }
        let names: Vec<String> = told
            .attributes
            .iter()
            .map(|name| out.words(&format!("attribute.{name}")))
            .collect();
        if !names.is_empty() {
            line.push_str(&format!(" ({})", names.join(", ")));
        }
        out.line(&line)?;
    }
    Ok(())
}
