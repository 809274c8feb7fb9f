//! What is compared with what.

use std::path::PathBuf;

use super::gallery::Image;

/// Programs that do the same, and what is asked of the times that they need.
pub(crate) struct Contest {
    pub(crate) name: &'static str,
    /// What they read.
    pub(crate) images: Vec<Image>,
    pub(crate) contenders: Vec<Contender>,
    pub(crate) rows: Vec<Row>,
    /// The image that has to be in a registry; [`REGISTRY`] in a command stands for where that is.
    pub(crate) pushed: Option<Pushed>,
}

/// An image in a registry.
#[derive(Clone, Copy)]
pub(crate) struct Pushed {
    pub(crate) image: Image,
    /// How skopeo packs its layers; as they are, when nothing is said.
    pub(crate) format: Option<&'static str>,
}

/// Stands for `127.0.0.1:PORT` in a command.
pub(crate) const REGISTRY: &str = "{registry}";

/// One command.
pub(crate) struct Contender {
    pub(crate) name: String,
    /// The first is the program.
    pub(crate) words: Vec<String>,
    /// Programs without which it cannot run.
    pub(crate) needs: Vec<&'static str>,
    /// What it writes, which is removed before and after.
    pub(crate) writes: Option<PathBuf>,
    pub(crate) environment: Vec<(&'static str, String)>,
    /// It prints `seconds N` itself, because not all of its time counts.
    pub(crate) tells: bool,
    /// It prints lines of a name and a figure.
    pub(crate) counts: bool,
}

/// One line of the table.
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) what: &'static str,
    /// Whose figure it is, by its position among the contenders.
    pub(crate) ours: usize,
    pub(crate) measure: Measure,
}

/// What of a contender counts.
#[derive(Clone, Copy)]
pub(crate) enum Measure {
    /// Its median time as a part of another's. Without a limit it is only told.
    Time { against: usize, limit: Option<f64> },
    /// Its own median time, in seconds.
    Own { limit: f64 },
    /// The most memory that it held, in bytes.
    Peak { limit: u64 },
    /// A figure that it prints. Without a limit it is only told.
    Figure {
        name: &'static str,
        limit: Option<f64>,
    },
    /// How much more memory it held than another, as a part of the bytes that it unpacked more.
    Growth {
        against: usize,
        more: u64,
        limit: f64,
    },
}

impl Contender {
    pub(crate) fn new(name: &str, words: impl IntoIterator<Item = String>) -> Contender {
        Contender {
            name: name.to_owned(),
            words: words.into_iter().collect(),
            needs: Vec::new(),
            writes: None,
            environment: Vec::new(),
            tells: false,
            counts: false,
        }
    }

    pub(crate) fn needing(mut self, programs: &[&'static str]) -> Contender {
        self.needs.extend(programs);
        self
    }

    pub(crate) fn writing(mut self, path: PathBuf) -> Contender {
        self.writes = Some(path);
        self
    }

    pub(crate) fn telling(mut self) -> Contender {
        self.tells = true;
        self
    }

    pub(crate) fn counting(mut self) -> Contender {
        self.counts = true;
        self
    }

    pub(crate) fn with(mut self, variable: &'static str, value: &str) -> Contender {
        self.environment.push((variable, value.to_owned()));
        self
    }
}

impl Contest {
    /// Keeps the rows that are wanted: by their names, the beginnings of their names up to a dash, or all.
    pub(crate) fn keep(&mut self, wanted: &[String]) {
        let is_wanted = |name: &str, word: &String| {
            name.strip_prefix(word.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('-'))
        };
        self.rows
            .retain(|row| wanted.is_empty() || wanted.iter().any(|word| is_wanted(row.name, word)));
    }

    /// Whether a row that is left needs this contender.
    pub(crate) fn needs(&self, contender: usize) -> bool {
        self.rows.iter().any(|row| {
            let other = match row.measure {
                Measure::Time { against, .. } | Measure::Growth { against, .. } => Some(against),
                Measure::Own { .. } | Measure::Peak { .. } | Measure::Figure { .. } => None,
            };
            row.ours == contender || other == Some(contender)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn contest() -> Contest {
        let row = |name, ours, measure| Row {
            name,
            what: "",
            ours,
            measure,
        };
        Contest {
            name: "verify",
            images: Vec::new(),
            contenders: ["us", "skopeo", "gzip"]
                .map(|name| Contender::new(name, []))
                .into(),
            rows: vec![
                row(
                    "verify-skopeo",
                    0,
                    Measure::Time {
                        against: 1,
                        limit: None,
                    },
                ),
                row(
                    "verify-gzip",
                    0,
                    Measure::Time {
                        against: 2,
                        limit: None,
                    },
                ),
                row("verify-memory", 0, Measure::Peak { limit: 1 }),
            ],
            pushed: None,
        }
    }

    fn left(wanted: &[&str]) -> (Vec<&'static str>, Vec<usize>) {
        let mut contest = contest();
        let wanted: Vec<String> = wanted.iter().map(ToString::to_string).collect();
        contest.keep(&wanted);
        let names = contest.rows.iter().map(|row| row.name).collect();
        let needed = (0..3).filter(|number| contest.needs(*number)).collect();
        (names, needed)
    }

    #[test]
    fn rows_are_chosen_by_name_and_by_its_beginning() {
        let all = vec!["verify-skopeo", "verify-gzip", "verify-memory"];
        assert_eq!(left(&[]), (all.clone(), vec![0, 1, 2]));
        assert_eq!(left(&["verify"]), (all, vec![0, 1, 2]));
        assert_eq!(left(&["verify-gzip"]), (vec!["verify-gzip"], vec![0, 2]));
        assert_eq!(left(&["verify-memory"]), (vec!["verify-memory"], vec![0]));
        assert_eq!(left(&["verify-g"]), (vec![], vec![]));
    }
}
