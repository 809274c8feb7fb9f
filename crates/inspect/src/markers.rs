//! The paths that layers take away: whiteouts and opaque directories, as a runtime that stacks directories keeps them.

use layerscope_layer::LayerIndex;

use crate::display;
use crate::limits::MARKERS;
use crate::session::Session;
use crate::view::{Marker, Markers};

impl Session {
    /// The whiteouts and opaque directories of all layers that are read, the oldest layer first; at most [`MARKERS`] of them.
    #[must_use]
    pub fn markers(&self) -> Markers {
        let mut found = Markers::default();
        for (layer, index) in (0_u16..).zip(self.indexes()) {
            let Some(index) = index else { continue };
            marks(index, &mut |path, opaque| {
                found.total += 1;
                if found.markers.len() < MARKERS {
                    found.markers.push(Marker {
                        layer,
                        path: display::stored(path),
                        opaque,
                    });
                }
            });
        }
        found
    }
}

/// Tells the path that each marker of a layer is about, and whether all of a directory is meant.
fn marks(index: &LayerIndex, take: &mut dyn FnMut(&[u8], bool)) {
    for entry in index.iter() {
        let start = entry.path.iter().rposition(|byte| *byte == b'/');
        let (parent, name) = entry
            .path
            .split_at_checked(start.map_or(0, |slash| slash + 1))
            .unwrap_or_default();
        let Some(hidden) = name.strip_prefix(b".wh.") else {
            continue;
        };
        let parent = [b"/", parent].concat();
        match hidden {
            b".wh..opq" => take(
                parent
                    .strip_suffix(b"/")
                    .filter(|path| !path.is_empty())
                    .unwrap_or(b"/"),
                true,
            ),
            // Names that no runtime takes for a path: aufs kept its own books under the first.
            _ if hidden.starts_with(b".wh.") || matches!(hidden, b"" | b"." | b"..") => {}
            _ => take(&[parent.as_slice(), hidden].concat(), false),
        }
    }
}
