//! `serve`: the page and the gateway, on this machine only.

use std::fs::File;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context, Result};
use layerscope_gateway::{AllowList, LocalKind, LocalSource, bind};

use crate::args::Global;
use crate::config::Config;
use crate::credentials::Credentials;
use crate::location::Location;
use crate::print::Out;
use crate::{Outcome, patience, say};

/// What was asked for.
pub(crate) struct Wanted<'a> {
    pub(crate) source: Option<&'a str>,
    pub(crate) listen: SocketAddr,
    pub(crate) allow_registry: &'a [String],
    pub(crate) no_open: bool,
}

pub(crate) fn run(
    out: &mut Out,
    global: &Global,
    config: &Config,
    wanted: &Wanted<'_>,
) -> Result<Outcome> {
    let credentials = Credentials::read()?;
    let mut gateway = layerscope_gateway::Config::new(wanted.listen);
    gateway.allowed = allowed(&credentials, wanted.allow_registry)?;
    gateway.insecure.clone_from(&config.insecure);
    gateway.mirrors.clone_from(&config.mirrors);
    gateway.realms.clone_from(&config.realms);
    gateway.ca_files = config.authorities()?;
    gateway.idle = patience::idle();
    gateway.credentials = Arc::new(move |host| match credentials.of(host) {
        Ok(found) => found,
        Err(error) => {
            say(&format!("layerscope: {host}: {error:#}"));
            None
        }
    });
    match wanted.source.map(Location::read).transpose()? {
        Some(Location::Registry(reference)) => gateway.image = Some(reference.familiar()),
        Some(location) => gateway.source = Some(local(location)?),
        None => {}
    }
    let has_source = gateway.source.is_some() || gateway.image.is_some();
    let server = bind(gateway)?;
    let mut url = server.url();
    if !has_source {
        url.push_str("&open=sample");
    }
    out.line(&url)?;
    out.flush()?;
    if !global.quiet {
        if !layerscope_gateway::page_is_built() {
            say(
                "layerscope: the page is not built into this binary; `cargo xtask build` builds it",
            );
        }
        say("Press Ctrl-C to stop.");
    }
    if !wanted.no_open {
        open_browser(&url);
    }
    server.run(std::future::pending())?;
    Ok(Outcome::Fine)
}

fn allowed(credentials: &Credentials, granted: &[String]) -> Result<AllowList> {
    let mut allowed = AllowList::well_known();
    for host in credentials.hosts() {
        // A login under a name that is no host cannot be asked either.
        let _ = allowed.name(host);
    }
    for host in granted {
        allowed.grant(
            host.parse()
                .with_context(|| format!("--allow-registry {host}"))?,
        );
    }
    Ok(allowed)
}

fn local(location: Location) -> Result<LocalSource> {
    let name = location.name();
    let kind = match location {
        Location::Archive(path) => {
            LocalKind::File(File::open(&path).with_context(|| path.display().to_string())?)
        }
        Location::Layout { directory, .. } => LocalKind::Directory(directory),
        Location::Registry(_) => anyhow::bail!("a reference is not a file"),
    };
    Ok(LocalSource { name, kind })
}

/// Best effort: the URL stands on standard output for whoever has no browser here.
fn open_browser(url: &str) {
    let opener = if cfg!(target_os = "macos") {
        "open"
    } else {
        "xdg-open"
    };
    let started = Command::new(opener)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    if started.is_err() {
        say("layerscope: no browser could be started; open the address above");
    }
}
