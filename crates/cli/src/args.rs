//! The command line: what may be typed.

use clap::{Args, Parser, Subcommand, ValueEnum};
use layerscope_layer::Limits;

/// Look inside container images: manifests, layers, files, and whether every byte is what its digest says.
#[derive(Debug, Parser)]
#[command(name = "layerscope", version, disable_help_subcommand = true, after_help = AFTER)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
    #[command(flatten)]
    pub(crate) global: Global,
}

const AFTER: &str = "\
SOURCE is guessed: a file is an archive, a directory is an OCI layout, anything else is a reference.
To force it, write docker://REFERENCE, docker-archive:FILE, oci-archive:FILE or oci:DIR[:TAG].

What was read of a verified layer is kept by its digests. Such a layer is `known` and is not read
again, which is no verification: `verify`, `findings --fail-on` and `waste --ci` read it every time,
and so does any command with --no-cache or a --max option.

Exit status: 0 fine, 1 verification or gate failed, 2 usage, input or network error.
For diff: 0 the same, 1 different, 2 trouble.";

const DIFF: &str = "\
Each path that differs is a line: + only in B, - only in A, ~ another kind, content, size, target or
device, @ the same content with other metadata; and then in what it differs, from A to B.

Layers are listed, but do not count as a difference: the same files may be cut in other ways. What
two images share is read once, unless --no-cache is given.

Exit status: 0 the same, 1 different, 2 trouble, which is also a layer that did not verify.";

const FIND: &str = "\
Words that narrow what is found, alone or beside a pattern, as in 'suid: size:>1M *.so':
  size:>1M size:<10k   files of more or fewer bytes (k, M, G; Ki, Mi, Gi)
  suid: sgid: ww:      with the setuid or setgid bit; writable by everybody
  exec:                files that may be executed
  uid:0 gid:0          of this user or group
  cap: xattr:          with capabilities; with other extended attributes
  link: link:broken link:out
                       symbolic links; those that lead to nothing; those that climb above the root
  dup:                 files whose content others seem to have, by a fingerprint that is no evidence
In quotes ('\"suid:\"') all of it is text.";

/// What every command understands.
#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Print JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// Platform as os/arch[/variant]; of several, linux/<this machine's> is preferred
    #[arg(long, global = true, value_name = "PLATFORM")]
    pub(crate) platform: Option<String>,
    /// Which image of an archive: its number from 0, or its name
    #[arg(long, global = true, value_name = "N|NAME")]
    pub(crate) image: Option<String>,
    /// When to use colour
    #[arg(long, global = true, value_enum, default_value_t = Colour::Auto, value_name = "WHEN")]
    pub(crate) color: Colour,
    /// No progress and no remarks, only results and errors
    #[arg(long, short, global = true)]
    pub(crate) quiet: bool,
    /// Ask URL instead of the registry HOST; may be given several times
    #[arg(long, global = true, value_name = "HOST=URL")]
    pub(crate) registry_mirror: Vec<String>,
    /// Configuration file instead of the user's own
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) config: Option<std::path::PathBuf>,
    /// Read every layer again, and keep nothing of it
    #[arg(long, global = true)]
    pub(crate) no_cache: bool,
    #[command(flatten)]
    pub(crate) budget: Budget,
}

/// What one layer may cost. What was read before is shown, and the layer counts as not verified.
#[derive(Debug, Args)]
pub(crate) struct Budget {
    /// Stop reading a layer after N entries
    #[arg(long, global = true, value_name = "N")]
    pub(crate) max_entries: Option<u64>,
    /// Stop reading a layer after so many uncompressed bytes
    #[arg(long, global = true, value_name = "BYTES")]
    pub(crate) max_unpacked: Option<u64>,
    /// Stop reading a layer when its index takes so many bytes of memory
    #[arg(long, global = true, value_name = "BYTES")]
    pub(crate) max_index: Option<u64>,
}

impl Budget {
    pub(crate) fn limits(&self) -> Limits {
        let default = Limits::default();
        Limits {
            entries: self.max_entries.unwrap_or(default.entries),
            unpacked: self.max_unpacked.unwrap_or(default.unpacked),
            index_bytes: self.max_index.unwrap_or(default.index_bytes),
            ..default
        }
    }

    /// Whether nobody asked for less or more than usual.
    pub(crate) fn is_usual(&self) -> bool {
        self.max_entries.is_none() && self.max_unpacked.is_none() && self.max_index.is_none()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Colour {
    Auto,
    Always,
    Never,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Severity {
    Info,
    Warning,
    High,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// What the image is, at a glance
    Inspect {
        /// Reference, archive or OCI layout
        source: String,
    },
    /// The manifest
    Manifest {
        /// Reference, archive or OCI layout
        source: String,
        /// The bytes exactly as they are, which the digest is over
        #[arg(long)]
        raw: bool,
    },
    /// The config
    Config {
        /// Reference, archive or OCI layout
        source: String,
        /// The bytes exactly as they are, which the digest is over
        #[arg(long)]
        raw: bool,
    },
    /// The images and platforms of the source
    Platforms {
        /// Reference, archive or OCI layout
        source: String,
    },
    /// The build steps, newest first
    History {
        /// Reference, archive or OCI layout
        source: String,
        /// Whole instructions
        #[arg(long)]
        no_trunc: bool,
    },
    /// The layers, oldest first
    Layers {
        /// Reference, archive or OCI layout
        source: String,
        /// Do not read the layers: print what the manifest says
        #[arg(long)]
        no_verify: bool,
    },
    /// List files
    Ls {
        /// Reference, archive or OCI layout
        source: String,
        /// Directory or file in the image
        #[arg(default_value = "/")]
        path: String,
        #[command(flatten)]
        scope: ScopeArgs,
        /// Mode, owner, size, time
        #[arg(short, long)]
        long: bool,
        /// Directories and all below
        #[arg(short = 'R', long)]
        recursive: bool,
        #[command(flatten)]
        trust: Trust,
    },
    /// Print the tree of files
    Tree {
        /// Reference, archive or OCI layout
        source: String,
        /// Directory in the image
        #[arg(default_value = "/")]
        path: String,
        #[command(flatten)]
        scope: ScopeArgs,
        /// How deep
        #[arg(long, short = 'L', value_name = "N")]
        depth: Option<u32>,
        #[command(flatten)]
        trust: Trust,
    },
    /// Write a file's content to standard output
    Cat {
        /// Reference, archive or OCI layout
        source: String,
        /// File in the image
        path: String,
        #[command(flatten)]
        scope: ScopeArgs,
        #[command(flatten)]
        trust: Trust,
    },
    /// What a path is: its entry, its history, where it leads, its digest, and what its bytes are
    File {
        /// Reference, archive or OCI layout
        source: String,
        /// Path in the image; a link at its end is told itself, and then where it leads
        path: String,
        #[command(flatten)]
        scope: ScopeArgs,
        #[command(flatten)]
        trust: Trust,
    },
    /// Find paths: part of a path, a glob, or /a regular expression/; and by what is there
    #[command(after_help = FIND)]
    Find {
        /// Reference, archive or OCI layout
        source: String,
        /// Part of a path, a glob such as `*.so`, or a regular expression such as `/^.etc/`, with words beside it that narrow
        /// what is found
        pattern: String,
        #[command(flatten)]
        scope: ScopeArgs,
        #[command(flatten)]
        trust: Trust,
    },
    /// Bytes that the image ships and nobody sees
    Waste {
        /// Reference, archive or OCI layout
        source: String,
        /// How many paths to print
        #[arg(long, default_value_t = 20, value_name = "N")]
        top: usize,
        /// Exit with 1 when the image breaks a rule of FILE, as dive judges it; without FILE of ./.dive-ci, or
        /// by dive's defaults when there is none. Every layer is read for it
        #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
        ci: Option<Option<std::path::PathBuf>>,
    },
    /// What is odd about the image, and what a runtime would do about it
    Findings {
        /// Reference, archive or OCI layout
        source: String,
        /// Print every place, not only the first three of each kind
        #[arg(long)]
        all: bool,
        /// Exit with 1 when a finding is at least so grave; a mismatch is high, and every layer is read for it
        #[arg(long, value_enum, value_name = "SEVERITY")]
        fail_on: Option<Severity>,
    },
    /// Compare two images: their files, with what differs of each, their configs, their layers
    #[command(after_help = DIFF)]
    Diff {
        /// Reference, archive or OCI layout
        a: String,
        /// Another, or the same for another image or platform of it
        b: String,
        /// Compare only the files at and below this path of both
        #[arg(long, value_name = "PATH")]
        path: Option<String>,
        /// Compare neither the files' times nor when the images were created
        #[arg(long)]
        ignore_timestamps: bool,
        #[command(flatten)]
        sides: Sides,
    },
    /// What is attached to the image: signatures, SBOMs, provenance. Signatures are listed, not checked
    Referrers {
        /// Reference, archive or OCI layout
        source: String,
        /// Write this statement, or manifest of an artifact, exactly as it is: a digest, or 12 and more of its digits
        digest: Option<String>,
    },
    /// Check both digests of every layer of every image and platform, known or not
    Verify {
        /// Reference, archive or OCI layout
        source: String,
    },
    /// What is kept of layers that were read: where, and how much
    Cache {
        #[command(subcommand)]
        action: Option<CacheAction>,
    },
    /// The tags of a repository
    Tags {
        /// Repository, with its registry
        reference: String,
    },
    /// Start the page, with a registry gateway, on this machine only
    Serve {
        /// An image to open; without one the embedded sample
        source: Option<String>,
        /// Loopback address to listen on; port 0 takes a free one. Without it 127.0.0.1:8417, if that is free: what
        /// the browser keeps, it keeps by address
        #[arg(long, value_name = "ADDRESS")]
        listen: Option<std::net::SocketAddr>,
        /// Let the page read from this registry too; alone admits private and loopback addresses
        #[arg(long, value_name = "HOST[:PORT]")]
        allow_registry: Vec<String>,
        /// Do not open a browser
        #[arg(long)]
        no_open: bool,
    },
}

#[derive(Debug, Clone, Copy, Subcommand)]
pub(crate) enum CacheAction {
    /// Remove all of it
    Clear,
}

/// What is said of one of two images alone; what is not holds for both.
#[derive(Debug, Args)]
pub(crate) struct Sides {
    /// Platform of A alone
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform_a: Option<String>,
    /// Platform of B alone
    #[arg(long, value_name = "PLATFORM")]
    pub(crate) platform_b: Option<String>,
    /// Which image of archive A
    #[arg(long, value_name = "N|NAME")]
    pub(crate) image_a: Option<String>,
    /// Which image of archive B
    #[arg(long, value_name = "N|NAME")]
    pub(crate) image_b: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ScopeArgs {
    /// One layer as it is written: N from 0, oldest first
    #[arg(long, value_name = "N", conflicts_with = "merged")]
    pub(crate) layer: Option<u16>,
    /// The whole image (the default)
    #[arg(long)]
    pub(crate) merged: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Trust {
    /// Do not check digests; of uncompressed layers only headers are read, and of large ones in a registry only the
    /// table of contents, if they have one (eStargz, zstd:chunked)
    #[arg(long)]
    pub(crate) no_verify: bool,
}
