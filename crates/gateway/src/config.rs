//! What a server is to do.

use std::collections::BTreeMap;
use std::fmt;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use layerscope_source::Credentials;

use crate::allow::AllowList;
use crate::limits::IDLE_TIME;
use crate::local::LocalSource;
use crate::names::Names;

/// Finds the user's credentials for a registry, by the host that references name. It may take its
/// time, as a credential helper does, and is asked again when a registry has refused.
pub type CredentialLookup = Arc<dyn Fn(&str) -> Option<Credentials> + Send + Sync>;

/// What a server serves and whom it may ask. Hosts are written as in references, with a port if it
/// is not the usual one.
pub struct Config {
    /// Where to listen: `127.0.0.1` or `[::1]`, with a port, or 0 for any that is free.
    pub listen: SocketAddr,
    /// Whether any free port will do where that one is taken.
    pub any_port: bool,
    /// The file or directory that the page opens.
    pub source: Option<LocalSource>,
    /// The reference that the page opens if there is no `source`.
    pub image: Option<String>,
    /// The registries that may be asked.
    pub allowed: AllowList,
    /// Hosts that may be asked over plain HTTP if they do not speak TLS. Loopback hosts that the
    /// allow-list grants need not be among them.
    pub insecure: Vec<String>,
    /// By registry, the URL that is asked in its place: `https://mirror.example.org`, perhaps with a path.
    pub mirrors: BTreeMap<String, String>,
    /// By registry, further hosts that hand out its tokens and may see its credentials.
    pub realms: BTreeMap<String, Vec<String>>,
    /// Certificates of authorities to trust beside the machine's, in PEM: the bytes of each file.
    pub ca_files: Vec<Vec<u8>>,
    /// Where credentials come from.
    pub credentials: CredentialLookup,
    /// Where addresses come from.
    pub names: Names,
    /// How long a registry may send nothing in the middle of a body: [`limits::IDLE_TIME`](crate::limits::IDLE_TIME)
    /// unless somebody is in a hurry.
    pub idle: Duration,
}

impl Config {
    /// A server at `listen` that asks the well-known public registries, as nobody in particular.
    pub fn new(listen: SocketAddr) -> Self {
        Self {
            listen,
            any_port: false,
            source: None,
            image: None,
            allowed: AllowList::well_known(),
            insecure: Vec::new(),
            mirrors: BTreeMap::new(),
            realms: BTreeMap::new(),
            ca_files: Vec::new(),
            credentials: Arc::new(|_| None),
            names: Names::System,
            idle: IDLE_TIME,
        }
    }
}

impl fmt::Debug for Config {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Config")
            .field("listen", &self.listen)
            .field("source", &self.source)
            .field("image", &self.image)
            .field("allowed", &self.allowed)
            .field("insecure", &self.insecure)
            .field("mirrors", &self.mirrors)
            .field("realms", &self.realms)
            .field("ca_files", &self.ca_files.len())
            .field("names", &self.names)
            .field("idle", &self.idle)
            .finish_non_exhaustive()
    }
}
