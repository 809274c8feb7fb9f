//! Bytes that an image ships and nobody sees.
//!
//! *Reclaimable bytes* are the sum of entry bytes over all layers, less the bytes visible in the merged
//! tree: what a rebuild could save without changing the filesystem. Unlike dive's figure
//! ([`crate::dive`]) they count a removed directory, and count each lost copy once.

use layerscope_layer::LayerIndex;

use crate::display;
use crate::dive;
use crate::session::Session;
use crate::view::{ScopeView, WasteReport, WastedPath};

impl Session {
    /// What is wasted in the chosen image, as far as its layers are read.
    #[must_use]
    pub fn waste(&self) -> WasteReport {
        let indexes = self.indexes();
        let read: Vec<&LayerIndex> = indexes.iter().flatten().copied().collect();
        let dive = dive::figures(&read);
        self.with_tree(ScopeView::Merged, |tree| {
            let mut paths: Vec<WastedPath> = tree
                .losses()
                .iter()
                .filter(|loss| loss.bytes > 0)
                .filter_map(|loss| {
                    let index = (*indexes.get(usize::from(loss.layer))?)?;
                    let path = match loss.node {
                        Some(node) => tree.path(node),
                        None => {
                            let stored = index.path(loss.entry as usize)?;
                            [b"/", stored].concat()
                        }
                    };
                    Some(WastedPath {
                        path: display::stored(&path),
                        bytes: loss.bytes,
                        cause: loss.cause.name(),
                        layer: loss.layer,
                        by: loss.by,
                    })
                })
                .collect();
            paths.sort_unstable_by(|a, b| {
                b.bytes
                    .cmp(&a.bytes)
                    .then_with(|| a.path.cmp(&b.path))
                    .then(a.layer.cmp(&b.layer))
            });
            WasteReport {
                reclaimable_bytes: tree.stored_bytes().saturating_sub(tree.visible_bytes()),
                visible_bytes: tree.visible_bytes(),
                total_bytes: tree.stored_bytes(),
                dive,
                paths,
                incomplete: !self.is_whole(ScopeView::Merged),
                gate: None,
            }
        })
    }
}
