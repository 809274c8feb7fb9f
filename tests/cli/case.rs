//! One file of runs, as `readme.txt` describes it.

use std::fmt;

use harness::{Directory, end, layerscope, repository};

use crate::escape::{escaped, is_hidden, unescaped};

/// A file of runs.
#[derive(Debug)]
pub(crate) struct Case {
    pub(crate) runs: Vec<Run>,
}

/// One run of the binary.
#[derive(Debug, Clone)]
pub(crate) struct Run {
    /// The lines above the command, which say why.
    prose: Vec<String>,
    command: String,
    pub(crate) variables: Vec<(String, String)>,
    pub(crate) arguments: Vec<String>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
    pub(crate) exit: i32,
}

const STDOUT: &str = "--- stdout";
const STDERR: &str = "--- stderr";
const EXIT: &str = "--- exit ";
const UNFINISHED: &str = " (no newline at its end)";

/// Stands for a directory of the case's own, in variables and in what is printed.
const DIRECTORY: &str = "{directory}";

impl Case {
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        let mut runs: Vec<Run> = Vec::new();
        let mut prose: Vec<String> = Vec::new();
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            if line.is_empty() || line.starts_with('#') {
                prose.push(line.to_owned());
                continue;
            }
            let Some(command) = line.strip_prefix("$ ") else {
                return Err(format!("neither a comment nor a command: {line}"));
            };
            let mut run = Run::new(std::mem::take(&mut prose), command)?;
            // A command without anything is a new one, and BLESS=1 adds the rest.
            if lines.peek().is_some_and(|line| line.starts_with("--- ")) {
                run.read_ending(&mut lines)?;
            }
            runs.push(run);
        }
        let Some(first) = runs.first() else {
            return Err("there is no command".to_owned());
        };
        if !first.prose.iter().any(|line| line.starts_with("# ")) {
            return Err("it does not say why it is there".to_owned());
        }
        Ok(Self { runs })
    }

    /// The same runs with what they do now.
    pub(crate) fn run(&self) -> Self {
        let directory = Directory::new("case");
        Self {
            runs: self.runs.iter().map(|run| run.run(&directory)).collect(),
        }
    }
}

impl fmt::Display for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.runs.iter().try_for_each(|run| run.fmt(f))
    }
}

impl Run {
    fn new(prose: Vec<String>, command: &str) -> Result<Self, String> {
        let mut words = words(command)?.into_iter();
        let mut variables = Vec::new();
        let program = loop {
            let word = words.next().ok_or("a command without a program")?;
            match word.split_once('=') {
                Some((name, value)) => variables.push((name.to_owned(), value.to_owned())),
                None => break word,
            }
        };
        if program != "layerscope" {
            return Err(format!("the command is not layerscope: {command}"));
        }
        Ok(Self {
            prose,
            command: command.to_owned(),
            variables,
            arguments: words.collect(),
            stdout: Vec::new(),
            stderr: Vec::new(),
            exit: 0,
        })
    }

    fn read_ending<'a>(&mut self, lines: &mut impl Iterator<Item = &'a str>) -> Result<(), String> {
        let mut open = None;
        let mut body = String::new();
        for line in lines {
            if !line.starts_with("--- ") {
                body.push_str(line);
                body.push('\n');
                continue;
            }
            if let Some(title) = open.replace(line) {
                self.close(title, std::mem::take(&mut body))?;
            }
            if let Some(exit) = line.strip_prefix(EXIT) {
                self.exit = exit
                    .parse()
                    .map_err(|_| format!("no exit status: {exit}"))?;
                return Ok(());
            }
        }
        Err(format!("there is no `{EXIT}N` after `{}`", self.command))
    }

    fn close(&mut self, title: &str, mut body: String) -> Result<(), String> {
        let title = match title.strip_suffix(UNFINISHED) {
            Some(title) => {
                body.truncate(body.len().saturating_sub(1));
                title
            }
            None => title,
        };
        match title {
            STDOUT => self.stdout = unescaped(&body)?,
            STDERR => self.stderr = unescaped(&body)?,
            _ => return Err(format!("no section of a run: {title}")),
        }
        Ok(())
    }

    /// The same run with what it does now.
    fn run(&self, directory: &Directory) -> Self {
        let directory = directory.path().to_str().expect("a plain path");
        let variables = self.variables.iter();
        let mut ended = end(layerscope(&self.arguments)
            .envs(variables.map(|(name, value)| (name, value.replace(DIRECTORY, directory))))
            .current_dir(repository().join("tests/fixtures")));
        let exit = ended.code.unwrap_or_else(|| panic!("{ended}"));
        for stream in [&mut ended.stdout, &mut ended.stderr] {
            if let Ok(text) = std::str::from_utf8(stream) {
                *stream = text.replace(directory, DIRECTORY).into_bytes();
            }
        }
        if !self.is_verbatim() {
            for stream in [&ended.stdout, &ended.stderr] {
                let text =
                    std::str::from_utf8(stream).unwrap_or_else(|error| panic!("{error}: {ended}"));
                let hidden = text
                    .chars()
                    .find(|letter| *letter != '\n' && is_hidden(*letter));
                assert_eq!(hidden, None, "a raw control or format character in {ended}");
            }
        }
        Self {
            stdout: ended.stdout,
            stderr: ended.stderr,
            exit,
            ..self.clone()
        }
    }

    /// Whether it writes bytes as they are stored, or colours, on purpose.
    fn is_verbatim(&self) -> bool {
        let has = |word: &str| self.arguments.iter().any(|argument| argument == word);
        has("cat") || has("--raw") || has("--color=always")
    }
}

impl fmt::Display for Run {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for line in &self.prose {
            writeln!(f, "{line}")?;
        }
        writeln!(f, "$ {}", self.command)?;
        for (title, bytes) in [(STDOUT, &self.stdout), (STDERR, &self.stderr)] {
            if bytes.is_empty() {
                continue;
            }
            let is_finished = bytes.ends_with(b"\n");
            writeln!(f, "{title}{}", if is_finished { "" } else { UNFINISHED })?;
            write!(
                f,
                "{}{}",
                escaped(bytes),
                if is_finished { "" } else { "\n" }
            )?;
        }
        writeln!(f, "{EXIT}{}", self.exit)
    }
}

/// Words as a shell parts them, with single and double quotes and nothing else.
fn words(command: &str) -> Result<Vec<String>, String> {
    let mut words: Vec<String> = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for letter in command.chars() {
        match (letter, quote) {
            (_, Some(open)) if letter == open => quote = None,
            ('\'' | '"', None) => {
                quote = Some(letter);
                word.get_or_insert_default();
            }
            (' ', None) => words.extend(word.take()),
            _ => word.get_or_insert_default().push(letter),
        }
    }
    if quote.is_some() {
        return Err(format!("a quote is open at the end of: {command}"));
    }
    words.extend(word);
    Ok(words)
}
