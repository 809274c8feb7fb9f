//! From `created_by` back to the Dockerfile line.
//!
//! The classic builder writes `/bin/sh -c #(nop) CMD ["sh"]` and `/bin/sh -c apt-get update`;
//! BuildKit writes `RUN |1 A=b /bin/sh -c make # buildkit`. Both are noise around one line.

use crate::view::Instruction;

const KEYWORDS: [&str; 18] = [
    "ADD",
    "ARG",
    "CMD",
    "COPY",
    "ENTRYPOINT",
    "ENV",
    "EXPOSE",
    "FROM",
    "HEALTHCHECK",
    "LABEL",
    "MAINTAINER",
    "ONBUILD",
    "RUN",
    "SHELL",
    "STOPSIGNAL",
    "USER",
    "VOLUME",
    "WORKDIR",
];

/// Shells that builders put before a command.
const SHELLS: [&str; 4] = [
    "/bin/sh -c ",
    "/bin/bash -c ",
    "/bin/ash -eo pipefail -c ",
    "cmd /S /C ",
];

/// Reads one `created_by` string.
#[must_use]
pub fn read(created_by: &str) -> Instruction {
    let full = created_by.to_owned();
    let line = created_by.trim();
    let line = line.strip_suffix("# buildkit").unwrap_or(line).trim_end();
    let (keyword, text) = split(line);
    Instruction {
        keyword: keyword.to_owned(),
        text,
        full,
    }
}

fn split(line: &str) -> (&str, String) {
    if let Some(rest) = without_shell(line) {
        let rest = rest.trim_start();
        return match rest.strip_prefix("#(nop)") {
            Some(metadata) => {
                keyword(metadata.trim_start()).unwrap_or(("", metadata.trim_start().to_owned()))
            }
            None => ("RUN", rest.to_owned()),
        };
    }
    if line.starts_with('|') {
        // The classic builder's form of RUN with build arguments.
        return ("RUN", with_arguments(line));
    }
    match keyword(line) {
        Some(("RUN", rest)) if rest.starts_with('|') => ("RUN", with_arguments(&rest)),
        Some(("RUN", rest)) => (
            "RUN",
            without_shell(&rest).map_or(rest.clone(), str::to_owned),
        ),
        Some(found) => found,
        None => ("", line.to_owned()),
    }
}

fn without_shell(line: &str) -> Option<&str> {
    SHELLS.iter().find_map(|shell| line.strip_prefix(shell))
}

/// `|2 A=b C=d /bin/sh -c make` is `A=b C=d make`: what the command saw, without how it was started.
fn with_arguments(line: &str) -> String {
    let after_count = line
        .trim_start_matches('|')
        .trim_start_matches(|c: char| c.is_ascii_digit())
        .trim_start();
    for shell in SHELLS {
        if let Some((arguments, command)) = after_count.split_once(shell) {
            let arguments = arguments.trim_end();
            return if arguments.is_empty() {
                command.to_owned()
            } else {
                format!("{arguments} {command}")
            };
        }
    }
    after_count.to_owned()
}

fn keyword(line: &str) -> Option<(&'static str, String)> {
    let (first, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    KEYWORDS
        .into_iter()
        .find(|known| known.eq_ignore_ascii_case(first))
        .map(|known| (known, rest.trim_start().to_owned()))
}

#[cfg(test)]
mod tests {
    use super::read;

    #[test]
    fn builders_noise_is_removed() {
        for (created_by, keyword, text) in [
            ("/bin/sh -c #(nop)  CMD [\"sh\"]", "CMD", "[\"sh\"]"),
            (
                "/bin/sh -c #(nop) ADD file:1f2e in / ",
                "ADD",
                "file:1f2e in /",
            ),
            (
                "/bin/sh -c apt-get update && rm -rf /x",
                "RUN",
                "apt-get update && rm -rf /x",
            ),
            (
                "RUN /bin/sh -c make install # buildkit",
                "RUN",
                "make install",
            ),
            (
                "RUN |2 A=b C=d /bin/sh -c make # buildkit",
                "RUN",
                "A=b C=d make",
            ),
            ("|1 V=1 /bin/sh -c echo $V", "RUN", "V=1 echo $V"),
            ("COPY /src /dst # buildkit", "COPY", "/src /dst"),
            ("ENV PATH=/usr/bin:/bin", "ENV", "PATH=/usr/bin:/bin"),
            ("cmd /S /C dir", "RUN", "dir"),
            ("umoci config", "", "umoci config"),
            ("bazel build ...", "", "bazel build ..."),
            ("RUN", "RUN", ""),
            ("", "", ""),
        ] {
            let instruction = read(created_by);
            assert_eq!(
                (instruction.keyword.as_str(), instruction.text.as_str()),
                (keyword, text),
                "{created_by}"
            );
            assert_eq!(instruction.full, created_by);
        }
    }
}
