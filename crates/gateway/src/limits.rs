//! Every bound of the gateway, with its reason.

use std::time::Duration;

/// The largest manifest, index, list of tags or of referrers that passes, in bytes. Registries
/// refuse manifests past 4 MiB; twice that is a document that nobody could have pushed.
pub const MAX_DOCUMENT: u64 = 8 << 20;

/// Browser connections at once. A browser opens six to a host; eight tabs are many.
pub const MAX_CONNECTIONS: usize = 64;

/// Requests to registries at once, over all connections. More would only share the same line, and
/// registries count them.
pub const MAX_EXCHANGES: usize = 32;

/// Steps of one exchange: ping, challenge, token, request, redirects and one more try.
/// The exchange has bounds of its own; this one holds whatever it asks.
pub const MAX_STEPS: usize = 24;

/// Repositories whose tokens are remembered. A person looks at a handful.
pub const MAX_REMEMBERED: usize = 256;

/// Header lines of one browser request. Browsers send about twenty.
pub const MAX_HEADERS: usize = 100;

/// The longest value of a header that is passed on to a registry, in bytes: the full `Accept` list
/// of an image client has fewer than 600.
pub const MAX_HEADER_VALUE: usize = 1024;

/// The longest value of a query parameter, in bytes: a tag has at most 128, a media type 255.
pub const MAX_QUERY_VALUE: usize = 512;

/// Looking a name up and connecting, over all its addresses. A registry that takes longer is not there.
pub const CONNECT_TIME: Duration = Duration::from_secs(15);

/// Until the next address of a name is tried beside the first (RFC 8305, section 5): networks whose
/// IPv6 leads nowhere are common.
pub const NEXT_ADDRESS_TIME: Duration = Duration::from_millis(250);

/// For a request to get its turn among [`MAX_EXCHANGES`].
pub const TURN_TIME: Duration = Duration::from_secs(30);

/// From a request to the head of its answer, with the TLS handshake. Registries that must fetch first take a while.
pub const ANSWER_TIME: Duration = Duration::from_secs(60);

/// Without a byte from the registry while one is waited for. Then the page is told, and resumes.
pub const IDLE_TIME: Duration = Duration::from_secs(layerscope_source::limits::IDLE_SECONDS);

/// For a browser to send its header lines, and for an idle connection to be kept.
pub const HEADER_TIME: Duration = Duration::from_secs(30);

/// For reads of local files to end when the server is told to stop.
pub const STOP_TIME: Duration = Duration::from_secs(1);

/// Until the next connection is taken when the operating system has none to give.
pub const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// How long a connection to a registry is kept for the next request.
pub const KEEP_TIME: Duration = Duration::from_secs(60);

/// How many of them are kept for one host.
pub const KEEP_CONNECTIONS: usize = 8;

/// The most bytes of a body that nobody wants which are read all the same, so that the connection
/// can be used again: a challenge's body has a few hundred.
pub const MAX_DRAINED: u64 = 16 << 10;

/// How much of a local file is read and handed on at a time, in bytes.
pub const READ_SIZE: usize = 256 << 10;
