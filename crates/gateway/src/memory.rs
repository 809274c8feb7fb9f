//! How each repository was reached, so that its next request need not find out again.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use layerscope_source::Access;

use crate::host::Host;
use crate::limits::MAX_REMEMBERED;
use crate::origin::Origin;

/// One way to reach a repository: where it is, and as whom.
#[derive(Clone, Debug)]
pub(crate) struct Way {
    pub(crate) home: Origin,
    pub(crate) access: Access,
}

/// The ways that led somewhere, with their tokens: by registry and repository, because a token is
/// good for one of them. Kept in memory alone, and never shown to a page.
#[derive(Debug, Default)]
pub(crate) struct Memory(Mutex<BTreeMap<(Host, String), Way>>);

impl Memory {
    pub(crate) fn recall(&self, host: &Host, repository: &str) -> Option<Way> {
        let key = (host.clone(), repository.to_owned());
        self.ways().get(&key).cloned()
    }

    pub(crate) fn keep(&self, host: &Host, way: Way) {
        let key = (host.clone(), way.access.repository().to_owned());
        let mut ways = self.ways();
        // Nobody looks at so many in one sitting; to find out again costs two requests.
        if ways.len() >= MAX_REMEMBERED && !ways.contains_key(&key) {
            ways.clear();
        }
        ways.insert(key, way);
    }

    pub(crate) fn forget(&self, host: &Host, repository: &str) {
        self.ways().remove(&(host.clone(), repository.to_owned()));
    }

    fn ways(&self) -> MutexGuard<'_, BTreeMap<(Host, String), Way>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_way_is_for_one_repository_and_memory_has_an_end() {
        let host: Host = "ghcr.io".parse().expect("a host");
        let way = |name: &str| Way {
            home: Origin::of("https://ghcr.io").expect("an origin"),
            access: Access::direct(&format!("ghcr.io/{name}").parse().expect(name)),
        };
        let memory = Memory::default();
        memory.keep(&host, way("a/b"));
        assert!(memory.recall(&host, "a/b").is_some());
        assert!(memory.recall(&host, "a").is_none());
        assert!(
            memory
                .recall(&"quay.io".parse().expect("a host"), "a/b")
                .is_none()
        );
        memory.forget(&host, "a/b");
        assert!(memory.recall(&host, "a/b").is_none());
        for number in 0..=MAX_REMEMBERED {
            memory.keep(&host, way(&format!("a/b{number}")));
            assert!(memory.ways().len() <= MAX_REMEMBERED);
        }
        assert!(
            memory
                .recall(&host, &format!("a/b{MAX_REMEMBERED}"))
                .is_some()
        );
    }
}
