//! The `layerscope` binary: flags in, text or JSON out. What there is to know about images, the core knows.

use std::process::ExitCode;

use clap::Parser;

mod args;
mod cache;
mod command;
mod config;
mod credentials;
mod describe;
mod diff;
mod documents;
mod drive;
mod fetch;
mod file;
mod location;
mod messages;
mod opening;
mod patience;
mod print;
mod progress;
mod referrers;
mod scanner;
mod serve;
mod store;

/// How a command ended, when nothing went wrong on the way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Fine,
    /// Something did not verify, or a gate failed.
    NotVerified,
    /// Two images are not the same.
    Different,
    /// Two images were compared as far as they could be read, or believed.
    Trouble,
}

fn main() -> ExitCode {
    let arguments = args::Arguments::parse();
    match command::run(&arguments) {
        Ok(Outcome::Fine) => ExitCode::SUCCESS,
        Ok(Outcome::NotVerified | Outcome::Different) => ExitCode::from(1),
        Ok(Outcome::Trouble) => ExitCode::from(2),
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            say(&format!("layerscope: {error:#}"));
            ExitCode::from(2)
        }
    }
}

/// Whoever reads our output has seen enough: `layerscope ls … | head`.
fn is_broken_pipe(error: &anyhow::Error) -> bool {
    error
        .chain()
        .filter_map(|cause| cause.downcast_ref::<std::io::Error>())
        .any(|cause| cause.kind() == std::io::ErrorKind::BrokenPipe)
}

/// A remark or an error, on standard error; safe to print whatever it quotes.
#[allow(clippy::print_stderr)] // The command line talks; this is where.
fn say(text: &str) {
    eprintln!("{}", layerscope_inspect::display::lines(text));
}
