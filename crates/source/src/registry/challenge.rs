//! Reading `WWW-Authenticate` (RFC 9110, section 11.6.1), as leniently as registries write it.

use crate::step::Headers;

/// One way in that a server offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Challenge {
    /// In lower case: `bearer`, `basic`.
    pub(super) scheme: String,
    /// Names in lower case.
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The value of a parameter.
    pub(super) fn get(&self, name: &str) -> Option<&str> {
        let found = self.parameters.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value.as_str())
    }

    /// All challenges of a response, in their order. What is malformed ends the header field that it stands in.
    pub(super) fn all(headers: &Headers) -> Vec<Self> {
        headers
            .all("www-authenticate")
            .flat_map(|field| Scanner { rest: field }.challenges())
            .collect()
    }
}

struct Scanner<'a> {
    rest: &'a str,
}

impl<'a> Scanner<'a> {
    fn challenges(mut self) -> Vec<Challenge> {
        let mut challenges: Vec<Challenge> = Vec::new();
        loop {
            self.rest = self.rest.trim_start_matches([',', ' ', '\t']);
            let Some(word) = self.word() else {
                return challenges;
            };
            let after = self.rest.trim_start_matches([' ', '\t']);
            let Some(value) = after.strip_prefix('=') else {
                challenges.push(Challenge {
                    scheme: word.to_ascii_lowercase(),
                    parameters: Vec::new(),
                });
                self.skip_credentials();
                continue;
            };
            self.rest = value.trim_start_matches([' ', '\t']);
            let (Some(value), Some(challenge)) = (self.value(), challenges.last_mut()) else {
                // A challenge whose parameters cannot be read is not to be half understood.
                challenges.pop();
                return challenges;
            };
            challenge
                .parameters
                .push((word.to_ascii_lowercase(), value));
        }
    }

    /// A token in the sense of RFC 9110, section 5.6.2.
    fn word(&mut self) -> Option<&'a str> {
        let end = self
            .rest
            .find(|letter: char| {
                !letter.is_ascii_graphic() || "()<>@,;:\\\"/[]?={}".contains(letter)
            })
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        (!word.is_empty()).then_some(word)
    }

    /// Passes over the `token68` after a scheme such as Negotiate, which has no parameters.
    fn skip_credentials(&mut self) {
        let rest = self.rest.trim_start_matches([' ', '\t']);
        let end = rest.find([',', ' ', '\t']).unwrap_or(rest.len());
        let (word, after) = rest.split_at(end);
        // `abc==` is one, and so is `abc=` unless a parameter's value follows: `realm= "x"`.
        let bare = word.trim_end_matches('=');
        let padded = bare.len() < word.len() && !bare.contains('=');
        let followed_by_value = word.len() - bare.len() == 1
            && !after.trim_start().is_empty()
            && !after.starts_with(',');
        if padded && !followed_by_value {
            self.rest = after;
        }
    }

    fn value(&mut self) -> Option<String> {
        let Some(quoted) = self.rest.strip_prefix('"') else {
            let end = self.rest.find([',', ' ', '\t']).unwrap_or(self.rest.len());
            let (value, rest) = self.rest.split_at(end);
            self.rest = rest;
            return Some(value.to_owned());
        };
        let mut value = String::new();
        let mut letters = quoted.char_indices();
        while let Some((at, letter)) = letters.next() {
            match letter {
                '"' => {
                    self.rest = quoted.get(at.saturating_add(1)..).unwrap_or_default();
                    return Some(value);
                }
                '\\' => value.push(letters.next()?.1),
                _ => value.push(letter),
            }
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(field: &str) -> Vec<(String, Vec<(String, String)>)> {
        let headers = Headers::from_iter([("WWW-Authenticate", field)]);
        Challenge::all(&headers)
            .into_iter()
            .map(|challenge| (challenge.scheme, challenge.parameters))
            .collect()
    }

    fn challenge(scheme: &str, parameters: &[(&str, &str)]) -> (String, Vec<(String, String)>) {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        (scheme.to_owned(), parameters.iter().map(own).collect())
    }

    #[test]
    fn well_formed_challenges_are_read() {
        let realm = ("realm", "https://auth.example/token");
        assert_eq!(
            read(
                r#"Bearer realm="https://auth.example/token",service="r.example",scope="repository:a:pull""#
            ),
            [challenge(
                "bearer",
                &[
                    realm,
                    ("service", "r.example"),
                    ("scope", "repository:a:pull")
                ]
            )]
        );
        assert_eq!(
            read(r#"Basic realm="r""#),
            [challenge("basic", &[("realm", "r")])]
        );
        assert_eq!(
            read(r#"Negotiate, Basic realm="r", Bearer realm="https://auth.example/token""#),
            [
                challenge("negotiate", &[]),
                challenge("basic", &[("realm", "r")]),
                challenge("bearer", &[realm]),
            ]
        );
        assert_eq!(
            read(r#"Negotiate YWJjZA==, Basic realm="r""#),
            [
                challenge("negotiate", &[]),
                challenge("basic", &[("realm", "r")])
            ]
        );
    }

    #[test]
    fn sloppy_challenges_are_read_too() {
        let expected = [challenge(
            "bearer",
            &[("realm", "https://a.example/t"), ("service", "s")],
        )];
        for field in [
            r#"BEARER Realm="https://a.example/t",SERVICE="s""#,
            r#"Bearer  realm = "https://a.example/t" , service = "s""#,
            r#"Bearer realm="https://a.example/t" service="s""#,
            r#"bearer realm=https://a.example/t,service=s"#,
            r#",, Bearer realm="https://a.example/t",,service="s","#,
            r#"Bearer realm="https:\/\/a.example/t",service="\s""#,
        ] {
            assert_eq!(read(field), expected, "{field}");
        }
        assert_eq!(
            read(r#"Bearer realm="a \"b\" \\ c""#),
            [challenge("bearer", &[("realm", r#"a "b" \ c"#)])]
        );
    }

    #[test]
    fn malformed_challenges_are_dropped() {
        for field in [
            "",
            ",",
            r#"realm="x""#,
            r#"Bearer realm="https://a.example"#,
            r#"Bearer realm="x\"#,
            "=",
            "\"x\"",
        ] {
            assert_eq!(read(field), [], "{field}");
        }
        assert_eq!(
            read(r#"Basic realm="r", Bearer realm="unclosed"#),
            [challenge("basic", &[("realm", "r")])]
        );
        assert_eq!(read("Bearer"), [challenge("bearer", &[])]);
    }

    #[test]
    fn several_header_fields_are_one_list() {
        let headers = Headers::from_iter([
            ("www-authenticate", "Negotiate"),
            ("WWW-AUTHENTICATE", "Basic realm=r"),
        ]);
        let schemes: Vec<_> = Challenge::all(&headers)
            .into_iter()
            .map(|c| c.scheme)
            .collect();
        assert_eq!(schemes, ["negotiate", "basic"]);
    }
}
