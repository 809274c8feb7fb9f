//! Why a source, or one image of it, cannot be read.

use layerscope_layer::Cause;
use layerscope_oci::Digest;

use crate::words::{Silence, Told, advised, in_detail, kept_back, left_over, listed, words};

pub(crate) use crate::words::{quoted, some_of};

/// Everything that can be wrong between a name and an image's layers, with what, where, expected and found.
///
/// Text that somebody else wrote (a registry, an archive) is repeated escaped and at most
/// [`limits::QUOTED_BYTES`](crate::limits::QUOTED_BYTES) bytes long, and URLs without their queries, so that an error may be
/// printed as it is.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A document cannot be understood.
    #[error("{at}: {error}")]
    Document {
        /// The digest, the file or the archive's member.
        at: String,
        /// What is wrong with it.
        error: layerscope_oci::Error,
    },

    /// A JSON file of an archive or a layout is not what its specification says.
    #[error("{at}: expected {expected}, found {found}")]
    TopFile {
        /// The file, and the field within it.
        at: String,
        /// What the specification asks for.
        expected: &'static str,
        /// What stands there.
        found: String,
    },

    /// Something passes one of the bounds in [`limits`](crate::limits).
    #[error("{at}: {what}: at most {limit} are read, found {found}")]
    OverLimit {
        /// Where.
        at: String,
        /// What was counted, with its unit.
        what: &'static str,
        /// The bound.
        limit: u64,
        /// The count, or "more".
        found: String,
    },

    /// An index leads back to itself.
    #[error("index {digest} lists itself, directly or through other indexes")]
    IndexCycle {
        /// The index.
        digest: Digest,
    },

    /// Indexes nest deeper than [`limits::INDEX_DEPTH`](crate::limits::INDEX_DEPTH).
    #[error("index {digest} is nested more than {limit} deep")]
    IndexDepth {
        /// The first index beyond.
        digest: Digest,
        /// The bound.
        limit: usize,
    },

    /// A blob is a kind of document that cannot stand where it does.
    #[error("{at}: expected {expected}, found {found}")]
    Unexpected {
        /// The blob.
        at: String,
        /// What should be there.
        expected: &'static str,
        /// What is there.
        found: String,
    },

    /// The config lists another number of diff_ids than the manifest lists layers, so nobody can say
    /// which belongs to which.
    #[error("expected as many diff_ids as layers ({layers}), found {diff_ids}")]
    LayerCount {
        /// Layers in the manifest.
        layers: usize,
        /// Entries of `rootfs.diff_ids` in the config.
        diff_ids: usize,
    },

    /// A blob that was asked for is not in the archive or the layout.
    #[error("{what} {at} is not in the source")]
    Absent {
        /// "manifest", "config" or "layer".
        what: &'static str,
        /// Its digest or its place.
        at: String,
    },

    /// No image of the source has the number or name that was asked for.
    #[error("no image {wanted} in the source, which holds {}", listed(.have))]
    NoSuchImage {
        /// What was asked for.
        wanted: String,
        /// What could have been.
        have: Vec<String>,
    },

    /// No image of the source is for the platform that was asked for.
    #[error("no image for {wanted} in the source, which has {}", listed(.have))]
    NoSuchPlatform {
        /// What was asked for.
        wanted: String,
        /// What could have been.
        have: Vec<String>,
    },

    /// The file is not an archive at all.
    #[error("expected an image archive (a tar file), found {found}")]
    NotAnArchive {
        /// What it looks like.
        found: String,
    },

    /// The archive is a tar file that holds no image.
    #[error("expected manifest.json or index.json in the archive, found {found}: {}", listed(.members))]
    NoManifest {
        /// What the archive looks like.
        found: &'static str,
        /// The first names in it.
        members: Vec<String>,
        /// How many members it has.
        count: usize,
    },

    /// The archive cannot be read to its end.
    #[error("the archive: {cause}")]
    Archive {
        /// What is wrong with it: what the tar parser says or, of an archive that is compressed as a
        /// whole, the decoder.
        cause: Box<Cause>,
    },

    /// Links between the members of an archive form a loop or an overlong chain.
    #[error("{at}: the link leads to {to}, which leads back or too far")]
    LinkCycle {
        /// The name that was looked up.
        at: String,
        /// The last link that was followed.
        to: String,
    },

    /// One file of an archive cannot be read.
    #[error("member {number} of the archive: {problem}")]
    Member {
        /// Which member, from 0.
        number: usize,
        /// What is wrong.
        problem: String,
    },

    /// The layer's content cannot be extracted.
    #[error("{error}")]
    Layer {
        /// What is wrong.
        error: Box<layerscope_layer::Error>,
    },

    /// The registry does not know the repository, the tag or the digest.
    #[error("{host} has no {what}{}", words(.told))]
    NotFound {
        /// The registry.
        host: String,
        /// What was asked for: "manifest 3.19 of library/alpine".
        what: String,
        /// The registry's own words.
        told: Option<Box<Told>>,
    },

    /// The registry refuses.
    #[error("{host} denies {what} (status {status}){}{}", words(.told), kept_back(.withheld))]
    Denied {
        /// The registry, the token realm, or the host that a redirect led to.
        host: String,
        /// What was asked for.
        what: String,
        /// 401 or 403.
        status: u16,
        /// The registry's own words.
        told: Option<Box<Told>>,
        /// A token realm that did not get the user's credentials, because the user has not allowed it.
        withheld: Option<String>,
    },

    /// The registry asks to slow down, and has been asked often enough.
    #[error("{host} still has too many requests after {attempts} attempts{}{}", left_over(.quota), words(.told))]
    TooManyRequests {
        /// The registry.
        host: String,
        /// How often it was asked.
        attempts: u32,
        /// What it says is left: the `RateLimit-Limit` and `RateLimit-Remaining` headers.
        quota: Option<String>,
        /// The registry's own words.
        told: Option<Box<Told>>,
    },

    /// A request got no whole answer, once or, where that may help, as often as a request is sent.
    #[error("{host} did not answer for {what}: {}{}", .silence.words(), in_detail(.detail))]
    Unanswered {
        /// Who was asked.
        host: String,
        /// What was asked for.
        what: String,
        /// In which way it stayed silent.
        silence: Silence,
        /// The driver's words; may be empty.
        detail: String,
    },

    /// An answer with a status that does not belong there.
    #[error("{host} answers {what} with status {status}{}", words(.told))]
    Status {
        /// Who answered.
        host: String,
        /// What was asked for.
        what: String,
        /// The status.
        status: u16,
        /// Its own words.
        told: Option<Box<Told>>,
    },

    /// The gateway in between has a reason of its own: a host that it was not told of, or cannot reach.
    #[error("{host}: the gateway answers {name} (status {status}){}", advised(.advice))]
    Gateway {
        /// The registry that was to be asked.
        host: String,
        /// The gateway's stable name for its reason, in kebab-case.
        name: String,
        /// The status.
        status: u16,
        /// The command that would help.
        advice: Option<String>,
    },

    /// A redirect that is not followed.
    #[error("a redirect from {from} to {to} is not followed: {why}")]
    Redirect {
        /// The URL that redirects.
        from: String,
        /// Where to.
        to: String,
        /// Which rule it breaks.
        why: &'static str,
    },

    /// A token realm that is not asked.
    #[error("the token realm {realm} is not asked: {why}")]
    Realm {
        /// The URL that the registry names.
        realm: String,
        /// Which rule it breaks.
        why: &'static str,
    },

    /// A token realm's answer holds no token.
    #[error("{realm}: expected a token, found {found}")]
    Token {
        /// The URL of the realm.
        realm: String,
        /// What came instead.
        found: String,
    },

    /// A response to a range request is not for that range (RFC 9110, section 14.4).
    #[error("{at}: expected bytes {expected}, found {found}")]
    Range {
        /// The blob.
        at: String,
        /// The range that was asked for.
        expected: String,
        /// What the response says.
        found: String,
    },

    /// A body that was encoded for transport although nobody asked for it: its bytes are not the blob's.
    #[error("{at}: expected the bytes as they are, found the content encoding {found}")]
    Encoding {
        /// The blob.
        at: String,
        /// The `Content-Encoding`.
        found: String,
    },

    /// A URL that cannot be used.
    #[error("{url} is not a URL that can be fetched: {why}")]
    Url {
        /// The URL.
        url: String,
        /// What is wrong.
        why: &'static str,
    },

    /// The driver could not do what it was asked.
    #[error("{at}: {why}")]
    Driver {
        /// What was asked for.
        at: String,
        /// Why not, in the driver's words.
        why: String,
    },

    /// Bytes from a worker or a store are not what this version writes.
    #[error("expected {expected} at byte {offset} of the stored form")]
    Stored {
        /// Bytes from its start.
        offset: usize,
        /// What should stand there.
        expected: &'static str,
    },
}

impl Error {
    /// A stable kebab-case name, for machines and message catalogues: that of the cause when there is one.
    pub fn name(&self) -> &str {
        match self {
            Self::Document { error, .. } => error.name(),
            Self::TopFile { .. } => "malformed-file",
            Self::OverLimit { .. } => "over-limit",
            Self::IndexCycle { .. } => "index-cycle",
            Self::IndexDepth { .. } => "index-depth",
            Self::Unexpected { .. } => "unexpected-document",
            Self::LayerCount { .. } => "layer-count",
            Self::Absent { .. } => "absent",
            Self::NoSuchImage { .. } => "no-such-image",
            Self::NoSuchPlatform { .. } => "no-such-platform",
            Self::NotAnArchive { .. } => "not-an-archive",
            Self::NoManifest { .. } => "no-manifest",
            Self::Archive { cause } => &cause.name,
            Self::LinkCycle { .. } => "link-cycle",
            Self::Member { .. } => "archive-member",
            Self::Layer { error } => error.name(),
            Self::NotFound { .. } => "not-found",
            Self::Denied { .. } => "denied",
            Self::TooManyRequests { .. } => "too-many-requests",
            Self::Unanswered { silence, .. } => silence.name(),
            Self::Status { .. } => "http-status",
            Self::Gateway { name, .. } => name,
            Self::Redirect { .. } => "redirect-refused",
            Self::Realm { .. } => "realm-refused",
            Self::Token { .. } => "no-token",
            Self::Range { .. } => "wrong-range",
            Self::Encoding { .. } => "content-encoding",
            Self::Url { .. } => "bad-url",
            Self::Driver { .. } => "driver",
            Self::Stored { .. } => "stored-form",
        }
    }

    /// Where: a digest, a member, a file, a host or a URL.
    pub fn at(&self) -> Option<String> {
        Some(match self {
            Self::Document { at, .. }
            | Self::TopFile { at, .. }
            | Self::OverLimit { at, .. }
            | Self::Unexpected { at, .. }
            | Self::Absent { at, .. }
            | Self::LinkCycle { at, .. }
            | Self::Range { at, .. }
            | Self::Encoding { at, .. }
            | Self::Driver { at, .. } => at.clone(),
            Self::IndexCycle { digest } | Self::IndexDepth { digest, .. } => digest.to_string(),
            Self::NotFound { host, .. }
            | Self::Denied { host, .. }
            | Self::TooManyRequests { host, .. }
            | Self::Unanswered { host, .. }
            | Self::Status { host, .. }
            | Self::Gateway { host, .. } => host.clone(),
            Self::Redirect { to: url, .. }
            | Self::Realm { realm: url, .. }
            | Self::Token { realm: url, .. }
            | Self::Url { url, .. } => url.clone(),
            Self::Member { number, .. } => number.to_string(),
            Self::Stored { offset, .. } => offset.to_string(),
            Self::Archive { cause } => format!("byte {}", cause.offset),
            Self::LayerCount { .. }
            | Self::NoSuchImage { .. }
            | Self::NoSuchPlatform { .. }
            | Self::NotAnArchive { .. }
            | Self::NoManifest { .. }
            | Self::Layer { .. } => return None,
        })
    }

    /// What should have been there.
    pub fn expected(&self) -> Option<String> {
        Some(match self {
            Self::TopFile { expected, .. }
            | Self::Unexpected { expected, .. }
            | Self::Stored { expected, .. } => (*expected).to_owned(),
            Self::Range { expected, .. } => expected.clone(),
            Self::OverLimit { limit, .. } => limit.to_string(),
            Self::LayerCount { layers, .. } => layers.to_string(),
            Self::NoSuchImage { wanted, .. } | Self::NoSuchPlatform { wanted, .. } => {
                wanted.clone()
            }
            Self::Archive { cause } => return cause.expected.clone(),
            _ => return None,
        })
    }

    /// What was there.
    pub fn found(&self) -> Option<String> {
        Some(match self {
            Self::TopFile { found, .. }
            | Self::OverLimit { found, .. }
            | Self::Unexpected { found, .. }
            | Self::NotAnArchive { found }
            | Self::Token { found, .. }
            | Self::Range { found, .. }
            | Self::Encoding { found, .. } => found.clone(),
            Self::LayerCount { diff_ids, .. } => diff_ids.to_string(),
            Self::NoSuchImage { have, .. } | Self::NoSuchPlatform { have, .. } => listed(have),
            Self::NoManifest { members, .. } => listed(members),
            Self::Denied { status, .. } | Self::Status { status, .. } => status.to_string(),
            Self::Gateway { advice, .. } => return advice.clone(),
            Self::Archive { cause } => return cause.found.clone(),
            _ => return None,
        })
    }
}

impl From<layerscope_layer::Error> for Error {
    fn from(error: layerscope_layer::Error) -> Self {
        Self::Layer {
            error: Box::new(error),
        }
    }
}
