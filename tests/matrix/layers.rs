//! C: how layers lie on each other.

use crate::archive::named;
use crate::oci::streams;
use crate::tape::{layer, lines};
use serde_json::json;

/// An image whose layers have these entries.
fn image<const N: usize>(layers: [&str; N]) -> Vec<u8> {
    streams(layers.map(layer)).archive()
}

rows! {
    c01 "a whiteout": image(["f = old\ng = kept", ".wh.f"]);
    c02 "a whiteout behind a file of its own layer": image(["f = old", "f = new\n.wh.f", "g = x"]);
    c03 "opaque before and behind its siblings": image([
        "a/\na/old = x\nb/\nb/old = x", "a/\na/.wh..wh..opq\na/new = y\nb/\nb/new = y\nb/.wh..wh..opq",
    ]);
    c04 "an opaque root": image(["a = x\nd/\nd/f = x", "b = y\n.wh..wh..opq"]);
    c05 "`.wh.`, `.wh..`, `.wh...`": image(["a = x\nd/\nd/f = x", "d/.wh.", "d/.wh..", "d/.wh...", "last"]);
    c06 "a whiteout of nothing": image(["a = x", ".wh.nothing\nnowhere/.wh.nothing"]);
    c07 "a whiteout that is a directory, and one with content": image(["a = x\nb = x", ".wh.a/\n.wh.b = content"]);
    c08 "a directory whose name is a whiteout's": image(["etc/\netc/somefile = x", ".wh.etc/somefile = y"]);
    c09 "AUFS metadata": image(["a = x", ".wh..wh.aufs\n.wh..wh.plnk/\n.wh..wh.plnk/1.2 = linked\nb => .wh..wh.plnk/1.2"]);
    c10 "file to directory, directory to file, symbolic link to directory, directory to directory": image([
        "f = x\nd/\nd/old = x\nl -> d\nsame/\nsame/old = x", "f/\nf/new = y\nd = y\nl/\nl/new = y\nsame/\nsame/new = y",
    ]);
    c11 "an entry below a symbolic link of a lower layer": image([
        "etc/\netc/a = x\nlocaletc -> /etc\nup -> ../../../etc", "localetc/b = y\nup/c = z",
    ]);
    c12 "symbolic links in a loop, as parents": image(["a -> b\nb -> a", "a/file = x\nlast"]);
    c13 "paths with `..`": image(["etc/\netc/a = x", "../etc/b = y\netc/../../c = z\n../../../../d = w"]);
    c14 "symbolic links that point outside": image(["out -> ../../../etc/shadow\nabsolute -> /etc/shadow"]);
    c15 "a hard link to a file of a lower layer": image(["a = content", "b => a"]);
    c16 "hard links to what is missing, comes later, or is itself": image(["missing => nowhere\nearly => late\nlate = x\nself => self"]);
    c17 "a hard link to a symbolic link": image(["target = x\nlink -> target", "hard => link"]);
    c18 "a file as a parent": image(["a = x", "a/b = y\nlast"]);
    c19 "parents that no layer has": image(["deep/er/still = x"]);
    c20 "a layer twice": image(["a = x", "a = y", "a = x"]);
    c21 "fewer diff_ids than layers": streams([layer("a = x"), layer("b = y")])
        .config(|config| config["rootfs"]["diff_ids"].as_array_mut().unwrap().truncate(1)).archive();
    c22 "a history that is longer, with a wrong empty_layer": streams([layer("a = x"), layer("b = y")])
        .config(|config| config["history"] = json!([
            { "created_by": "COPY a" }, { "created_by": "COPY b", "empty_layer": true }, { "created_by": "CMD" },
            { "created_by": "COPY c" }, { "created_by": "COPY d" },
        ])).archive();
    c23 "a Windows layer": streams([
        lines("Files/\nFiles/Windows/\nFiles/Windows/notepad.exe = MZ\nHives/\nHives/Software_Delta = regf")
            .pax(&[("MSWINDOWS.fileattr", "32"), ("MSWINDOWS.rawsd", "AQAAgBQAAAA=")]).header(named("Files/x.txt")).end(),
    ]).config(|config| config["os"] = json!("windows")).archive();
}
