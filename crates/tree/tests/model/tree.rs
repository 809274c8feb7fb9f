//! What a tree must say, told from the model.

use std::collections::{BTreeMap, BTreeSet};

use layerscope_tree::{Change, EntryRef, Kind, NodeId, Tree, story};

use crate::disk::{Disk, Path, Thing, text};
use crate::image::{Layer, indexes, member};
use crate::member::Member;

/// What the tree shows, in the words of the model.
pub(crate) fn shown(tree: &Tree) -> BTreeMap<Path, Thing> {
    let mut things = BTreeMap::new();
    let mut walk = tree.walk_visible(tree.root());
    walk.next();
    while let Some(id) = walk.next() {
        let node = tree.node(id);
        let kind = match node.kind {
            Kind::Directory => "dir",
            Kind::File => "file",
            Kind::Symlink => "link",
            Kind::Fifo => "fifo",
            Kind::HardLink => "dangling",
            _ => unreachable!(),
        };
        let target = text(tree.target(id)).to_owned();
        let thing = Thing {
            kind,
            inode: node.content,
            writer: node.last_writer,
            target,
        };
        things.insert(text(&walk.path()[1..]).to_owned(), thing);
        assert_eq!(tree.path(id), walk.path());
        assert_eq!(tree.lookup(walk.path()), Some(id));
    }
    things
}

fn size(layers: &[Layer], at: Option<EntryRef>) -> u64 {
    at.map_or(0, |at| member(layers, at).content.len() as u64)
}

/// The change between two states of a path, found out anew.
fn change(
    layers: &[Layer],
    before: Option<&Thing>,
    after: Option<&Thing>,
) -> Option<(&'static str, Vec<&'static str>)> {
    let (before, after) = match (before, after) {
        (None, None) => return None,
        (None, Some(_)) => return Some(("added", vec![])),
        (Some(_), None) => return Some(("removed", vec![])),
        (Some(before), Some(after)) => (before, after),
    };
    let mut differing = Vec::new();
    let mut note = |name, differs: bool| differing.extend(differs.then_some(name));
    let made = Member {
        mtime: u64::MAX,
        ..Member::directory("")
    };
    let old = before.inode.map_or(&made, |at| member(layers, at));
    let new = after.inode.map_or(&made, |at| member(layers, at));
    note("content", old.content != new.content);
    note("kind", before.kind != after.kind);
    note("size", old.content.len() != new.content.len());
    note("mode", old.mode != new.mode);
    note("owner", (old.uid, old.gid) != (new.uid, new.gid));
    note("mtime", old.mtime != new.mtime);
    note("link", before.target != after.target);
    note("xattrs", old.xattrs != new.xattrs);
    let is_again = before.writer != after.writer || before.inode != after.inode;
    let is_metadata = differing
        .iter()
        .all(|name| ["mode", "owner", "mtime", "xattrs"].contains(name));
    let were_directories = before.kind == "dir" && after.kind == "dir";
    match (is_again, differing.is_empty()) {
        (false, _) => None,
        (true, true) if were_directories => None,
        _ if is_metadata => Some(("metadata", differing)),
        _ => Some(("modified", differing)),
    }
}

fn spoken(change: Change) -> Option<(&'static str, Vec<&'static str>)> {
    (change != Change::Unchanged).then(|| (change.name(), change.attributes().names().collect()))
}

/// Applies an image by the model, and checks each of its trees against that: the merged tree after each layer,
/// each layer's own, and the stories.
pub(crate) fn check_image(layers: &[Layer]) -> Tree {
    let mut disks: Vec<Disk> = Vec::new();
    for (number, layer) in (0..).zip(layers) {
        let mut disk = disks.last().cloned().unwrap_or_default();
        disk.apply(number, layer);
        disks.push(disk);
        let top = usize::from(number);
        let tree = Tree::merged(&indexes(&layers[..=top]));
        check_tree(&layers[..=top], &tree, &disks);

        let mut alone = Disk::default();
        alone.apply(number, layer);
        assert_eq!(shown(&Tree::of_layer(number, &layer.index)), alone.0);
    }
    let tree = Tree::merged(&indexes(layers));
    check_stories(layers, &tree, &disks);
    tree
}

pub(crate) fn check_tree(layers: &[Layer], tree: &Tree, disks: &[Disk]) {
    let shown = shown(tree);
    let last = disks.last().unwrap();
    assert_eq!(shown, last.0);

    let mut changed = BTreeSet::new();
    // Changes of the top layer, and ghosts for all that ever was.
    let empty = Disk::default();
    let below = disks
        .len()
        .checked_sub(2)
        .map_or(&empty, |below| &disks[below]);
    for path in disks
        .iter()
        .flat_map(|disk| disk.0.keys())
        .collect::<BTreeSet<_>>()
    {
        let id = tree.lookup(path.as_bytes()).unwrap();
        let node = tree.node(id);
        assert_eq!(node.ghost.is_some(), !last.0.contains_key(path), "{path}");
        let expected = change(layers, below.0.get(path), last.0.get(path));
        let came_and_went = !below.0.contains_key(path)
            && node
                .ghost
                .is_some_and(|it| usize::from(it.by) + 1 == disks.len());
        let is_again_removed = node.change == Change::Removed && came_and_went;
        if node.change != Change::Unchanged {
            changed.insert(id);
        }
        assert!(
            spoken(node.change) == expected || is_again_removed,
            "{path}: {:?} {expected:?}",
            node.change
        );
        if let Some(ghost) = node.ghost {
            assert_eq!(ghost.by, ghost.marker.layer);
            assert_eq!(ghost.was, node.entry);
            assert!(!tree.names_of(id).contains(&id));
        }
    }

    let told: BTreeSet<NodeId> = tree.changes().map(|(id, _)| id).collect();
    assert!(told.is_superset(&changed));
    // No disk shows what came and went within a layer.
    for id in told.difference(&changed).filter(|id| **id != tree.root()) {
        let node = tree.node(*id);
        assert_eq!(node.change, Change::Removed);
        assert_eq!(
            node.ghost.map(|ghost| usize::from(ghost.by) + 1),
            Some(disks.len())
        );
    }

    // Every entry is visible, or lost once, or a marker; and so are the bytes.
    let ids: Vec<NodeId> = tree.ids().collect();
    let live = ids
        .iter()
        .map(|id| tree.node(*id))
        .filter(|node| node.ghost.is_none());
    let visible: BTreeSet<EntryRef> = live
        .flat_map(|node| [node.entry, node.content])
        .flatten()
        .collect();
    let mut lost: BTreeMap<EntryRef, usize> = BTreeMap::new();
    for loss in tree.losses() {
        let at = EntryRef {
            layer: loss.layer,
            entry: loss.entry,
        };
        *lost.entry(at).or_default() += 1;
        assert_eq!(loss.bytes, size(layers, Some(at)));
        assert!(loss.by >= loss.layer && usize::from(loss.by) < layers.len());
    }
    let mut stored = 0;
    for (number, layer) in (0..).zip(layers) {
        for (entry, member) in (0..).zip(&layer.members) {
            let at = EntryRef {
                layer: number,
                entry,
            };
            stored += member.content.len() as u64;
            let is_empty_marker = text(&member.name).contains(".wh.") && member.content.is_empty();
            let accounted =
                usize::from(visible.contains(&at)) + lost.get(&at).copied().unwrap_or_default();
            assert_eq!(
                accounted,
                usize::from(!is_empty_marker),
                "{at:?} {member:?}"
            );
        }
    }
    assert_eq!(tree.stored_bytes(), stored);
    let inodes: BTreeSet<EntryRef> = last.0.values().filter_map(|thing| thing.inode).collect();
    let visible_bytes: u64 = inodes.iter().map(|at| size(layers, Some(*at))).sum();
    assert_eq!(tree.visible_bytes(), visible_bytes);
    let lost_bytes: u64 = tree.losses().iter().map(|loss| loss.bytes).sum();
    assert_eq!(stored - visible_bytes, lost_bytes);

    // Sums, names and marks of each visible node.
    for (path, thing) in &last.0 {
        let id = tree.lookup(path.as_bytes()).unwrap();
        let node = tree.node(id);
        let is_name = |other: &&Thing| other.inode == thing.inode && thing.kind != "dir";
        let names = last.0.values().filter(is_name).count().max(1);
        assert_eq!(node.links as usize, names, "{path}");
        let size = if thing.kind == "dir" {
            0
        } else {
            size(layers, thing.inode)
        };
        assert_eq!(node.size, size, "{path}");
        assert_eq!(
            node.subtree_entries as usize,
            last.below(path).len(),
            "{path}"
        );
    }
    for id in &ids {
        let node = tree.node(*id);
        let children = tree.children(*id);
        assert!(children.is_sorted_by_key(|child| tree.node(*child).name));
        let changed = children.iter().any(|child| {
            let child = tree.node(*child);
            child.change != Change::Unchanged || child.changed_below
        });
        assert_eq!(node.changed_below, changed);
        let counted = |child: &&NodeId| tree.node(**child).ghost.is_none() || node.ghost.is_some();
        let below: u64 = children
            .iter()
            .filter(counted)
            .map(|child| tree.node(*child).subtree_bytes)
            .sum();
        let own = node.subtree_bytes - below;
        let bears = own == node.size;
        assert!(bears || own == 0);
        if node.ghost.is_none() && node.size > 0 {
            assert_eq!(bears, tree.names_of(*id).first() == Some(id));
        }
        for child in children {
            assert_eq!(tree.node(*child).parent, Some(*id));
            assert_eq!(tree.child(*id, tree.node(*child).name), Some(*child));
        }
    }
}

pub(crate) fn check_stories(layers: &[Layer], tree: &Tree, disks: &[Disk]) {
    let empty = Disk::default();
    for path in disks
        .iter()
        .flat_map(|disk| disk.0.keys())
        .collect::<BTreeSet<_>>()
    {
        let id = tree.lookup(path.as_bytes()).unwrap();
        let mut told = tree.story(id).into_iter().peekable();
        for (number, disk) in (0_u16..).zip(disks) {
            let before = number
                .checked_sub(1)
                .map_or(&empty, |before| &disks[usize::from(before)]);
            let expected = change(layers, before.0.get(path), disk.0.get(path));
            let step = told.next_if(|step| step.layer == number);
            let came_and_went = expected.is_none() && !disk.0.contains_key(path);
            match step {
                Some(step) if step.change == Change::Removed && came_and_went => {}
                step => {
                    assert_eq!(
                        step.and_then(|step| spoken(step.change)),
                        expected,
                        "{path} in {number}"
                    );
                    if let (Some(step), Some(thing)) = (step, disk.0.get(path)) {
                        assert_eq!(step.content, thing.inode);
                        assert_eq!(step.entry.is_none(), thing.inode.is_none());
                    }
                }
            }
        }
        assert_eq!(told.next(), None, "{path}");
    }
    for path in ["a", "b/c", "nowhere"] {
        let expected = tree
            .lookup(path.as_bytes())
            .map_or_else(Vec::new, |id| tree.story(id));
        assert_eq!(story(&indexes(layers), path.as_bytes()), expected);
    }
}
