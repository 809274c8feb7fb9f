//! The part of a session that looks for what is attached to its image.

use layerscope_source::{AskId, Reply};

use super::Attached;
use crate::session::{Next, Session};
use crate::view::AttachedView;

impl Session {
    /// Looks for what is attached to the chosen image, once: [`poll_attached`](Self::poll_attached) has the questions then.
    pub fn look_for_attached(&mut self) {
        let looks_at = self.chosen();
        if let Some((of, attached)) = self.attached.take() {
            if Some(of) == looks_at {
                self.attached = Some((of, attached));
                return;
            }
            self.reader = Some(attached.into_reader());
        }
        let Some(reader) = self.reader.take() else {
            return;
        };
        match (looks_at, self.resolved(), self.image()) {
            (Some(of), Some(resolved), Some(image)) => {
                let attached = Attached::new(reader, self.access(), resolved, image);
                self.attached = Some((of, attached));
            }
            _ => self.reader = Some(reader),
        }
    }

    /// What to do next about what is attached to the image; [`Next::Ready`] when all is known.
    pub fn poll_attached(&mut self) -> Next {
        let attached = self.attached.as_mut();
        attached.map_or(Next::Ready, |(_, attached)| attached.poll())
    }

    /// Brings the answer to a question of [`Session::poll_attached`].
    pub fn provide_attached(&mut self, id: AskId, reply: Reply) {
        if let Some((_, attached)) = &mut self.attached {
            attached.provide(id, reply);
        }
    }

    /// What is attached to the chosen image, as far as it is known; `None` before anybody looked for it.
    #[must_use]
    pub fn attached(&self) -> Option<AttachedView> {
        let (of, attached) = self.attached.as_ref()?;
        let kind = self.resolved()?.kind;
        (Some(*of) == self.chosen()).then(|| attached.view(kind))
    }

    /// The bytes of a statement, or of the manifest of what is attached: by its digest, or by twelve and more digits of it.
    #[must_use]
    pub fn attached_bytes(&self, digest: &str) -> Option<&[u8]> {
        self.attached.as_ref()?.1.bytes(digest)
    }
}
