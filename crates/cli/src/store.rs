//! Layers that were read before, as files of the user's cache directory.
//!
//! A [`Store`] has an entry for each layer, under the name that the core gives it. It is a convenience: whatever goes
//! wrong with it, layers are read as if there were none.

use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{ErrorKind, Read, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, SystemTime};

/// The most bytes that are kept when nobody says: the layers of some hundred images.
pub(crate) const DEFAULT_CAP: u64 = 1 << 30;

/// Letters of an entry's name, which are hexadecimal digits.
const NAME: usize = 64;

/// What the name of an entry that is still being written begins with.
const UNFINISHED: char = '.';

/// After so long, whoever was writing an entry no longer does.
const ABANDONED: Duration = Duration::from_secs(60 * 60);

/// Tells the entries apart that one process writes at the same time.
static WRITTEN: AtomicU32 = AtomicU32::new(0);

/// A directory with layers.
#[derive(Debug, Clone)]
pub(crate) struct Store {
    directory: PathBuf,
    /// Bytes.
    cap: u64,
}

/// How much a store holds.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    pub(crate) layers: usize,
    pub(crate) bytes: u64,
}

/// One entry, or what is left of one.
struct Entry {
    path: PathBuf,
    bytes: u64,
    used: SystemTime,
    is_finished: bool,
}

impl Store {
    /// A store of at most `cap` bytes. The directory need not be there.
    pub(crate) fn new(directory: PathBuf, cap: u64) -> Store {
        Store { directory, cap }
    }

    pub(crate) fn directory(&self) -> &Path {
        &self.directory
    }

    pub(crate) fn cap(&self) -> u64 {
        self.cap
    }

    /// What was kept under a name. From now on it counts as used last.
    pub(crate) fn get(&self, name: &str) -> Option<Vec<u8>> {
        let path = self.directory.join(name);
        let metadata = fs::metadata(&path).ok()?;
        if !metadata.is_file() || metadata.len() > self.cap {
            return None;
        }
        let file = File::open(path).ok()?;
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).ok()?);
        (&file).take(self.cap).read_to_end(&mut bytes).ok()?;
        // Another user's file cannot be touched, and is read all the same.
        let _ = file.set_modified(SystemTime::now());
        Some(bytes)
    }

    /// Keeps bytes under a name, and lets go of what was not used for longest where they are too many.
    ///
    /// # Errors
    /// When there is no directory, it cannot be written, or the disk is full. Nothing is left of the attempt.
    pub(crate) fn put(&self, name: &str, bytes: &[u8]) -> std::io::Result<()> {
        if bytes.len() as u64 > self.cap {
            return Ok(());
        }
        DirBuilder::new()
            .recursive(true)
            .mode(0o700)
            .create(&self.directory)?;
        let number = WRITTEN.fetch_add(1, Ordering::Relaxed);
        let process = std::process::id();
        let unfinished = format!("{UNFINISHED}{name}.{process}.{number}");
        let unfinished = self.directory.join(unfinished);
        // Whoever reads meanwhile sees the whole entry or none.
        let written = write(&unfinished, bytes)
            .and_then(|()| fs::rename(&unfinished, self.directory.join(name)));
        if let Err(error) = written {
            // Somebody else's is not to be removed.
            if error.kind() != ErrorKind::AlreadyExists {
                let _ = fs::remove_file(&unfinished);
            }
            return Err(error);
        }
        self.trim();
        Ok(())
    }

    /// Removes an entry that is not what it should be.
    pub(crate) fn forget(&self, name: &str) {
        let _ = fs::remove_file(self.directory.join(name));
    }

    /// How much there is.
    pub(crate) fn held(&self) -> Held {
        held(&self.entries())
    }

    /// Removes all that was kept, and nothing else; says how much that was.
    ///
    /// # Errors
    /// When something cannot be removed.
    pub(crate) fn clear(&self) -> std::io::Result<Held> {
        let entries = self.entries();
        for entry in &entries {
            remove(&entry.path)?;
        }
        Ok(held(&entries))
    }

    fn trim(&self) {
        let mut entries = self.entries();
        let now = SystemTime::now();
        entries.sort_by_key(|entry| entry.used);
        let mut bytes: u64 = entries.iter().map(|entry| entry.bytes).sum();
        for entry in entries {
            let age = now.duration_since(entry.used).unwrap_or_default();
            let is_abandoned = !entry.is_finished && age > ABANDONED;
            if (is_abandoned || entry.is_finished && bytes > self.cap)
                && remove(&entry.path).is_ok()
            {
                bytes = bytes.saturating_sub(entry.bytes);
            }
        }
    }

    /// What is there of ours: the user's directory may hold other things.
    fn entries(&self) -> Vec<Entry> {
        let Ok(directory) = fs::read_dir(&self.directory) else {
            return Vec::new();
        };
        directory
            .filter_map(|found| {
                let found = found.ok()?;
                let name = found.file_name().into_string().ok()?;
                let is_finished = is_name(&name);
                let is_ours = is_finished
                    || name
                        .strip_prefix(UNFINISHED)
                        .and_then(|rest| rest.split_once('.'))
                        .is_some_and(|(name, _)| is_name(name));
                // Others clear the same directory at the same time.
                let metadata = found.metadata().ok()?;
                (is_ours && metadata.is_file()).then(|| Entry {
                    path: found.path(),
                    bytes: metadata.len(),
                    used: metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH),
                    is_finished,
                })
            })
            .collect()
    }
}

fn is_name(text: &str) -> bool {
    text.len() == NAME
        && text
            .bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn held(entries: &[Entry]) -> Held {
    Held {
        layers: entries.iter().filter(|entry| entry.is_finished).count(),
        bytes: entries.iter().map(|entry| entry.bytes).sum(),
    }
}

fn write(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true).mode(0o600);
    options.open(path)?.write_all(bytes)
}

/// What another process has removed already is gone, too.
fn remove(path: &Path) -> std::io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// Where a user's programs keep what they can do without.
pub(crate) fn user_directory() -> Option<PathBuf> {
    let named = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from);
    // One that is not absolute is to be ignored (XDG Base Directory Specification).
    let base = named.filter(|path| path.is_absolute()).or_else(|| {
        let home = std::env::home_dir().filter(|home| home.is_absolute())?;
        Some(match cfg!(target_os = "macos") {
            true => home.join("Library/Caches"),
            false => home.join(".cache"),
        })
    })?;
    Some(base.join("layerscope"))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    /// A directory that is gone after the test.
    struct Place(PathBuf);

    impl Place {
        fn new(name: &str) -> Place {
            let name = format!("layerscope-cache-{name}-{}", std::process::id());
            let path = std::env::temp_dir().join(name);
            let _ = fs::remove_dir_all(&path);
            Place(path)
        }

        fn store(&self, cap: u64) -> Store {
            Store::new(self.0.join("in/there"), cap)
        }
    }

    impl Drop for Place {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn name(number: u8) -> String {
        format!("{number:064x}")
    }

    /// Makes it look as if an entry had been used so many seconds ago.
    fn used(store: &Store, number: u8, seconds: u64) {
        let file = File::open(store.directory.join(name(number))).unwrap();
        file.set_modified(SystemTime::now() - Duration::from_secs(seconds))
            .unwrap();
    }

    #[test]
    fn what_is_kept_is_there_for_its_owner_alone() {
        let place = Place::new("kept");
        let store = place.store(100);
        assert_eq!(store.get(&name(1)), None);
        assert_eq!(store.held(), Held::default());
        store.put(&name(1), b"one").unwrap();
        store.put(&name(1), b"another").unwrap();
        assert_eq!(store.get(&name(1)).unwrap(), b"another");
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(store.directory()), 0o700);
        assert_eq!(mode(&store.directory().join(name(1))), 0o600);
        store.forget(&name(1));
        assert_eq!(store.get(&name(1)), None);
    }

    #[test]
    fn what_was_not_used_for_longest_goes_first() {
        let place = Place::new("order");
        let store = place.store(30);
        for number in 1..=3 {
            store.put(&name(number), &[number; 10]).unwrap();
            used(&store, number, 100 - u64::from(number));
        }
        assert_eq!(
            store.held(),
            Held {
                layers: 3,
                bytes: 30
            }
        );
        // The oldest is looked at again, and stays.
        assert!(store.get(&name(1)).is_some());
        store.put(&name(4), &[4; 15]).unwrap();
        let left: Vec<bool> = (1..=4).map(|it| store.get(&name(it)).is_some()).collect();
        assert_eq!(left, [true, false, false, true]);
        // One that is too large takes nobody's place.
        store.put(&name(5), &[5; 31]).unwrap();
        assert_eq!(
            store.held(),
            Held {
                layers: 2,
                bytes: 25
            }
        );
    }

    #[test]
    fn nothing_of_others_is_counted_or_removed() {
        let place = Place::new("others");
        let store = place.store(10);
        store.put(&name(1), b"one").unwrap();
        let others = [
            "notes.txt".to_owned(),
            name(2).to_uppercase().replace('2', "G"),
        ];
        for other in &others {
            fs::write(store.directory().join(other), [0; 100]).unwrap();
        }
        fs::create_dir(store.directory().join(name(3))).unwrap();
        assert_eq!(store.get(&name(3)), None);
        store.put(&name(4), b"four").unwrap();
        assert_eq!(
            store.held(),
            Held {
                layers: 2,
                bytes: 7
            }
        );
        assert_eq!(
            store.clear().unwrap(),
            Held {
                layers: 2,
                bytes: 7
            }
        );
        assert_eq!(store.held(), Held::default());
        let left = fs::read_dir(store.directory()).unwrap().count();
        assert_eq!(left, others.len() + 1);
    }

    #[test]
    fn what_was_never_finished_is_no_entry_and_goes_in_time() {
        let place = Place::new("unfinished");
        let store = place.store(100);
        store.put(&name(1), b"one").unwrap();
        let path = store.directory().join(format!(".{}.1.0", name(2)));
        fs::write(&path, b"half").unwrap();
        store.put(&name(3), b"three").unwrap();
        assert!(path.exists(), "somebody may still be writing it");
        assert_eq!(
            store.held(),
            Held {
                layers: 2,
                bytes: 12
            }
        );
        let file = File::open(&path).unwrap();
        file.set_modified(SystemTime::now() - 2 * ABANDONED)
            .unwrap();
        store.put(&name(3), b"three").unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_directory_that_cannot_be_written_is_an_error_and_no_more() {
        let place = Place::new("shut");
        fs::create_dir_all(&place.0).unwrap();
        fs::write(place.0.join("in"), b"a file").unwrap();
        let store = place.store(100);
        assert!(store.put(&name(1), b"one").is_err());
        assert_eq!(store.get(&name(1)), None);
        assert_eq!(store.clear().unwrap(), Held::default());
    }

    #[test]
    fn many_write_and_read_at_the_same_time() {
        let place = Place::new("many");
        let store = place.store(4 << 20);
        std::thread::scope(|scope| {
            for writer in 0..8_u8 {
                let store = &store;
                scope.spawn(move || {
                    for round in 0..50_u8 {
                        let entry = round % 4;
                        store.put(&name(entry), &vec![entry; 100_000]).unwrap();
                        let Some(found) = store.get(&name((entry + writer) % 4)) else {
                            continue;
                        };
                        assert_eq!(found, vec![(entry + writer) % 4; 100_000]);
                    }
                });
            }
        });
        assert_eq!(
            store.held(),
            Held {
                layers: 4,
                bytes: 400_000
            }
        );
    }
}
