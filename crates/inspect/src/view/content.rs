//! One file: where its links lead, and what its bytes are.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Details;

/// One step of the way that a symbolic link leads.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Hop {
    /// Displayed path of what is there; where nothing is, the path that was looked for.
    pub path: String,
    /// Id of the node in its scope; null where the way ends in nothing.
    pub node: Option<u32>,
    /// `found`, or why the way ends: `path-absent`, `path-not-directory` or `path-link-loop`.
    pub state: &'static str,
    /// The link that leads here climbs above the root, where a container stays at the root and a host does not.
    pub leaves_root: bool,
}

/// What an ELF file says of itself. Null is what cannot be known.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ElfView {
    /// `executable` (at fixed addresses), `pie`, `shared`, `relocatable`, `core` or `unknown`.
    pub kind: &'static str,
    /// 32 or 64.
    pub bits: Option<u8>,
    /// `little` or `big`.
    pub endian: Option<&'static str>,
    /// Its usual name, such as `x86-64`; a number where there is none.
    pub machine: String,
    /// `static` or `dynamic`, of a program.
    pub linking: Option<&'static str>,
    /// The loader that it asks for.
    pub interpreter: Option<String>,
    /// Libraries that it needs.
    pub needed: Vec<String>,
    /// The name of the library that it is.
    pub soname: Option<String>,
    /// Where libraries are searched, in the old form.
    pub rpath: Option<String>,
    /// Where libraries are searched.
    pub runpath: Option<String>,
    /// In hexadecimal.
    pub build_id: Option<String>,
    /// Without the table of all symbols.
    pub stripped: Option<bool>,
    /// With debugging information.
    pub debug: Option<bool>,
    /// With a compressed table of functions.
    pub mini_debug: Option<bool>,
    /// `none`, `partial` or `full`.
    pub relro: Option<&'static str>,
    /// The stack may not be executed; null where the file does not say.
    pub nx: Option<bool>,
    /// A function that checks the stack is named.
    pub canary: Option<bool>,
    /// Functions that check lengths are named.
    pub fortify: Option<bool>,
    /// What could not be read.
    pub faults: Vec<ElfFault>,
}

/// A part of an ELF file that could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ElfFault {
    /// `header`, `sections`, `section-names`, `segments`, `interpreter`, `dynamic`, `strings` or `notes`.
    pub part: &'static str,
    /// `outside`, `too-large` or `malformed`.
    pub kind: &'static str,
    /// Where it begins, in bytes from the start of the file.
    pub offset: u64,
}

/// What a file's bytes are.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ContentView {
    /// Displayed path of the file: where links lead.
    pub path: String,
    /// Bytes.
    pub size: u64,
    /// Of all bytes, in hexadecimal.
    pub sha256: String,
    /// `empty`, `elf`, `image`, `json`, `os-release`, `text` or `binary`.
    pub kind: &'static str,
    /// Of text: `utf-8`, `utf-8-bom`, `utf-16le`, `utf-16be`; and as a guess `shift_jis`, `euc-jp` or `latin-1`.
    pub encoding: Option<&'static str>,
    /// Of an image, its media type.
    pub image: Option<&'static str>,
    /// Of an ELF file.
    pub elf: Option<ElfView>,
    /// Of `os-release`, by name.
    pub os_release: Option<BTreeMap<String, String>>,
}

/// Everything about one path.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct FileReport {
    /// The entry and its story.
    #[serde(flatten)]
    pub details: Details,
    /// What is in it, or in what it leads to; null for what has no content.
    pub content: Option<ContentView>,
}
