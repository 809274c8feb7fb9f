//! The tree itself: nodes in one arena, and what may be asked of them.

use layerscope_layer::{Kind, components};

use crate::links::Names;
use crate::oddity::Oddities;
use crate::resolve::Targets;
use crate::stamp::{EntryRef, Stamp, Stamps};
use crate::story::Past;
use crate::{Change, Loss};

/// A node of one [`Tree`]. Ids count from 0, the root, and stay what they are as long as the tree lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NodeId(pub(crate) u32);

impl NodeId {
    /// The root of every tree.
    pub const ROOT: Self = Self(0);

    /// The bare number, which [`Tree::id`] takes back.
    pub fn number(self) -> u32 {
        self.0
    }

    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A filesystem: of one layer as it is written, or of layers on top of each other.
///
/// Nodes stay when what they stood for is deleted: such a node is a *ghost*, and below it there are only
/// ghosts. What is visible lies below visible directories, or below a symbolic link where a loop of links
/// left an entry nowhere else to be. Children are sorted by the bytes of their names.
///
/// # Limits
///
/// Entries of all layers, nodes, and bytes of all their names are each counted in 32 bits; layers in 16.
/// A tree that met a limit says so ([`is_complete`](Self::is_complete), `tree-full`) and keeps what it has.
#[derive(Clone, Debug)]
pub struct Tree {
    pub(crate) records: Vec<Record>,
    /// All names, one after the other; a name ends where its record says, and the next begins.
    pub(crate) names: Vec<u8>,
    /// All children, those of a node together.
    pub(crate) children: Vec<NodeId>,
    pub(crate) stamps: Stamps,
    pub(crate) links: Names,
    pub(crate) targets: Targets,
    pub(crate) past: Vec<Past>,
    pub(crate) losses: Vec<Loss>,
    pub(crate) oddities: Oddities,
    pub(crate) stored_bytes: u64,
    pub(crate) complete: bool,
}

/// What the arena keeps of a node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Record {
    pub(crate) size: u64,
    pub(crate) subtree_bytes: u64,
    pub(crate) parent: NodeId,
    pub(crate) name_end: u32,
    /// The entry that wrote the name.
    pub(crate) own: Stamp,
    /// The entry with the content and the attributes: the same, or the file's for a hard link.
    pub(crate) inode: Stamp,
    /// For a ghost, the entry that removed it.
    pub(crate) remover: Stamp,
    pub(crate) subtree_entries: u32,
    pub(crate) children_end: u32,
    pub(crate) change: Change,
    pub(crate) writer: u16,
    pub(crate) kind: Kind,
    pub(crate) flags: u8,
}

/// Bits of [`Record::flags`].
pub(crate) mod flag {
    /// Visible; any other node is a ghost.
    pub(crate) const LIVE: u8 = 1;
    /// Written by a hard link entry.
    pub(crate) const HARD_LINK: u8 = 1 << 1;
    /// The top layer made the directory opaque.
    pub(crate) const OPAQUE: u8 = 1 << 2;
    /// Something below changed.
    pub(crate) const CHANGED_BELOW: u8 = 1 << 3;
    /// The node's past is written down, for it is more than having been added.
    pub(crate) const HAS_PAST: u8 = 1 << 4;
    /// Its file has, or had, other names.
    pub(crate) const SHARED: u8 = 1 << 5;
}

impl Record {
    pub(crate) fn new(parent: NodeId, name_end: u32, writer: u16) -> Self {
        Self {
            size: 0,
            subtree_bytes: 0,
            parent,
            name_end,
            own: Stamp::NONE,
            inode: Stamp::NONE,
            remover: Stamp::NONE,
            subtree_entries: 0,
            children_end: 0,
            change: Change::Unchanged,
            writer,
            kind: Kind::Directory,
            flags: 0,
        }
    }

    pub(crate) fn has(&self, flag: u8) -> bool {
        self.flags & flag != 0
    }

    pub(crate) fn is_live(&self) -> bool {
        self.has(flag::LIVE)
    }

    pub(crate) fn set(&mut self, flag: u8, on: bool) {
        if on {
            self.flags |= flag;
        } else {
            self.flags &= !flag;
        }
    }
}

/// What is known of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Node<'a> {
    /// The last component of its path; empty for the root.
    pub name: &'a [u8],
    /// The directory it is in; `None` for the root.
    pub parent: Option<NodeId>,
    /// What it is, or was. A hard link is what its file is; [`Kind::HardLink`] is one that leads nowhere.
    /// `Kind::Other(0)` is a name of which a layer's tree knows only that a whiteout removes it.
    pub kind: Kind,
    /// The entry that wrote the name; `None` when it is [synthetic](Self::is_synthetic).
    pub entry: Option<EntryRef>,
    /// The entry with the content, the mode, the owner and all else: [`entry`](Self::entry), unless this is a hard link.
    pub content: Option<EntryRef>,
    /// The layer that last wrote it.
    pub last_writer: u16,
    /// What the top layer did to it.
    pub change: Change,
    /// Who removed it, if it is not visible any more. Everything else then tells of the last time when it was.
    pub ghost: Option<Ghost>,
    /// Logical bytes of its content, whichever of its names this is; zero for what has none.
    pub size: u64,
    /// Bytes visible in it and below. A file with several names counts once in a tree: at the first visible
    /// name in the order of [`Tree::walk`]. For a ghost: the bytes that went with it and are visible nowhere else.
    pub subtree_bytes: u64,
    /// Visible nodes below it, without itself; for a ghost, all ghosts below.
    pub subtree_entries: u32,
    /// How many visible names its file has: at least 1, unless it is a ghost.
    pub links: u32,
    /// Whether a hard link entry wrote the name.
    pub is_hard_link: bool,
    /// Whether the top layer hides what lower layers had in this directory.
    pub is_opaque: bool,
    /// Whether something below it changed.
    pub changed_below: bool,
}

impl Node<'_> {
    /// Whether it is a directory that no entry describes: made with mode 0755 and owner 0:0 because something lies in it.
    pub fn is_synthetic(&self) -> bool {
        self.entry.is_none() && self.kind == Kind::Directory
    }

    /// Whether it is a directory, visible or not.
    pub fn is_directory(&self) -> bool {
        self.kind == Kind::Directory
    }
}

/// The end of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ghost {
    /// The layer that removed it.
    pub by: u16,
    /// The entry that removed it: a whiteout, an opaque whiteout, or what took its place or a parent's.
    pub marker: EntryRef,
    /// The entry that it was; `None` for a synthetic directory, and where a layer's tree does not know.
    pub was: Option<EntryRef>,
}

impl Tree {
    /// The root, which always exists.
    pub fn root(&self) -> NodeId {
        NodeId::ROOT
    }

    /// How many nodes there are, ghosts and the root included.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Whether nothing is in it but the root.
    pub fn is_empty(&self) -> bool {
        self.len() <= 1
    }

    /// The node of this number, if there is one.
    pub fn id(&self, number: u32) -> Option<NodeId> {
        ((number as usize) < self.records.len()).then_some(NodeId(number))
    }

    /// All nodes by number, ghosts and the root included. A parent comes before its children.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = NodeId> + use<> {
        (0..u32::try_from(self.records.len()).unwrap_or(u32::MAX)).map(NodeId)
    }

    /// What is known of a node. An id that this tree never gave tells of the root.
    pub fn node(&self, id: NodeId) -> Node<'_> {
        let id = self.id(id.0).unwrap_or(NodeId::ROOT);
        let record = self.record(id);
        let own = self.stamps.entry(record.own);
        Node {
            name: self.name(id),
            parent: (id != NodeId::ROOT).then_some(record.parent),
            kind: record.kind,
            entry: own,
            content: self.stamps.entry(record.inode),
            last_writer: record.writer,
            change: record.change,
            ghost: self.stamps.entry(record.remover).map(|marker| Ghost {
                by: marker.layer,
                marker,
                was: own,
            }),
            size: record.size,
            subtree_bytes: record.subtree_bytes,
            subtree_entries: record.subtree_entries,
            links: self.link_count(id),
            is_hard_link: record.has(flag::HARD_LINK),
            is_opaque: record.has(flag::OPAQUE),
            changed_below: record.has(flag::CHANGED_BELOW),
        }
    }

    /// What lies directly below a node, visible and ghosts, sorted by the bytes of the names.
    ///
    /// Not only directories have children: a file that took a directory's place has that one's ghosts below it.
    pub fn children(&self, id: NodeId) -> &[NodeId] {
        let start = match id.0.checked_sub(1) {
            Some(before) => self.record(NodeId(before)).children_end,
            None => 0,
        };
        let end = self.record(id).children_end;
        self.children
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// The path of a node, from `/`, with `/` between the names.
    pub fn path(&self, id: NodeId) -> Vec<u8> {
        let mut chain = Vec::new();
        let mut at = id;
        while at != NodeId::ROOT {
            chain.push(at);
            at = self.record(at).parent;
        }
        if chain.is_empty() {
            return b"/".to_vec();
        }
        let mut path = Vec::new();
        for id in chain.into_iter().rev() {
            path.push(b'/');
            path.extend_from_slice(self.name(id));
        }
        path
    }

    /// The node of this literal path, visible or a ghost. Symbolic links are not followed; [`resolve`](Self::resolve) does.
    pub fn lookup(&self, path: &[u8]) -> Option<NodeId> {
        let mut at = NodeId::ROOT;
        for name in components(path) {
            at = self.child(at, name)?;
        }
        Some(at)
    }

    /// The child of this name, visible or a ghost.
    pub fn child(&self, id: NodeId, name: &[u8]) -> Option<NodeId> {
        let children = self.children(id);
        let place = children
            .binary_search_by(|child| self.name(*child).cmp(name))
            .ok()?;
        children.get(place).copied()
    }

    /// Every stored entry that is not visible, by layer and entry. A single layer's tree tells what the layer hides itself.
    pub fn losses(&self) -> &[Loss] {
        &self.losses
    }

    /// What is strange about how the layers build on each other.
    pub fn oddities(&self) -> &Oddities {
        &self.oddities
    }

    /// Bytes of all entries of all layers, visible or not.
    pub fn stored_bytes(&self) -> u64 {
        self.stored_bytes
    }

    /// Bytes that are visible, each file once, whatever number of names it has.
    pub fn visible_bytes(&self) -> u64 {
        self.record(NodeId::ROOT).subtree_bytes
    }

    /// Whether every layer is in it, with every entry.
    pub fn is_complete(&self) -> bool {
        self.complete
    }

    /// Bytes of memory that the tree holds.
    pub fn heap_bytes(&self) -> usize {
        fn held<T>(items: &Vec<T>) -> usize {
            items.capacity().saturating_mul(size_of::<T>())
        }
        [
            held(&self.records),
            held(&self.names),
            held(&self.children),
            held(&self.past),
            held(&self.losses),
            self.links.heap_bytes(),
            self.targets.heap_bytes(),
        ]
        .into_iter()
        .fold(0, usize::saturating_add)
    }

    pub(crate) fn name(&self, id: NodeId) -> &[u8] {
        let start = match id.0.checked_sub(1) {
            Some(before) => self.record(NodeId(before)).name_end,
            None => 0,
        };
        let end = self.record(id).name_end;
        self.names
            .get(start as usize..end as usize)
            .unwrap_or_default()
    }

    /// The record of a node; the root's for an id that this tree never gave.
    pub(crate) fn record(&self, id: NodeId) -> &Record {
        static NOTHING: Record = Record {
            size: 0,
            subtree_bytes: 0,
            parent: NodeId::ROOT,
            name_end: 0,
            own: Stamp::NONE,
            inode: Stamp::NONE,
            remover: Stamp::NONE,
            subtree_entries: 0,
            children_end: 0,
            change: Change::Unchanged,
            writer: 0,
            kind: Kind::Directory,
            flags: flag::LIVE,
        };
        self.records.get(id.index()).unwrap_or(&NOTHING)
    }
}
