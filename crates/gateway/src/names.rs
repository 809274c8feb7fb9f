//! How the names of hosts become addresses.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, SocketAddr};

use tokio::net::lookup_host;

/// Where addresses come from.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Names {
    /// The operating system.
    #[default]
    System,
    /// This table alone; a name that is not in it does not exist. Names are in lower case.
    Table(BTreeMap<String, Vec<IpAddr>>),
}

impl Names {
    /// All addresses of `name`, which may be an address itself. At least one.
    pub(crate) async fn addresses(&self, name: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        let found: Vec<SocketAddr> = match (name.parse::<IpAddr>(), self) {
            (Ok(address), _) => vec![SocketAddr::new(address, port)],
            (Err(_), Self::System) => lookup_host((name, port)).await?.collect(),
            (Err(_), Self::Table(table)) => table
                .get(name)
                .into_iter()
                .flatten()
                .map(|address| SocketAddr::new(*address, port))
                .collect(),
        };
        if found.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(found)
    }
}
