//! The tree of one layer.

use layerscope_layer::LayerIndex;

use crate::Tree;
use crate::apply::Scope;

impl Tree {
    /// One layer as it is written, on top of nothing. `number` is what its entries are told to belong to.
    ///
    /// Everything that the layer writes is [`Added`](crate::Change::Added). What a whiteout names is a ghost, be it
    /// known or not, and an opaque whiteout marks its directory ([`Node::is_opaque`](crate::Node::is_opaque)). Links
    /// are followed as far as the layer itself leads; a hard link to a lower layer is a [`Kind::HardLink`](layerscope_layer::Kind)
    /// of no size. Losses are what the layer stores and hides itself.
    pub fn of_layer(number: u16, index: &LayerIndex) -> Self {
        Self::build(Scope::Layer, number, &[Some(index)])
    }
}
