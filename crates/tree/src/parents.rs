//! The directories that entries lie in: followed through links, and made when missing.

use layerscope_layer::Kind;

use crate::NodeId;
use crate::apply::{Builder, Current};
use crate::oddity::OddityKind;
use crate::resolve::{Error, Graph, reach};

impl<'a> Builder<'a> {
    /// The directory that the cleaned `names` lead to, made if it does not exist; `None` if it cannot be.
    pub(crate) fn enter(&mut self, names: &[&'a [u8]], now: Current<'_, 'a>) -> Option<NodeId> {
        let mut steps = self.link_steps;
        let reached = reach(&*self, names.iter().copied(), &mut steps);
        self.link_steps = steps;
        let parent = match reached {
            Ok(reached) => self.make(reached.at, &reached.missing, now),
            Err(Error::LinkLoop) => {
                self.note(OddityKind::LinkLoop, now, None);
                self.make(NodeId::ROOT, names, now)
            }
            Err(Error::NotDirectory(id)) => {
                self.note(OddityKind::FileAsParent, now, Some(id));
                None
            }
            Err(Error::Absent) => None,
        }?;
        self.shelf
            .touch(parent, |id| self.records[id.index()].parent);
        Some(parent)
    }

    /// The directory under literal `names` below `at`. Directories that are missing are made.
    ///
    /// Links are not followed: where they could be, the caller has; what is left is the literal path behind a loop of links.
    fn make(&mut self, mut at: NodeId, names: &[&[u8]], now: Current<'_, 'a>) -> Option<NodeId> {
        for name in names {
            if !self.can_hold_entries(at) {
                break;
            }
            let Some(id) = self.slot(at, name) else {
                self.note(OddityKind::TreeFull, now, None);
                self.complete = false;
                return None;
            };
            if !self.records[id.index()].is_live() {
                self.remember(id);
                self.raise(id);
                self.synthesise(id);
            }
            at = id;
        }
        if self.can_hold_entries(at) {
            return Some(at);
        }
        self.note(OddityKind::FileAsParent, now, Some(at));
        None
    }

    fn can_hold_entries(&self, id: NodeId) -> bool {
        matches!(
            self.records[id.index()].kind,
            Kind::Directory | Kind::Symlink
        )
    }
}

impl<'a> Graph<'a> for Builder<'a> {
    fn visible_child(&self, id: NodeId, name: &[u8]) -> Option<NodeId> {
        self.known(id, name)
            .filter(|child| self.records[child.index()].is_live())
    }

    fn parent(&self, id: NodeId) -> NodeId {
        self.records[id.index()].parent
    }

    fn kind(&self, id: NodeId) -> Kind {
        self.records[id.index()].kind
    }

    fn target(&self, id: NodeId) -> &'a [u8] {
        self.entry(self.records[id.index()].inode)
            .map_or(&[], |entry| entry.link)
    }
}

/// The directory part of a path and its last component, if that is an ordinary name.
pub(crate) fn split_last(path: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = path.iter().rposition(|byte| *byte != b'/')? + 1;
    let path = path.get(..end)?;
    let cut = path
        .iter()
        .rposition(|byte| *byte == b'/')
        .map_or(0, |slash| slash + 1);
    let (directory, base) = path.split_at_checked(cut)?;
    (!matches!(base, b"." | b"..")).then_some((directory, base))
}
