//! How a program ended.

use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitStatus, Stdio};
use std::sync::mpsc::channel;
use std::thread;
use std::time::Duration;

use serde_json::Value;

/// Nothing here takes nearly as long. A program that does hangs, and is ended so that the test can say so.
const PATIENCE: Duration = Duration::from_secs(300);

/// What a program that has ended leaves behind.
#[derive(Debug)]
pub struct Ended {
    /// The command, to tell it by.
    pub command: String,
    /// The exit status; `None` when a signal ended it.
    pub code: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// True when it was ended because it took too long.
    pub is_late: bool,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: Vec<u8>,
}

/// Runs a program to its end.
pub fn end(command: &mut Command) -> Ended {
    Ended::within(command, PATIENCE)
}

/// Runs a program that must succeed.
///
/// # Panics
/// When it does not.
pub fn succeed(command: &mut Command) -> Ended {
    end(command).exit(0)
}

impl Ended {
    /// Runs a program, and ends it when it takes longer than `patience`.
    pub fn within(command: &mut Command, patience: Duration) -> Self {
        let shown = shown(command);
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("`{shown}` could not be started: {error}"));
        let mut stdout = child.stdout.take().expect("a pipe");
        let mut stderr = child.stderr.take().expect("a pipe");
        let errors = thread::spawn(move || read(&mut stderr));
        let (sender, receiver) = channel();
        let output = thread::spawn(move || {
            let bytes = read(&mut stdout);
            // Nobody waits any more when the time is up.
            let _ = sender.send(());
            bytes
        });
        let is_late = receiver.recv_timeout(patience).is_err();
        if is_late {
            child.kill().expect("an end");
        }
        let status: ExitStatus = child.wait().expect("an exit status");
        Self {
            command: shown,
            code: status.code(),
            signal: status.signal(),
            is_late,
            stdout: output.join().expect("standard output"),
            stderr: errors.join().expect("standard error"),
        }
    }

    /// The same, when it ended with this exit status.
    ///
    /// # Panics
    /// When it did not.
    pub fn exit(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self}");
        self
    }

    /// Standard output as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }

    /// Standard error as text.
    pub fn errors(&self) -> &str {
        std::str::from_utf8(&self.stderr).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }

    /// Standard output as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.stdout).unwrap_or_else(|error| panic!("{error}\n{self}"))
    }
}

impl std::fmt::Display for Ended {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const SHOWN: usize = 4000;
        let cut =
            |bytes: &[u8]| String::from_utf8_lossy(&bytes[..bytes.len().min(SHOWN)]).into_owned();
        write!(
            f,
            "`{}` ended with {:?}{}{}\n--- stdout\n{}\n--- stderr\n{}",
            self.command,
            self.code,
            self.signal
                .map_or(String::new(), |signal| format!(", signal {signal}")),
            if self.is_late { ", after too long" } else { "" },
            cut(&self.stdout),
            cut(&self.stderr),
        )
    }
}

fn read(from: &mut dyn Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    from.read_to_end(&mut bytes).expect("what a program writes");
    bytes
}

fn shown(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| word.to_string_lossy())
        .collect::<Vec<_>>()
        .join(" ")
}
