//! Opens a source, chooses one image of it, and reads the layers that a command needs.

use anyhow::{Result, bail};
use layerscope_inspect::session::{Opening, Session};
use layerscope_inspect::view::{ErrorView, ImageView, Overview, ScopeView};
use layerscope_oci::Platform;
use layerscope_source::{ImageChoice, ImageState, PlatformChoice, Select};

use crate::args::{Global, ScopeArgs, Trust};
use crate::config::Config;
use crate::credentials::Credentials;
use crate::drive::{Bytes, Driver, Reading};
use crate::fetch::Client;
use crate::file::{Archive, Layout};
use crate::location::Location;
use crate::messages::Messages;
use crate::progress::Progress;
use crate::{Outcome, cache, documents, print, say};

pub(crate) fn configuration(global: &Global) -> Result<Config> {
    Config::read(global.config.as_deref(), &global.registry_mirror)
}

pub(crate) fn failed(error: ErrorView) -> anyhow::Error {
    anyhow::anyhow!(error.text)
}

/// The driver and the opening for a SOURCE.
pub(crate) fn reach(global: &Global, source: &str) -> Result<(Driver, Opening)> {
    let config = configuration(global)?;
    let location = Location::read(source)?;
    let name = location.name();
    let (bytes, opening) = match location {
        Location::Archive(path) => {
            let archive = Archive::open(&path)?;
            let size = archive.size;
            (Bytes::Archive(archive), Opening::Archive { name, size })
        }
        Location::Layout { directory, tag } => (
            Bytes::Layout(Layout::open(&directory)?),
            Opening::Layout { name, tag },
        ),
        Location::Registry(reference) => {
            let access = config.access(&reference, &Credentials::read()?)?;
            let client = Client::new(&config.authorities()?)?;
            (
                Bytes::Registry(client),
                Opening::Registry { reference, access },
            )
        }
    };
    // What was read within other limits than the usual ones is another thing.
    let store = match !global.no_cache && global.budget.is_usual() {
        true => config.store(),
        false => None,
    };
    let progress = Progress::new(global.quiet);
    let driver = Driver::new(bytes, progress, global.budget.limits(), store);
    Ok((driver, opening))
}

/// One image: the one that was asked for, or else the first, for this machine's platform if there is a choice.
pub(crate) fn one_image(platform: Option<&str>, image: Option<&str>) -> Result<Select> {
    let platform = match platform {
        Some(text) => PlatformChoice::Only(text.parse()?),
        None => PlatformChoice::Default(Platform::new("linux", architecture())),
    };
    Ok(Select {
        image: image.map(image_choice).unwrap_or_default(),
        platform,
    })
}

pub(crate) fn image_choice(image: &str) -> ImageChoice {
    match image.parse() {
        Ok(number) => ImageChoice::Number(number),
        Err(_) => ImageChoice::Name(image.to_owned()),
    }
}

/// This machine's architecture in Go's words, which platforms use.
fn architecture() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        "powerpc64" => "ppc64le",
        other => other,
    }
}

/// Opens a source and makes sure that there is an image to look at.
pub(crate) fn open(global: &Global, source: &str) -> Result<(Driver, Session)> {
    let (platform, image) = (global.platform.as_deref(), global.image.as_deref());
    open_one(global, source, platform, image)
}

/// The same for a platform and an image that are asked for of this source.
pub(crate) fn open_one(
    global: &Global,
    source: &str,
    platform: Option<&str>,
    image: Option<&str>,
) -> Result<(Driver, Session)> {
    let (driver, opening) = reach(global, source)?;
    let session = driver.open(opening, one_image(platform, image)?)?;
    match session.image().map(|image| &image.state) {
        Some(ImageState::Ready) => Ok((driver, session)),
        Some(ImageState::Failed(error)) => bail!("{error}"),
        Some(ImageState::Absent) => {
            bail!("{source}: the blobs of this image are not in the source")
        }
        Some(ImageState::NotAsked) | None => {
            bail!("{source}: no image to look at; `layerscope platforms` lists what there is")
        }
    }
}

pub(crate) fn overview(session: &Session) -> Result<Overview> {
    match session.overview() {
        Some(overview) => Ok(overview),
        None => bail!("nothing is known of the source"),
    }
}

pub(crate) fn image(session: &Session) -> Result<ImageView> {
    match overview(session)?.image {
        Some(image) => Ok(image),
        None => bail!("no image was chosen"),
    }
}

/// Opens a source, reads the layers that a look at files needs, and says what did not verify.
pub(crate) fn read(
    global: &Global,
    source: &str,
    scope: &ScopeArgs,
    trust: &Trust,
) -> Result<(Driver, Session, Outcome)> {
    let (driver, mut session) = open(global, source)?;
    let outcome = read_layers(global, &driver, &mut session, scope, trust)?;
    cache::remark(global, &image(&session)?, 0);
    Ok((driver, session, outcome))
}

pub(crate) fn read_layers(
    global: &Global,
    driver: &Driver,
    session: &mut Session,
    scope: &ScopeArgs,
    trust: &Trust,
) -> Result<Outcome> {
    if let Some(layer) = scope.layer {
        let count = session.image().map_or(0, |image| image.layers.len());
        if usize::from(layer) >= count {
            bail!("--layer {layer}: the image has {count} layers, numbered from 0");
        }
        session.read_only(usize::from(layer));
    }
    let reading = if trust.no_verify {
        Reading::List
    } else {
        Reading::Look
    };
    if trust.no_verify {
        session.read_on_demand(0);
        // What is known, and what is small.
        driver.scan(session, reading);
        if session.search_tables(global.budget.limits()) {
            driver.resolve(session)?;
        }
        session.read_unlisted();
    }
    driver.scan(session, reading);
    let messages = Messages::of_locale();
    let mut outcome = match trust.no_verify {
        true => Outcome::Fine,
        false => documents::check(session)?,
    };
    let overview = overview(session)?;
    if !global.quiet {
        overview.findings.iter().for_each(|finding| {
            if finding.id == "toc-refused" {
                say(&about_layer(
                    &messages,
                    finding.layer,
                    &messages.finding(finding),
                ));
            }
        });
    }
    let Some(image) = overview.image else {
        bail!("no image was chosen");
    };
    for layer in &image.layers {
        if let (Some(table), false) = (&layer.table, global.quiet) {
            let key = if table.authenticated {
                "preview.checked"
            } else {
                "preview.unchecked"
            };
            let size = print::size(table.fetched);
            let words = messages.sentence(key, &[("format", table.format), ("size", &size)]);
            let preview = messages.sentence("layer.preview", &[]);
            let words = format!("{preview}: {words}");
            say(&about_layer(&messages, Some(layer.number), &words));
        }
        let looked_at = scope
            .layer
            .is_none_or(|wanted| usize::from(wanted) == layer.number);
        let broken = matches!(layer.state, "mismatch" | "failed" | "absent" | "foreign");
        let trusted = matches!(layer.state, "verified" | "known" | "not-a-layer");
        if !looked_at
            || trusted
            || (trust.no_verify
                && layer.error.is_none()
                && !matches!(layer.state, "absent" | "foreign"))
        {
            continue;
        }
        if broken {
            outcome = Outcome::NotVerified;
        }
        if !global.quiet || broken {
            let why = layer
                .error
                .as_ref()
                .map(|error| format!(": {}", messages.error(error)))
                .unwrap_or_default();
            let words = format!("{}{why}", layer.state);
            say(&about_layer(&messages, Some(layer.number), &words));
        }
    }
    Ok(outcome)
}

/// A remark about a layer.
fn about_layer(messages: &Messages, layer: Option<usize>, words: &str) -> String {
    let number = layer.map(|number| number.to_string()).unwrap_or_default();
    let what = messages.sentence("cli.layer", &[("number", &number)]);
    format!("layerscope: {what}: {words}")
}

pub(crate) fn scope_of(scope: &ScopeArgs) -> ScopeView {
    match scope.layer {
        Some(layer) if !scope.merged => ScopeView::Layer { layer },
        _ => ScopeView::Merged,
    }
}
