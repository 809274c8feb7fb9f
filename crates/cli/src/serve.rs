//! `serve`: the page and the gateway, on this machine only.

use std::fs::File;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
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

/// Where the page is found again, with its recent images and the layers that are known there: both belong to an origin.
const USUAL: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8417);

/// What was asked for.
pub(crate) struct Wanted<'a> {
    pub(crate) source: Option<&'a str>,
    pub(crate) listen: Option<SocketAddr>,
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
    let mut gateway = layerscope_gateway::Config::new(wanted.listen.unwrap_or(USUAL));
    gateway.any_port = wanted.listen.is_none();
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
    let mut image = global.image.clone();
    match wanted.source.map(Location::read).transpose()? {
        Some(Location::Registry(reference)) => gateway.image = Some(reference.familiar()),
        Some(location) => {
            if let Location::Layout { tag, .. } = &location {
                image = image.or_else(|| tag.clone());
            }
            gateway.source = Some(local(location)?);
        }
        None => {}
    }
    let has_source = gateway.source.is_some() || gateway.image.is_some();
    let server = bind(gateway)?;
    let mut url = server.url();
    if !has_source {
        url.push_str("&open=sample");
    }
    choose(&mut url, "image", image.as_deref());
    choose(&mut url, "platform", global.platform.as_deref());
    out.line(&url)?;
    out.flush()?;
    if !global.quiet {
        if !layerscope_gateway::page_is_built() {
            let words = out.words("cli.serve.no-page");
            say(&format!("layerscope: {words}"));
        }
        say(&out.words("cli.serve.stop"));
    }
    if !wanted.no_open && !open_browser(&url) {
        let words = out.words("cli.serve.no-browser");
        say(&format!("layerscope: {words}"));
    }
    server.run(std::future::pending())?;
    Ok(Outcome::Fine)
}

/// Tells the page, in its address, what of the source to open.
fn choose(url: &mut String, name: &str, value: Option<&str>) {
    let Some(value) = value else { return };
    url.push_str(&format!("&{name}="));
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~/:@".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url.push_str(&format!("%{byte:02X}"));
        }
    }
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
fn open_browser(url: &str) -> bool {
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
    started.is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_told_which_image_is_meant() {
        let mut url = "http://127.0.0.1:1/#secret=x".to_owned();
        choose(&mut url, "image", None);
        choose(&mut url, "image", Some("a&b=c d+é:1"));
        choose(&mut url, "platform", Some("linux/arm64"));
        let chosen = "&image=a%26b%3Dc%20d%2B%C3%A9:1&platform=linux/arm64";
        assert_eq!(url, format!("http://127.0.0.1:1/#secret=x{chosen}"));
    }
}
