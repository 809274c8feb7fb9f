//! The tree of layers on top of each other.

use layerscope_layer::LayerIndex;

use crate::Tree;
use crate::apply::Scope;

impl Tree {
    /// What a container would find: `layers` applied one on the other, the oldest first, as containerd applies them.
    /// `&layers[..=n]` gives the filesystem as it is after layer `n`.
    ///
    /// A `None` is a layer that could not be read. It is passed over, and the tree is not
    /// [complete](Self::is_complete). Changes are those of the last layer; if that one is missing, there are none.
    pub fn merged(layers: &[Option<&LayerIndex>]) -> Self {
        Self::build(Scope::Merged, 0, layers)
    }
}
