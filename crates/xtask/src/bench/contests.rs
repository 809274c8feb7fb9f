//! All contests.

use std::path::{Path, PathBuf};

use super::contest::{Contender, Contest, Measure, Pushed, REGISTRY, Row};
use super::gallery::{Image, SOUGHT, home};
use super::registry::log_path;
use crate::shell::root;

/// MiB of the layers by which growth is seen; each is twice the one before.
const SIZES: [u32; 4] = [512, 1024, 2048, 4096];

/// Bytes of memory that a verification may take.
const MEMORY: u64 = 64_000_000;

/// The contests, with this binary as ours.
pub(crate) fn all(binary: &Path) -> Vec<Contest> {
    let us = Us(binary.display().to_string());
    vec![
        verify(&us),
        list(&us),
        registry(&us),
        lazy(&us),
        page(&us),
        open(&us),
        again(&us),
        many(&us),
        zstd(&us),
        large(&us),
    ]
}

struct Us(String);

impl Us {
    /// Looks at a source for the first time: what is kept of it goes before the next run.
    fn run(&self, words: &[&str], source: &Path) -> Contender {
        let name = format!("layerscope {}", words.join(" "));
        let mut all = vec![self.0.clone()];
        all.extend(words.iter().map(ToString::to_string));
        all.push(source.display().to_string());
        let caches = caches("first");
        Contender::new(&name, all)
            .with("XDG_CACHE_HOME", &caches.display().to_string())
            .writing(caches)
    }
}

/// Where a contender keeps layers, by what it is about.
fn caches(name: &str) -> PathBuf {
    home().join("work/caches").join(name)
}

fn time(
    name: &'static str,
    what: &'static str,
    (ours, against): (usize, usize),
    limit: f64,
) -> Row {
    let limit = Some(limit);
    Row {
        name,
        what,
        ours,
        measure: Measure::Time { against, limit },
    }
}

fn told(name: &'static str, what: &'static str, (ours, against): (usize, usize)) -> Row {
    let limit = None;
    Row {
        name,
        what,
        ours,
        measure: Measure::Time { against, limit },
    }
}

fn shell(name: &str, script: String) -> Contender {
    Contender::new(name, ["sh".to_owned(), "-c".to_owned(), script])
}

/// The command for each file, one after the other.
fn for_each(files: &[std::path::PathBuf], command: impl Fn(&str) -> String) -> String {
    let commands: Vec<String> = files
        .iter()
        .map(|file| command(&format!("'{}'", file.display())))
        .collect();
    commands.join(" && ")
}

/// Unpacks and hashes the layers with the programs for it.
fn unpack(program: &'static str, image: Image) -> Contender {
    let script = for_each(&image.packed(), |file| {
        format!("{program} -dc {file} | sha256sum")
    });
    shell(&format!("{program} -dc | sha256sum"), script).needing(&[program, "sha256sum"])
}

fn dive(image: Image) -> Contender {
    let words = ["dive", "--ci", "--source", "docker-archive"].map(str::to_owned);
    let archive = image.docker().display().to_string();
    Contender::new("dive", words.into_iter().chain([archive]))
        .needing(&["dive"])
        .with("CI", "true")
}

fn skopeo(source: String, tls: &[&str]) -> Contender {
    let to = home().join("work/skopeo");
    let mut words = ["skopeo", "--insecure-policy", "copy", "--quiet"]
        .map(str::to_owned)
        .to_vec();
    words.extend(tls.iter().map(ToString::to_string));
    words.extend([source, format!("dir:{}", to.display())]);
    Contender::new("skopeo copy", words)
        .needing(&["skopeo"])
        .writing(to)
}

fn verify(us: &Us) -> Contest {
    let image = Image::Three;
    Contest {
        name: "verify",
        images: vec![image],
        contenders: vec![
            us.run(&["verify"], &image.oci()),
            skopeo(format!("oci-archive:{}:1", image.oci().display()), &[]),
            unpack("gzip", image),
        ],
        rows: vec![
            time(
                "verify-skopeo",
                "verify a gzip OCI archive, against copying it",
                (0, 1),
                0.65,
            ),
            time(
                "verify-gzip",
                "the same, against unpacking and hashing its layers",
                (0, 2),
                0.25,
            ),
            Row {
                name: "verify-memory",
                what: "the memory that it takes",
                ours: 0,
                measure: Measure::Peak { limit: MEMORY },
            },
        ],
        pushed: None,
    }
}

fn list(us: &Us) -> Contest {
    let image = Image::Three;
    let archive = image.docker();
    let syft = ["syft", "scan", "--quiet", "--output", "json"].map(str::to_owned);
    Contest {
        name: "list",
        images: vec![image],
        contenders: vec![
            us.run(&["ls", "-R"], &archive),
            us.run(&["ls", "-R", "--no-verify"], &archive),
            dive(image),
            Contender::new(
                "syft",
                syft.into_iter()
                    .chain([format!("docker-archive:{}", archive.display())]),
            )
            .needing(&["syft"])
            .with("SYFT_CHECK_FOR_APP_UPDATE", "false"),
        ],
        rows: vec![
            time(
                "list-dive",
                "verify and list a docker-archive, against dive",
                (0, 2),
                0.5,
            ),
            time(
                "list-headers",
                "list it without verifying, against dive",
                (1, 2),
                0.1,
            ),
            told("list-syft", "verify and list it, against syft", (0, 3)),
        ],
        pushed: None,
    }
}

fn registry(us: &Us) -> Contest {
    let image = Image::Three;
    let source = format!("docker://{REGISTRY}/bench:1");
    Contest {
        name: "registry",
        images: vec![image],
        contenders: vec![
            us.run(&["verify"], Path::new(&source))
                .needing(&["docker-registry", "skopeo"]),
            skopeo(source, &["--src-tls-verify=false"]).needing(&["docker-registry"]),
        ],
        rows: vec![time(
            "registry",
            "verify from a registry on loopback, against copying",
            (0, 1),
            0.9,
        )],
        pushed: Some(Pushed {
            image,
            format: None,
        }),
    }
}

/// A lazily pulled image, listed by its tables of contents: the registry's own log says what was fetched.
fn lazy(us: &Us) -> Contest {
    let (binary, log) = (&us.0, log_path().display().to_string());
    let source = format!("docker://{REGISTRY}/bench:1");
    let blobs = home().join("work/registry/storage").display().to_string();
    let script = format!(
        "before=$(wc -l < '{log}') && '{binary}' ls -R --no-verify --quiet '{source}' > /dev/null && sleep 0.3 && \
         all=$(du -sb '{blobs}' | cut -f 1) && tail -n +$((before + 1)) '{log}' | \
         awk -v all=\"$all\" 'match($0, /response.written=[0-9]+/) && /\\/blobs\\// {{ sum += substr($0, RSTART + 17, RLENGTH - 17) }} \
         END {{ print \"fetched\", sum / all }}'"
    );
    Contest {
        name: "lazy",
        images: vec![Image::Three],
        contenders: vec![
            shell("layerscope ls -R --no-verify", script)
                .needing(&["docker-registry", "skopeo", "awk"])
                .counting(),
        ],
        rows: vec![Row {
            name: "lazy",
            what: "what listing a zstd:chunked image in a registry fetches, as a part of its bytes",
            ours: 0,
            measure: Measure::Figure {
                name: "fetched",
                limit: Some(0.015),
            },
        }],
        pushed: Some(Pushed {
            image: Image::Three,
            format: Some("zstd:chunked"),
        }),
    }
}

/// The page in a browser; `goal` is what `page.mjs` is to tell the time of.
fn in_page(us: &Us, name: &str, archive: &Path, goal: &str) -> Contender {
    let script = root().join("crates/xtask/src/bench/page.mjs");
    let words = [script.as_path(), Path::new(&us.0), archive];
    let words = words.map(|path| path.display().to_string());
    let all = ["node".to_owned()].into_iter().chain(words);
    Contender::new(name, all.chain([goal.to_owned()]))
        .needing(&["node", "chromium"])
        .telling()
}

/// The page, from the choice of a file on.
fn page(us: &Us) -> Contest {
    let image = Image::Three;
    Contest {
        name: "page",
        images: vec![image],
        contenders: vec![
            in_page(us, "page, all verified", &image.oci(), "verified"),
            in_page(us, "page, first tree", &image.docker(), "tree"),
            skopeo(format!("oci-archive:{}:1", image.oci().display()), &[]),
            unpack("gzip", image),
            dive(image),
        ],
        rows: vec![
            time(
                "page-skopeo",
                "verify a dropped gzip OCI archive in the page, against copying it",
                (0, 2),
                1.6,
            ),
            time(
                "page-gzip",
                "the same, against unpacking and hashing its layers",
                (0, 3),
                0.65,
            ),
            time(
                "page-tree",
                "the first tree of a dropped docker-archive, against dive",
                (1, 4),
                0.5,
            ),
        ],
        pushed: None,
    }
}

/// A file of a layer that was scanned before: the run that is not counted scans it.
fn open(us: &Us) -> Contest {
    let image = Image::Single;
    let opened = |path: &str| {
        let (binary, archive) = (&us.0, image.oci().display().to_string());
        let script = format!("'{binary}' cat --quiet '{archive}' {path} | head -c 1048576");
        let caches = caches("open").display().to_string();
        shell(&format!("layerscope cat {path}"), script).with("XDG_CACHE_HOME", &caches)
    };
    let whole = for_each(&image.packed(), |file| format!("gzip -dc {file}"));
    let mut contenders: Vec<Contender> = SOUGHT.iter().map(|(path, _)| opened(path)).collect();
    contenders.push(shell("gzip -dc", whole).needing(&["gzip"]));
    let what = "the first MiB of a file in a scanned layer, against unpacking it";
    let names = ["open-first", "open-middle", "open-last"];
    let in_page = SOUGHT.map(|(path, _)| {
        let mut page = in_page(us, &format!("page, {path}"), &image.oci(), "open");
        page.words.push(format!("/{path}"));
        page
    });
    contenders.extend(in_page);
    let pages = ["open-page-first", "open-page-middle", "open-page-last"];
    Contest {
        name: "open",
        images: vec![image],
        contenders,
        rows: (0..)
            .zip(names)
            .chain((SOUGHT.len() + 1..).zip(pages))
            .map(|(ours, name)| time(name, what, (ours, SOUGHT.len()), 0.05))
            .collect(),
        pushed: None,
    }
}

/// A second look, after a first one. What a process has read its parent knows when it has ended: the program's and its
/// libraries' bytes are among it, and what was kept is told apart.
fn again(us: &Us) -> Contest {
    let image = Image::Three;
    let looked = |name: &str, archive: &Path| {
        let (binary, archive) = (&us.0, archive.display().to_string());
        let caches = caches(name);
        let kept = caches.display().to_string();
        let look = format!("'{binary}' ls -R --quiet '{archive}' > '{kept}/list'");
        let so_far = "$(sed -n 's/^rchar: //p' /proc/$$/io)";
        let script = format!(
            "mkdir -p '{kept}' && {look} && before={so_far} && {look} && after={so_far} && \
             size=$(stat -c %s '{archive}') && kept=$(cat '{kept}'/layerscope/* | wc -c) && \
             awk \"BEGIN {{ print \\\"read\\\", ($after - $before - $kept) / $size; print \\\"kept\\\", $kept / $size }}\""
        );
        shell(&format!("layerscope ls -R, {name}"), script)
            .needing(&["awk"])
            .with("XDG_CACHE_HOME", &kept)
            .writing(caches)
            .counting()
    };
    let row = |name, what, ours, figure, limit| Row {
        name,
        what,
        ours,
        measure: Measure::Figure {
            name: figure,
            limit,
        },
    };
    let what = "what the second look reads of an archive, as a part of its bytes";
    let kept = "what it reads instead: the layers that were kept";
    Contest {
        name: "again",
        images: vec![image],
        contenders: vec![
            looked("again-oci", &image.oci()),
            looked("again-docker", &image.docker()),
            in_page(us, "page, all known", &image.oci(), "again").counting(),
        ],
        rows: vec![
            row("again-oci", what, 0, "read", Some(0.01)),
            row("again-oci-kept", kept, 0, "kept", None),
            row("again-docker", what, 1, "read", Some(0.01)),
            row("again-docker-kept", kept, 1, "kept", None),
            row(
                "again-page",
                "the same in the page, of the OCI archive",
                2,
                "read",
                Some(0.01),
            ),
            row("again-page-kept", kept, 2, "kept", None),
        ],
        pushed: None,
    }
}

fn many(us: &Us) -> Contest {
    let image = Image::Many;
    let packed = for_each(&image.packed(), |file| format!("tar -tzf {file}"));
    let plain = for_each(&image.plain(), |file| format!("tar -tf {file}"));
    Contest {
        name: "many",
        images: vec![image],
        contenders: vec![
            us.run(&["verify"], &image.oci()),
            us.run(&["verify"], &image.docker()),
            shell("tar -tzf", packed).needing(&["tar", "gzip"]),
            shell("tar -tf", plain).needing(&["tar"]),
            in_page(us, "page, a key", &image.oci(), "search"),
            in_page(us, "page, scrolled", &image.oci(), "scroll"),
        ],
        rows: vec![
            time(
                "many-gzip",
                "scan 1 000 000 entries in gzip, against listing them",
                (0, 2),
                1.3,
            ),
            time(
                "many-plain",
                "scan 1 000 000 entries uncompressed, against listing them",
                (1, 3),
                1.3,
            ),
            Row {
                name: "many-search",
                what: "a key in the filter of 1 000 000 entries in the page, until the rows are other ones",
                ours: 4,
                measure: Measure::Own { limit: 0.1 },
            },
            Row {
                name: "many-scroll",
                what: "the longest frame of a scroll through 1 000 000 rows in the page",
                ours: 5,
                measure: Measure::Own { limit: 0.025 },
            },
        ],
        pushed: None,
    }
}

fn zstd(us: &Us) -> Contest {
    let image = Image::Zstd;
    Contest {
        name: "zstd",
        images: vec![image],
        contenders: vec![
            us.run(&["verify"], &image.oci()).needing(&["zstd"]),
            unpack("zstd", image),
        ],
        rows: vec![told(
            "zstd",
            "verify a zstd OCI archive, against unpacking and hashing",
            (0, 1),
        )],
        pushed: None,
    }
}

fn large(us: &Us) -> Contest {
    let what = "verify a layer of twice the bytes, against one of the bytes";
    let names = ["large-1g", "large-2g", "large-4g"];
    let mut rows: Vec<Row> = (0..)
        .zip(names)
        .map(|(half, name)| time(name, what, (half + 1, half), 2.2))
        .collect();
    let (least, most) = (SIZES[0], SIZES[SIZES.len() - 1]);
    rows.push(Row {
        name: "large-memory",
        what: "the memory that 4 GiB take more than 0.5, as a part of the bytes",
        ours: SIZES.len() - 1,
        measure: Measure::Growth {
            against: 0,
            more: u64::from(most - least) << 20,
            limit: 0.01,
        },
    });
    Contest {
        name: "large",
        images: SIZES.map(Image::Large).to_vec(),
        contenders: SIZES
            .iter()
            .map(|size| {
                let mut ours = us.run(&["verify"], &Image::Large(*size).oci());
                ours.name = format!("layerscope verify, {size} MiB");
                ours
            })
            .collect(),
        rows,
        pushed: None,
    }
}
