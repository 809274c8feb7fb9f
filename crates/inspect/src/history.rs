//! Which history entry made which layer.
//!
//! The config lists build steps, the manifest lists layers, and only `empty_layer` ties
//! them together (OCI image-spec config.md, "history"). Both lists may lie about their lengths.

use layerscope_oci::HistoryEntry;

/// The history beside the layers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Aligned<'a> {
    /// Oldest first; every layer occurs in exactly one step.
    pub steps: Vec<Step<'a>>,
    /// Layers that no history entry speaks of.
    pub missing: usize,
    /// History entries that claim a layer when none is left.
    pub surplus: usize,
}

/// One build step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step<'a> {
    /// The layer that it made.
    pub layer: Option<usize>,
    /// What the config says of it; absent when the history is too short.
    pub entry: Option<&'a HistoryEntry>,
}

/// Gives each history entry that is not `empty_layer` the next layer, oldest first.
#[must_use]
pub fn align(history: &[HistoryEntry], layers: usize) -> Aligned<'_> {
    let mut next = 0;
    let mut surplus = 0;
    let mut steps = Vec::with_capacity(history.len().max(layers));
    for entry in history {
        let layer = if entry.empty_layer {
            None
        } else if next < layers {
            next += 1;
            Some(next - 1)
        } else {
            surplus += 1;
            None
        };
        steps.push(Step {
            layer,
            entry: Some(entry),
        });
    }
    let missing = layers - next;
    steps.extend((next..layers).map(|layer| Step {
        layer: Some(layer),
        entry: None,
    }));
    Aligned {
        steps,
        missing,
        surplus,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(empty: &[bool]) -> Vec<HistoryEntry> {
        empty
            .iter()
            .map(|empty_layer| HistoryEntry {
                empty_layer: *empty_layer,
                ..HistoryEntry::default()
            })
            .collect()
    }

    fn layers(aligned: &Aligned<'_>) -> Vec<Option<usize>> {
        aligned.steps.iter().map(|step| step.layer).collect()
    }

    #[test]
    fn empty_layers_stand_between() {
        let history = history(&[false, true, false]);
        let aligned = align(&history, 2);
        assert_eq!(layers(&aligned), [Some(0), None, Some(1)]);
        assert_eq!((aligned.missing, aligned.surplus), (0, 0));
    }

    #[test]
    fn a_short_history_leaves_layers_without_instruction() {
        let history = history(&[false]);
        let aligned = align(&history, 3);
        assert_eq!(layers(&aligned), [Some(0), Some(1), Some(2)]);
        assert_eq!(aligned.steps[1].entry, None);
        assert_eq!((aligned.missing, aligned.surplus), (2, 0));
    }

    #[test]
    fn a_long_history_invents_no_layer() {
        let history = history(&[false, false, true, false]);
        let aligned = align(&history, 1);
        assert_eq!(layers(&aligned), [Some(0), None, None, None]);
        assert_eq!((aligned.missing, aligned.surplus), (0, 2));
    }
}
