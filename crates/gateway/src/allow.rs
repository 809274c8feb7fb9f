//! Which registries the gateway may speak to.

use std::collections::BTreeSet;

use crate::host::{Host, InvalidHost};
use crate::origin::Origin;

/// Public registries that everybody may ask for; a page cannot read them itself, because none of
/// them allows it (CORS).
const WELL_KNOWN: &[&str] = &[
    "cgr.dev",
    "codeberg.org",
    "container-registry.oracle.com",
    "docker.elastic.co",
    "docker.io",
    "gcr.io",
    "ghcr.io",
    "mcr.microsoft.com",
    "nvcr.io",
    "public.ecr.aws",
    "quay.io",
    "registry.access.redhat.com",
    "registry.fedoraproject.org",
    "registry.gitlab.com",
    "registry.k8s.io",
    "registry.opensuse.org",
    "registry.redhat.io",
    "registry.suse.com",
    "xpkg.upbound.io",
];

/// Google names its registries by region; nobody else can have a name in these domains. The dot in
/// front is what keeps `evil-pkg.dev` out.
const WELL_KNOWN_DOMAINS: &[&str] = &[".gcr.io", ".pkg.dev"];

/// The hosts that a request may name: the well-known public registries, those that a person has
/// named, and those that a person has granted.
///
/// ```
/// use layerscope_gateway::AllowList;
///
/// let mut allowed = AllowList::well_known();
/// allowed.name("https://registry.example.org/v1/")?;
/// allowed.grant("localhost:5000".parse()?);
/// # Ok::<(), layerscope_gateway::InvalidHost>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct AllowList {
    well_known: bool,
    named: BTreeSet<Host>,
    granted: BTreeSet<Host>,
}

impl AllowList {
    /// The well-known public registries.
    pub fn well_known() -> Self {
        Self {
            well_known: true,
            ..Self::default()
        }
    }

    /// No host at all.
    pub fn empty() -> Self {
        Self::default()
    }

    /// Allows a host that a configuration names, such as a login of Docker's. Logins may be written
    /// as URLs; only the host counts. The host must have public addresses.
    ///
    /// # Errors
    /// [`InvalidHost`] if there is no host in it; nothing is allowed then.
    pub fn name(&mut self, login: &str) -> Result<(), InvalidHost> {
        let rest = ["https://", "http://"]
            .iter()
            .find_map(|scheme| login.strip_prefix(scheme))
            .unwrap_or(login);
        let host = rest.split_once('/').map_or(rest, |(host, _)| host);
        self.named.insert(host.parse()?);
        Ok(())
    }

    /// Allows a host that a person has given with `--allow-registry`: at private and loopback
    /// addresses, too, and over plain HTTP if it is loopback.
    pub fn grant(&mut self, host: Host) {
        self.granted.insert(host);
    }

    /// Whether the registry of that name may be asked.
    pub(crate) fn allows(&self, registry: &Host) -> bool {
        self.granted.contains(registry)
            || self.named.contains(registry)
            || (self.well_known && registry.port().is_none() && is_well_known(registry.name()))
    }

    /// Whether a person has granted what answers at `origin`.
    pub(crate) fn grants(&self, origin: &Origin) -> bool {
        self.granted.iter().any(|host| host.is_at(origin))
    }

    /// The command that allows what is allowed now and `host`. Hosts hold no character that a shell
    /// reads, but for the brackets of an IPv6 address.
    pub(crate) fn command(&self, host: &str) -> String {
        let mut command = "layerscope serve".to_owned();
        let granted = self.granted.iter().map(Host::to_string);
        for host in granted.chain([host.to_owned()]) {
            command.push_str(" --allow-registry ");
            if host.starts_with('[') {
                command.push_str(&format!("'{host}'"));
            } else {
                command.push_str(&host);
            }
        }
        command
    }
}

fn is_well_known(name: &str) -> bool {
    WELL_KNOWN.binary_search(&name).is_ok()
        || WELL_KNOWN_DOMAINS
            .iter()
            .any(|domain| name.ends_with(domain))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(allowed: &AllowList, host: &str) -> bool {
        allowed.allows(&host.parse().expect(host))
    }

    #[test]
    fn the_list_is_sorted_for_its_search() {
        assert!(WELL_KNOWN.is_sorted());
    }

    #[test]
    fn only_whole_names_are_well_known() {
        let allowed = AllowList::well_known();
        for host in [
            "docker.io",
            "registry-1.docker.io",
            "ghcr.io",
            "eu.gcr.io",
            "europe-docker.pkg.dev",
        ] {
            assert!(allows(&allowed, host), "{host}");
        }
        for host in [
            "evil.example",
            "xghcr.io",
            "ghcr.io.evil.example",
            "evil-pkg.dev",
            "pkg.dev",
            "ghcr.io:8443",
            "localhost",
            "docker.io.",
            "127.0.0.1",
        ] {
            let Ok(host) = host.parse::<Host>() else {
                continue;
            };
            assert!(!allowed.allows(&host), "{host}");
        }
        assert!(!allows(&AllowList::empty(), "ghcr.io"));
    }

    #[test]
    fn a_login_names_its_host_and_grants_nothing() {
        let mut allowed = AllowList::empty();
        for login in [
            "https://index.docker.io/v1/",
            "registry.example.org:5000",
            "http://a.example/x",
        ] {
            allowed.name(login).expect(login);
        }
        assert!(allowed.name("https:///v1/").is_err());
        assert!(allows(&allowed, "docker.io"));
        assert!(allows(&allowed, "registry.example.org:5000"));
        assert!(!allows(&allowed, "registry.example.org"));
        assert!(allows(&allowed, "a.example"));
    }

    #[test]
    fn a_grant_is_for_one_host_and_port() {
        let mut allowed = AllowList::well_known();
        allowed.grant("localhost:5000".parse().expect("a host"));
        assert!(allows(&allowed, "localhost:5000"));
        assert!(!allows(&allowed, "localhost"));
        assert!(!allows(&allowed, "localhost:5001"));
        let at = |url| allowed.grants(&Origin::of(url).expect(url));
        assert!(at("http://localhost:5000/v2/"));
        assert!(!at("http://localhost:5001/v2/"));
        assert!(!at("http://127.0.0.1:5000/v2/"));
    }

    #[test]
    fn the_command_keeps_what_is_granted_already() {
        let mut allowed = AllowList::well_known();
        assert_eq!(
            allowed.command("r.example"),
            "layerscope serve --allow-registry r.example"
        );
        allowed.grant("localhost:5000".parse().expect("a host"));
        assert_eq!(
            allowed.command("[::1]:5001"),
            "layerscope serve --allow-registry localhost:5000 --allow-registry '[::1]:5001'"
        );
    }
}
