//! Paths that lead through symbolic links, inside the root.

use layerscope_layer::Kind;

use crate::{NodeId, Tree};

/// How many symbolic links a path may lead through, as in containerd's `RootPath`.
pub const MAX_LINKS: u32 = 256;

/// How many components of link targets are walked while one tree is built. A hostile layer could have each
/// of a million entries walk 256 targets of thousands of components; what is beyond counts as a loop.
pub(crate) const MAX_LINK_STEPS: u64 = 1 << 25;

/// Why a path leads nowhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Nothing visible has this path.
    #[error("no such file or directory")]
    Absent,
    /// Something on the way is not a directory: this node.
    #[error("not a directory")]
    NotDirectory(NodeId),
    /// More than [`MAX_LINKS`] symbolic links, or a circle of them.
    #[error("too many levels of symbolic links")]
    LinkLoop,
}

impl Error {
    /// A stable name: `path-absent`, `path-not-directory` or `path-link-loop`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Absent => "path-absent",
            Self::NotDirectory(_) => "path-not-directory",
            Self::LinkLoop => "path-link-loop",
        }
    }
}

/// What has to be known of nodes to follow a path. `'g` is how long link targets live.
pub(crate) trait Graph<'g> {
    /// The visible child of this name.
    fn visible_child(&self, id: NodeId, name: &[u8]) -> Option<NodeId>;
    /// The directory a node is in; the root for the root.
    fn parent(&self, id: NodeId) -> NodeId;
    fn kind(&self, id: NodeId) -> Kind;
    /// The target of a symbolic link.
    fn target(&self, id: NodeId) -> &'g [u8];
}

/// How far a path leads.
pub(crate) struct Reached<'g> {
    /// The last node on the way; not necessarily a directory.
    pub(crate) at: NodeId,
    /// What does not exist below it.
    pub(crate) missing: Vec<&'g [u8]>,
}

/// Follows `path` from the root, through symbolic links, as if the root were changed into (`chroot`).
///
/// As in containerd, `..` in a link's target goes up from where the links led, and what does not exist is
/// gone through as if it were directories. `steps` counts down over the components of link targets.
pub(crate) fn reach<'g>(
    graph: &impl Graph<'g>,
    path: impl IntoIterator<Item = &'g [u8]>,
    steps: &mut u64,
) -> Result<Reached<'g>, Error> {
    let mut path = path.into_iter();
    let mut at = NodeId::ROOT;
    let mut missing: Vec<&'g [u8]> = Vec::new();
    // What is left of the targets of links that are being followed, the innermost last.
    let mut targets: Vec<&'g [u8]> = Vec::new();
    let mut links = 0_u32;
    loop {
        let name = match targets.last_mut() {
            Some(target) => match next_name(target) {
                Some(name) => {
                    *steps = steps.checked_sub(1).ok_or(Error::LinkLoop)?;
                    name
                }
                None => {
                    targets.pop();
                    continue;
                }
            },
            None => match path.next() {
                Some(name) => name,
                None => return Ok(Reached { at, missing }),
            },
        };
        if name == b".." {
            if missing.pop().is_none() {
                at = graph.parent(at);
            }
            continue;
        }
        if !missing.is_empty() {
            missing.push(name);
            continue;
        }
        if graph.kind(at) != Kind::Directory {
            return Err(Error::NotDirectory(at));
        }
        match graph.visible_child(at, name) {
            None => missing.push(name),
            Some(child) if graph.kind(child) == Kind::Symlink => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(Error::LinkLoop);
                }
                let target = graph.target(child);
                if target.starts_with(b"/") {
                    at = NodeId::ROOT;
                }
                targets.push(target);
            }
            Some(child) => at = child,
        }
    }
}

/// Takes the next component off a link's target; `..` is one.
pub(crate) fn next_name<'g>(rest: &mut &'g [u8]) -> Option<&'g [u8]> {
    loop {
        if rest.is_empty() {
            return None;
        }
        let (name, after) = match rest.iter().position(|byte| *byte == b'/') {
            Some(slash) => rest
                .split_at_checked(slash)
                .map(|(name, after)| (name, after.get(1..).unwrap_or_default()))?,
            None => (*rest, &[][..]),
        };
        *rest = after;
        if !name.is_empty() && name != b"." {
            return Some(name);
        }
    }
}

/// Whether a relative `target` of a link in a directory climbs above the root. `depth` tells how deep the
/// directory is, if that is less than what it is asked about.
pub(crate) fn climbs_out(target: &[u8], is_deeper_than: impl Fn(usize) -> bool) -> bool {
    if target.starts_with(b"/") {
        return false;
    }
    let (mut rest, mut level, mut lowest) = (target, 0_isize, 0_isize);
    while let Some(name) = next_name(&mut rest) {
        level += if name == b".." { -1 } else { 1 };
        lowest = lowest.min(level);
    }
    lowest < 0 && !is_deeper_than(lowest.unsigned_abs() - 1)
}

/// The targets of the symbolic links of a tree.
#[derive(Clone, Debug, Default)]
pub(crate) struct Targets {
    /// Nodes in order, each with where its target ends; it begins where the one before ends.
    ends: Vec<(NodeId, usize)>,
    bytes: Vec<u8>,
}

impl Targets {
    /// Takes in the target of a node beyond all so far.
    pub(crate) fn push(&mut self, id: NodeId, target: &[u8]) {
        self.bytes.extend_from_slice(target);
        self.ends.push((id, self.bytes.len()));
    }

    fn of(&self, id: NodeId) -> &[u8] {
        let Ok(place) = self.ends.binary_search_by_key(&id, |(id, _)| *id) else {
            return &[];
        };
        let start = place
            .checked_sub(1)
            .and_then(|before| self.ends.get(before))
            .map_or(0, |(_, end)| *end);
        let end = self.ends.get(place).map_or(start, |(_, end)| *end);
        self.bytes.get(start..end).unwrap_or_default()
    }

    pub(crate) fn heap_bytes(&self) -> usize {
        self.ends
            .capacity()
            .saturating_mul(size_of::<(NodeId, usize)>())
            .saturating_add(self.bytes.capacity())
    }
}

impl Tree {
    /// The target of a symbolic link, as it is written; empty for anything else.
    pub fn target(&self, id: NodeId) -> &[u8] {
        self.targets.of(id)
    }

    /// Whether a symbolic link climbs above the root: a container stays at the root then, and a host does not.
    pub fn leaves_root(&self, id: NodeId) -> bool {
        let is_deeper_than = |depth: usize| {
            let mut at = self.record(id).parent;
            for _ in 0..depth {
                at = self.record(at).parent;
            }
            at != NodeId::ROOT
        };
        climbs_out(self.target(id), is_deeper_than)
    }

    /// What `path` leads to inside the tree, following symbolic links, the last component's too. Only what is visible counts.
    ///
    /// # Errors
    /// Nothing is there, something on the way is not a directory, or links go around in a circle.
    pub fn resolve(&self, path: &[u8]) -> Result<NodeId, Error> {
        let mut steps = u64::MAX;
        let reached = reach(&Visible(self), named(path), &mut steps)?;
        if !reached.missing.is_empty() {
            return Err(Error::Absent);
        }
        // A name with a slash at its end is a directory's.
        let wants_directory = path.ends_with(b"/");
        if wants_directory && self.record(reached.at).kind != Kind::Directory {
            return Err(Error::NotDirectory(reached.at));
        }
        Ok(reached.at)
    }

    /// What `path` names inside the tree: links are followed on the way, but one at the end, with no slash
    /// after it, is itself the answer.
    ///
    /// # Errors
    /// As for [`resolve`](Self::resolve).
    pub fn resolve_link(&self, path: &[u8]) -> Result<NodeId, Error> {
        let cut = path
            .iter()
            .rposition(|byte| *byte == b'/')
            .map_or(0, |slash| slash + 1);
        let (parent, name) = path.split_at_checked(cut).unwrap_or_default();
        if matches!(name, b"" | b"." | b"..") {
            return self.resolve(path);
        }
        let parent = self.resolve(parent)?;
        if self.record(parent).kind != Kind::Directory {
            return Err(Error::NotDirectory(parent));
        }
        Visible(self)
            .visible_child(parent, name)
            .ok_or(Error::Absent)
    }
}

/// Names of a path as the kernel walks it: `..` goes up from where links led.
pub(crate) fn named(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = path;
    std::iter::from_fn(move || next_name(&mut rest))
}

/// What of a finished tree a path can lead to.
struct Visible<'t>(&'t Tree);

impl<'t> Graph<'t> for Visible<'t> {
    fn visible_child(&self, id: NodeId, name: &[u8]) -> Option<NodeId> {
        self.0
            .child(id, name)
            .filter(|child| self.0.record(*child).is_live())
    }

    fn parent(&self, id: NodeId) -> NodeId {
        self.0.record(id).parent
    }

    fn kind(&self, id: NodeId) -> Kind {
        self.0.record(id).kind
    }

    fn target(&self, id: NodeId) -> &'t [u8] {
        self.0.target(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A root with a directory `d` and links that lead to it in ever more steps.
    struct Links(Vec<Vec<u8>>);

    impl<'g> Graph<'g> for &'g Links {
        fn visible_child(&self, id: NodeId, name: &[u8]) -> Option<NodeId> {
            let number: usize = std::str::from_utf8(name).ok()?.parse().ok()?;
            (id == NodeId::ROOT && number <= self.0.len()).then(|| NodeId(number as u32 + 1))
        }

        fn parent(&self, _: NodeId) -> NodeId {
            NodeId::ROOT
        }

        fn kind(&self, id: NodeId) -> Kind {
            if id.0 < 2 {
                Kind::Directory
            } else {
                Kind::Symlink
            }
        }

        fn target(&self, id: NodeId) -> &'g [u8] {
            &self.0[id.index() - 2]
        }
    }

    fn chain(links: u32) -> Links {
        Links(
            (0..links)
                .map(|to| format!("./x/../{to}/").into_bytes())
                .collect(),
        )
    }

    #[test]
    fn links_are_followed_as_often_as_containerd_does() {
        let links = chain(MAX_LINKS + 1);
        let mut steps = MAX_LINK_STEPS;
        let reached = reach(&&links, [&b"256"[..], b"new"], &mut steps).unwrap();
        assert_eq!(
            (reached.at, reached.missing),
            (NodeId(1), vec![&b"new"[..]])
        );
        assert_eq!(MAX_LINK_STEPS - steps, 3 * 256);
        assert_eq!(
            reach(&&links, [&b"257"[..]], &mut steps).err(),
            Some(Error::LinkLoop)
        );
    }

    #[test]
    fn steps_run_out() {
        let links = chain(4);
        let mut steps = 30;
        for left in [18, 6] {
            assert!(reach(&&links, [&b"4"[..]], &mut steps).is_ok());
            assert_eq!(steps, left);
        }
        for _ in 0..2 {
            assert_eq!(
                reach(&&links, [&b"4"[..]], &mut steps).err(),
                Some(Error::LinkLoop)
            );
            assert_eq!(steps, 0);
        }
    }

    #[test]
    fn relative_targets_climb_out_when_the_directory_is_not_deep_enough() {
        for (target, depth) in [
            ("a/../../b", 1),
            ("../..", 2),
            ("..", 1),
            ("a/..", 0),
            ("./../x/../../y", 2),
        ] {
            for actual in 0..4 {
                let is_deeper_than = |asked: usize| actual > asked;
                assert_eq!(
                    climbs_out(target.as_bytes(), is_deeper_than),
                    actual < depth,
                    "{target} at {actual}"
                );
            }
        }
        assert!(!climbs_out(b"/../..", |_| false));
    }
}
