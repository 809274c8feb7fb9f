//! The hops of one exchange, each checked before anything of it is sent.

use layerscope_source::registry::is_known_realm;

use crate::host::Host;
use crate::origin::{Origin, Scheme};
use crate::policy::Policy;
use crate::refusal::Refusal;
use crate::upstream::{Reach, Unanswered};

/// What a hop is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Leg {
    /// The thing itself, at the gateway's own address for the registry, or its mirror.
    Home,
    /// The thing itself, where a `Location` says that it is.
    Redirect,
    /// A token, or how to get one, wherever that is.
    Realm,
}

/// The hops of one exchange with one registry.
#[derive(Debug)]
pub(crate) struct Journey<'a> {
    policy: &'a Policy,
    registry: &'a Host,
    home: Origin,
    /// Whether private addresses may be reached at all: only from where a person has let us go.
    granted: bool,
    /// Whether a hop has been HTTPS. No later one may be less.
    secure: bool,
    /// Where the thing itself was last asked for.
    thing: Option<String>,
    last: Leg,
}

impl<'a> Journey<'a> {
    /// The way to `registry`, which is asked at `home`.
    pub(crate) fn new(policy: &'a Policy, registry: &'a Host, home: Origin) -> Self {
        Self {
            granted: policy.grants(&home),
            policy,
            registry,
            home,
            secure: false,
            thing: None,
            last: Leg::Home,
        }
    }

    /// What a page is told about a URL that none could follow.
    pub(crate) fn unreadable(&self) -> Refusal {
        Refusal::UrlRefused {
            host: self.registry.to_string(),
        }
    }

    /// What a page is told when a request got no answer.
    pub(crate) fn unanswered(&self, leg: Leg, target: &Origin, why: Unanswered) -> Refusal {
        let host = target.host();
        match why {
            Unanswered::AddressRefused(special_use) => {
                let would_help = leg == Leg::Home || self.granted;
                Refusal::AddressRefused {
                    allow_command: would_help.then(|| self.policy.command(&host)),
                    host,
                    special_use,
                }
            }
            Unanswered::Unresolved => Refusal::Unresolved { host },
            Unanswered::Unreachable => Refusal::Unreachable { host },
            Unanswered::NotTls => Refusal::NotTls { host },
            Unanswered::TlsFailed => Refusal::TlsFailed { host },
            Unanswered::TimedOut => Refusal::TimedOut { host },
            Unanswered::Broken => Refusal::Broken { host },
        }
    }

    /// Which leg a request for `url` at `target` is, if the answer before it was a redirect or was not.
    ///
    /// The thing itself is asked for first, again after a token was got, and wherever it is said to
    /// be; whatever comes between is about tokens, even at the registry's own address.
    pub(crate) fn leg(&mut self, url: &str, target: &Origin, was_redirected: bool) -> Leg {
        let is_thing = match &self.thing {
            Some(thing) => thing == url || (was_redirected && self.last != Leg::Realm),
            None => true,
        };
        self.last = if !is_thing {
            Leg::Realm
        } else if *target == self.home {
            Leg::Home
        } else {
            Leg::Redirect
        };
        if is_thing {
            self.thing = Some(url.to_owned());
        }
        self.last
    }

    /// Checks one hop before anything of it is sent. `has_secrets`: the request carries an
    /// `Authorization` or a body, which only ever holds a token.
    pub(crate) fn hop(
        &mut self,
        leg: Leg,
        target: &Origin,
        has_secrets: bool,
    ) -> Result<Reach, Refusal> {
        let policy = self.policy;
        let host = target.host();
        if has_secrets && leg == Leg::Redirect {
            return Err(Refusal::SecretsWithheld { host });
        }
        if leg == Leg::Realm && !self.trusts_realm(target) {
            return Err(Refusal::RealmRefused {
                host: self.registry.to_string(),
                realm: host,
            });
        }
        match target.scheme() {
            Scheme::Https => self.secure = true,
            Scheme::Http if self.secure => return Err(Refusal::Downgrade { host }),
            Scheme::Http if !policy.permits_plain(target) => {
                return Err(Refusal::PlainHttp { host });
            }
            Scheme::Http => {}
        }
        let is_granted = policy.grants(target);
        let is_named = *target == self.home
            || is_granted
            || policy.is_insecure(target)
            || (leg == Leg::Realm && self.lists_realm(target));
        if !is_named && !self.granted && target.port() != 443 {
            return Err(Refusal::PortRefused { host });
        }
        // A public registry must not lead into the user's network, even where another registry is.
        Ok(if is_granted && self.granted {
            Reach::Any
        } else {
            Reach::Public
        })
    }

    /// Whether tokens for this registry may be asked for at `realm`.
    fn trusts_realm(&self, realm: &Origin) -> bool {
        let is_known = is_known_realm(&self.registry.to_string(), &realm.host());
        realm.name() == self.home.name() || is_known || self.lists_realm(realm)
    }

    fn lists_realm(&self, realm: &Origin) -> bool {
        let listed = self.policy.realms(self.registry);
        listed.iter().any(|host| host.is_at(realm))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::tests::policy;

    fn origin(url: &str) -> Origin {
        Origin::of(url).expect(url)
    }

    /// The hops of an exchange with `registry` at `home`, up to the first that is refused, by name.
    fn travel(policy: &Policy, home: &str, hops: &[(Leg, &str, bool)]) -> Result<Reach, String> {
        let home = origin(home);
        let registry: Host = home.host().parse().expect("a host");
        let mut journey = Journey::new(policy, &registry, home);
        let mut reach = Reach::Public;
        for (leg, url, has_secrets) in hops {
            reach = journey
                .hop(*leg, &origin(url), *has_secrets)
                .map_err(|refusal| refusal.name().to_owned())?;
        }
        Ok(reach)
    }

    #[test]
    fn private_addresses_are_reached_only_between_granted_hosts() {
        let policy = policy(&["localhost:5000", "localhost:9000", "r.example"], &[], &[]);
        let hub = "https://registry-1.docker.io";
        let own = "http://localhost:5000";
        for (home, hops, reach) in [
            (
                hub,
                &[(Leg::Home, "https://registry-1.docker.io/v2/", true)][..],
                Reach::Public,
            ),
            (
                hub,
                &[(Leg::Redirect, "https://cdn.example/x", false)],
                Reach::Public,
            ),
            (
                hub,
                &[(Leg::Redirect, "https://r.example/x", false)],
                Reach::Public,
            ),
            (
                own,
                &[(Leg::Home, "http://localhost:5000/v2/", true)],
                Reach::Any,
            ),
            (
                own,
                &[(Leg::Redirect, "http://localhost:9000/x", false)],
                Reach::Any,
            ),
            (
                own,
                &[(Leg::Redirect, "https://cdn.example:8443/x", false)],
                Reach::Public,
            ),
        ] {
            assert_eq!(travel(&policy, home, hops), Ok(reach), "{home} {hops:?}");
        }
    }

    #[test]
    fn a_hop_that_breaks_a_rule_is_refused_by_name() {
        let policy = policy(
            &["localhost:5000"],
            &["old.example:8080"],
            &[("quay.io", "login.example:8443")],
        );
        let hub = "https://registry-1.docker.io";
        let own = "http://localhost:5000";
        for (home, hops, name) in [
            (
                hub,
                &[(Leg::Redirect, "http://cdn.example/x", false)][..],
                "plain-http",
            ),
            (
                hub,
                &[(Leg::Redirect, "https://cdn.example:8443/x", false)],
                "port-refused",
            ),
            (
                hub,
                &[(Leg::Redirect, "https://cdn.example/x", true)],
                "secrets-withheld",
            ),
            (
                hub,
                &[(Leg::Realm, "https://evil.example/token", false)],
                "realm-refused",
            ),
            (
                hub,
                &[(
                    Leg::Realm,
                    "https://auth.docker.io.evil.example/token",
                    false,
                )],
                "realm-refused",
            ),
            (
                hub,
                &[(Leg::Realm, "https://auth.docker.io:8443/token", false)],
                "realm-refused",
            ),
            (
                hub,
                &[(Leg::Realm, "https://login.example:8443/token", false)],
                "realm-refused",
            ),
            (
                hub,
                &[(Leg::Realm, "http://registry-1.docker.io/token", false)],
                "plain-http",
            ),
            (
                "https://old.example:8080",
                &[
                    (Leg::Home, "https://old.example:8080/", false),
                    (Leg::Redirect, "http://old.example:8080/", false),
                ],
                "downgrade",
            ),
            (
                "https://localhost:5000",
                &[
                    (Leg::Home, "https://localhost:5000/", false),
                    (Leg::Realm, "http://localhost:5000/token", false),
                ],
                "downgrade",
            ),
            (
                own,
                &[(Leg::Redirect, "http://localhost:5001/x", false)],
                "plain-http",
            ),
            (
                own,
                &[(Leg::Redirect, "http://127.0.0.1:5000/x", false)],
                "plain-http",
            ),
            (
                own,
                &[(Leg::Realm, "https://127.0.0.1:5000/token", false)],
                "realm-refused",
            ),
        ] {
            assert_eq!(
                travel(&policy, home, hops),
                Err(name.to_owned()),
                "{home} {hops:?}"
            );
        }
    }

    #[test]
    fn a_realm_is_the_registry_s_own_or_known_or_listed() {
        let policy = policy(
            &["localhost:5000", "localhost:5001"],
            &["old.example:8080"],
            &[
                ("quay.io", "login.example:8443"),
                ("localhost:5000", "localhost:5001"),
            ],
        );
        for (home, realm, reach) in [
            (
                "https://registry-1.docker.io",
                "https://auth.docker.io/token",
                Reach::Public,
            ),
            ("https://ghcr.io", "https://ghcr.io/token", Reach::Public),
            (
                "https://quay.io",
                "https://login.example:8443/token",
                Reach::Public,
            ),
            (
                "http://localhost:5000",
                "http://localhost:5001/token",
                Reach::Any,
            ),
            (
                "http://old.example:8080",
                "http://old.example:8080/token",
                Reach::Public,
            ),
        ] {
            let hops = [(Leg::Realm, realm, true)];
            assert_eq!(travel(&policy, home, &hops), Ok(reach), "{home} {realm}");
        }
    }

    #[test]
    fn a_leg_is_told_by_what_was_asked_for_before() {
        let policy = policy(&[], &[], &[]);
        let registry: Host = "quay.io".parse().expect("a host");
        let mut journey = Journey::new(&policy, &registry, origin("https://quay.io"));
        for (url, was_redirected, leg) in [
            ("https://quay.io/v2/a/blobs/x", false, Leg::Home),
            ("https://quay.io/v2/auth?scope=x", false, Leg::Realm),
            ("https://quay.io/v2/auth/moved?scope=x", true, Leg::Realm),
            ("https://quay.io/v2/a/blobs/x", false, Leg::Home),
            ("https://quay.io/v2/b/blobs/x", true, Leg::Home),
            ("https://quay.io/v2/auth?scope=y", false, Leg::Realm),
            ("https://quay.io/v2/b/blobs/x", false, Leg::Home),
            ("https://cdn.example/x", true, Leg::Redirect),
            ("https://cdn.example/x", false, Leg::Redirect),
            ("https://login.example/token", false, Leg::Realm),
            ("https://cdn.example/token", true, Leg::Realm),
        ] {
            assert_eq!(journey.leg(url, &origin(url), was_redirected), leg, "{url}");
        }
    }

    #[test]
    fn a_command_is_shown_only_where_it_would_help() {
        let policy = policy(&["localhost:5000"], &[], &[]);
        let why = Unanswered::AddressRefused(crate::addresses::SpecialUse::Private);
        for (home, leg, command) in [
            ("https://quay.io", Leg::Home, true),
            ("https://quay.io", Leg::Redirect, false),
            ("https://quay.io", Leg::Realm, false),
            ("http://localhost:5000", Leg::Redirect, true),
        ] {
            let home = origin(home);
            let registry: Host = home.host().parse().expect("a host");
            let journey = Journey::new(&policy, &registry, home);
            let refusal = journey.unanswered(leg, &origin("https://a.example"), why);
            let Refusal::AddressRefused { allow_command, .. } = refusal else {
                panic!("{refusal:?}");
            };
            assert_eq!(allow_command.is_some(), command, "{registry} {leg:?}");
        }
    }
}
