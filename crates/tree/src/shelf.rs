//! What is kept of each node only while a tree is built.

use crate::NodeId;

/// For each node its visible children, as a linked list, and what the layer that is being applied did with it.
///
/// Ghosts are in no list, so that removing a directory costs what is visible in it and no more.
#[derive(Debug)]
pub(crate) struct Shelf {
    places: Vec<Place>,
    /// Stands for the layer that is being applied.
    mark: u16,
}

#[derive(Clone, Copy, Debug)]
struct Place {
    first: u32,
    next: u32,
    previous: u32,
    /// The mark of the last layer that wrote something at or below.
    touched: u16,
    /// The mark of the last layer of which everything visible below is.
    clean: u16,
    /// The mark of the last layer before which the node's state was written down.
    remembered: u16,
}

const END: u32 = u32::MAX;

impl Shelf {
    /// A shelf with the root on it, and room for so many nodes.
    pub(crate) fn for_nodes(count: usize) -> Self {
        let mut shelf = Self {
            places: Vec::with_capacity(count),
            mark: 0,
        };
        shelf.push();
        shelf
    }

    /// Makes room for the next node.
    pub(crate) fn push(&mut self) {
        self.places.push(Place {
            first: END,
            next: END,
            previous: END,
            touched: 0,
            clean: 0,
            remembered: 0,
        });
    }

    pub(crate) fn next_layer(&mut self) {
        self.mark = self.mark.saturating_add(1);
    }

    /// Puts a node first among the visible children of its directory. Nothing visible is below it.
    pub(crate) fn link(&mut self, id: NodeId, parent: NodeId) {
        let next = std::mem::replace(&mut self.places[parent.index()].first, id.0);
        if next != END {
            self.places[next as usize].previous = id.0;
        }
        let place = &mut self.places[id.index()];
        place.next = next;
        place.previous = END;
        place.clean = self.mark;
    }

    /// Takes a node from among the visible children of its directory.
    pub(crate) fn unlink(&mut self, id: NodeId, parent: NodeId) {
        let Place { next, previous, .. } = self.places[id.index()];
        if previous == END {
            self.places[parent.index()].first = next;
        } else {
            self.places[previous as usize].next = next;
        }
        if next != END {
            self.places[next as usize].previous = previous;
        }
    }

    /// The first visible child.
    pub(crate) fn first_child(&self, id: NodeId) -> Option<NodeId> {
        node(self.places[id.index()].first)
    }

    /// The visible child of the same directory that comes next.
    pub(crate) fn next_sibling(&self, id: NodeId) -> Option<NodeId> {
        node(self.places[id.index()].next)
    }

    /// Notes that the layer wrote in a directory, for it and all above.
    pub(crate) fn touch(&mut self, mut id: NodeId, parent: impl Fn(NodeId) -> NodeId) {
        // What is touched lies in touched directories, so that the first one ends the climb.
        while self.places[id.index()].touched != self.mark {
            self.places[id.index()].touched = self.mark;
            id = parent(id);
        }
    }

    /// Whether the layer wrote in this directory or below.
    pub(crate) fn is_touched(&self, id: NodeId) -> bool {
        self.places[id.index()].touched == self.mark
    }

    /// Notes that everything visible below is the layer's own.
    pub(crate) fn clean(&mut self, id: NodeId) {
        self.places[id.index()].clean = self.mark;
    }

    /// Whether everything visible below is the layer's own.
    pub(crate) fn is_clean(&self, id: NodeId) -> bool {
        self.places[id.index()].clean == self.mark
    }

    /// True the first time that a layer asks this of a node.
    pub(crate) fn must_remember(&mut self, id: NodeId) -> bool {
        std::mem::replace(&mut self.places[id.index()].remembered, self.mark) != self.mark
    }
}

fn node(number: u32) -> Option<NodeId> {
    (number != END).then_some(NodeId(number))
}
