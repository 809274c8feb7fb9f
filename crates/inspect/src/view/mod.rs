//! The view model: plain data in the user's words.
//!
//! This is the only place in the core that derives `Serialize` for output. The
//! command line prints these structs with `--json`, and the page receives the
//! very same `serde_json` text, so that both always say the same.
//!
//! Field names are camelCase in JSON. Sizes and offsets are bytes. Strings that
//! come from an image are shown as they are stored; bytes that are not UTF-8
//! appear as `\xNN`, and where a caller needs them exactly, a base64 twin stands beside.

mod attached;
mod compare;
mod content;
mod files;
mod image;
mod report;

pub use attached::{AttachedArtifact, AttachedView, Fact, Item, StatementView};
pub use compare::{
    ComparePage, CompareTotals, CompareView, ComparedEntry, ComparedImage, ComparedLayer,
    ConfigDifference, Difference, DirectoryGrowth, RowPlace,
};
pub use content::{ContentView, ElfFault, ElfView, FileReport, Hop};
pub use files::{
    Details, ListEntry, Marker, Markers, RowPage, RowView, ScopeView, Share, Shares, Told, Xattr,
};
pub use image::{
    ArtifactView, BlobView, Choice, Counts, DocumentView, ImageView, Instruction, LayerView,
    Overview, Progress, RuntimeView, SourceView, StepView, TableView, Totals,
};
pub use report::{
    DiveFigures, ErrorView, FindingView, GateReport, GateRule, VerifiedBlob, VerifiedImage,
    VerifiedLayer, VerifyReport, WasteReport, WastedPath,
};

/// JSON text of a view: indented, and with every character escaped that a terminal or a text renderer
/// would act on, so that it may be printed anywhere. Such characters occur inside strings only.
#[must_use]
pub fn json<T: serde::Serialize + ?Sized>(view: &T) -> String {
    // Views are plain data with string keys, which always have a JSON form.
    harmless(serde_json::to_string_pretty(view).unwrap_or_default())
}

/// Once for all types of views.
fn harmless(text: String) -> String {
    if !text.chars().any(escaped) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 64);
    for c in text.chars() {
        if escaped(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// Line breaks between values are serde's own; inside strings serde escapes them.
fn escaped(c: char) -> bool {
    c != '\n' && crate::display::is_hostile(c)
}

#[cfg(test)]
mod tests {
    #[test]
    fn json_is_harmless_and_means_the_same() {
        let hostile = "\u{1b}[2J \u{202e} \u{e0041} \u{9b} é 日本 \\ \" \n\t";
        let text = super::json(&hostile);
        assert!(!text.chars().any(crate::display::is_hostile), "{text}");
        assert_eq!(serde_json::from_str::<String>(&text).unwrap(), hostile);
    }
}
