//! Why the server cannot start, or had to stop.

use std::io;
use std::net::SocketAddr;

use crate::host::InvalidHost;

/// Everything that keeps [`bind`](crate::bind) from making a server, or [`run`](crate::Server::run) from going on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An address that others could reach.
    #[error("expected 127.0.0.1 or [::1] to listen at, found {found}")]
    NotLoopback {
        /// What was asked for.
        found: SocketAddr,
    },
    /// The address cannot be listened at.
    #[error("cannot listen at {address}: {error}")]
    Listen {
        /// What was asked for.
        address: SocketAddr,
        /// What the operating system says.
        error: io::Error,
    },
    /// SOURCE is neither a regular file nor a directory that can be read.
    #[error("cannot serve {name}: {error}")]
    Source {
        /// What SOURCE is called.
        name: String,
        /// What the operating system says.
        error: io::Error,
    },
    /// A CA file holds no certificate, or one that cannot be read.
    #[error("CA file {number}: expected certificates in PEM, found {found}")]
    CaFile {
        /// Which of [`Config::ca_files`](crate::Config::ca_files), from 0.
        number: usize,
        /// What is wrong with it.
        found: String,
    },
    /// A host in the configuration that is none.
    #[error("{setting}: {error}")]
    Host {
        /// Which field of [`Config`](crate::Config).
        setting: &'static str,
        /// What was given.
        error: InvalidHost,
    },
    /// A mirror that is not the URL of a registry.
    #[error(
        "the mirror of {registry}: expected a URL like https://mirror.example.org, found {found:?}"
    )]
    Mirror {
        /// What it mirrors.
        registry: String,
        /// What was given, without a query.
        found: String,
    },
    /// The operating system gives no randomness, and without it there is no secret.
    #[error("the operating system gives no random bytes")]
    NoRandomness,
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {error}")]
    Tls {
        /// What rustls says.
        error: rustls::Error,
    },
    /// The threads of the server cannot be started.
    #[error("the server cannot be started: {error}")]
    Runtime {
        /// What the operating system says.
        error: io::Error,
    },
}

impl Error {
    /// A stable kebab-case name, for machines and message catalogues.
    pub fn name(&self) -> &'static str {
        match self {
            Self::NotLoopback { .. } => "not-loopback",
            Self::Listen { .. } => "cannot-listen",
            Self::Source { .. } => "cannot-serve-source",
            Self::CaFile { .. } => "ca-file",
            Self::Host { .. } => "bad-host",
            Self::Mirror { .. } => "bad-mirror",
            Self::NoRandomness => "no-randomness",
            Self::Tls { .. } => "tls-setup",
            Self::Runtime { .. } => "runtime",
        }
    }
}
