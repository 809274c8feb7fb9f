//! The word that only the page of this run knows.

use std::fmt;

use crate::error::Error;

/// Bytes of randomness: not to be guessed by anything that can reach the port.
const LENGTH: usize = 32;

/// A random secret, new for each run. The page finds it in the fragment of its address, which no
/// browser sends anywhere, and sends it in a header, which no other site can make a browser do.
pub(crate) struct Secret(String);

impl Secret {
    /// A secret from the operating system's randomness.
    pub(crate) fn new() -> Result<Self, Error> {
        let mut bytes = [0; LENGTH];
        rustls::crypto::ring::default_provider()
            .secure_random
            .fill(&mut bytes)
            .map_err(|_| Error::NoRandomness)?;
        Ok(Self(bytes.iter().map(|b| format!("{b:02x}")).collect()))
    }

    /// For the address that is handed to the browser, and for nothing else.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Whether `given` is the secret. Takes the same time wherever they differ.
    pub(crate) fn is(&self, given: &[u8]) -> bool {
        let known = self.0.as_bytes();
        let differences = known
            .iter()
            .zip(given)
            .fold(0, |differences, (a, b)| differences | (a ^ b));
        known.len() == given.len() && std::hint::black_box(differences) == 0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_whole_secret_is_the_secret() {
        let secret = Secret::new().expect("randomness");
        let text = secret.reveal().to_owned();
        assert_eq!(text.len(), 2 * LENGTH);
        assert!(secret.is(text.as_bytes()));
        assert!(!secret.is(b""));
        assert!(!secret.is(&text.as_bytes()[1..]));
        assert!(!secret.is(format!("{text}0").as_bytes()));
        for position in 0..text.len() {
            let mut other = text.clone().into_bytes();
            other[position] ^= 1;
            assert!(!secret.is(&other));
        }
    }

    #[test]
    fn each_run_has_its_own_and_none_is_printed() {
        let (one, other) = (Secret::new().expect("one"), Secret::new().expect("two"));
        assert_ne!(one.reveal(), other.reveal());
        assert!(!format!("{one:?}").contains(one.reveal()));
    }
}
