//! Whom the user lets the gateway ask, and how.

use std::collections::BTreeMap;

use crate::allow::AllowList;
use crate::error::Error;
use crate::host::Host;
use crate::origin::Origin;
use crate::refusal::Refusal;

/// The rules, as the user has configured them.
#[derive(Debug)]
pub(crate) struct Policy {
    allowed: AllowList,
    insecure: Vec<Host>,
    realms: BTreeMap<Host, Vec<Host>>,
    mirrors: BTreeMap<Host, String>,
}

impl Policy {
    pub(crate) fn new(
        allowed: AllowList,
        insecure: &[String],
        realms: &BTreeMap<String, Vec<String>>,
        mirrors: &BTreeMap<String, String>,
    ) -> Result<Self, Error> {
        let host = |setting, text: &String| -> Result<Host, Error> {
            text.parse().map_err(|error| Error::Host { setting, error })
        };
        let mut policy = Self {
            allowed,
            insecure: Vec::new(),
            realms: BTreeMap::new(),
            mirrors: BTreeMap::new(),
        };
        for text in insecure {
            policy.insecure.push(host("insecure", text)?);
        }
        for (registry, hosts) in realms {
            let hosts: Result<Vec<Host>, Error> =
                hosts.iter().map(|text| host("realms", text)).collect();
            policy.realms.insert(host("realms", registry)?, hosts?);
        }
        for (registry, url) in mirrors {
            if Origin::of(url).is_none() || url.contains(['?', '#']) {
                return Err(Error::Mirror {
                    registry: registry.clone(),
                    found: url.split('?').next().unwrap_or_default().to_owned(),
                });
            }
            let url = url.trim_end_matches('/').to_owned();
            policy.mirrors.insert(host("mirrors", registry)?, url);
        }
        Ok(policy)
    }

    /// Whether `registry` may be asked at all.
    pub(crate) fn admit(&self, registry: &Host) -> Result<(), Refusal> {
        if self.allowed.allows(registry) || self.mirrors.contains_key(registry) {
            return Ok(());
        }
        let host = registry.to_string();
        Err(Refusal::HostNotAllowed {
            allow_command: self.command(&host),
            host,
        })
    }

    /// What is asked in the place of `registry`.
    pub(crate) fn mirror(&self, registry: &Host) -> Option<&str> {
        self.mirrors.get(registry).map(String::as_str)
    }

    /// Further hosts that may see the credentials for `registry`.
    pub(crate) fn realms(&self, registry: &Host) -> &[Host] {
        self.realms.get(registry).map_or(&[], Vec::as_slice)
    }

    /// Whether a person has granted what answers at `origin`.
    pub(crate) fn grants(&self, origin: &Origin) -> bool {
        self.allowed.grants(origin)
    }

    /// The command that would grant `host`, too.
    pub(crate) fn command(&self, host: &str) -> String {
        self.allowed.command(host)
    }

    /// Whether `origin` may be asked over plain HTTP.
    pub(crate) fn permits_plain(&self, origin: &Origin) -> bool {
        self.is_insecure(origin) || (origin.is_loopback() && self.allowed.grants(origin))
    }

    /// Whether the configuration says that what answers at `origin` does so over plain HTTP.
    pub(crate) fn is_insecure(&self, origin: &Origin) -> bool {
        self.insecure.iter().any(|host| host.is_at(origin))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A policy of the well-known registries and these.
    pub(crate) fn policy(granted: &[&str], insecure: &[&str], realms: &[(&str, &str)]) -> Policy {
        let mut allowed = AllowList::well_known();
        for host in granted {
            allowed.grant(host.parse().expect(host));
        }
        let insecure: Vec<String> = insecure.iter().map(|&host| host.into()).collect();
        let realms = realms
            .iter()
            .map(|&(registry, realm)| (registry.into(), vec![realm.into()]))
            .collect();
        Policy::new(allowed, &insecure, &realms, &BTreeMap::new()).expect("a policy")
    }

    #[test]
    fn only_allowed_registries_are_asked() {
        let policy = policy(&["localhost:5000"], &[], &[]);
        let admit = |host: &str| policy.admit(&host.parse().expect(host));
        assert_eq!(admit("docker.io"), Ok(()));
        assert_eq!(admit("localhost:5000"), Ok(()));
        let refused = Refusal::HostNotAllowed {
            host: "evil.example".to_owned(),
            allow_command:
                "layerscope serve --allow-registry localhost:5000 --allow-registry evil.example"
                    .to_owned(),
        };
        assert_eq!(admit("evil.example"), Err(refused));
        assert!(admit("localhost:5001").is_err());
    }

    #[test]
    fn a_configuration_that_cannot_be_read_is_refused() {
        let none = BTreeMap::new();
        let new = |insecure: &[String], mirror: &str| {
            let mirrors = BTreeMap::from([("docker.io".to_owned(), mirror.to_owned())]);
            Policy::new(AllowList::empty(), insecure, &none, &mirrors).map(|_| ())
        };
        assert!(new(&[], "https://mirror.example/hub/").is_ok());
        for mirror in [
            "mirror.example",
            "ftp://mirror.example",
            "https://m.example/?token=x",
            "",
        ] {
            let error = new(&[], mirror).expect_err(mirror);
            assert_eq!(error.name(), "bad-mirror");
            assert!(!error.to_string().contains("token=x"));
        }
        let insecure = ["http://x".to_owned()];
        assert_eq!(
            new(&insecure, "https://m.example")
                .expect_err("a host")
                .name(),
            "bad-host"
        );
    }
}
