//! The project's chores, so that nobody needs a second tool: `cargo xtask help` lists them.

use std::process::ExitCode;

mod bench;
mod build;
mod fixtures;
mod fuzz;
mod guide;
mod install;
mod serve;
mod shell;
mod stamp;
mod test;
mod tidy;

const HELP: &str = "\
cargo xtask <command>

  build      wasm, page and command line, each only when its inputs changed; `--page` leaves the command line
  serve      build, then start the page with the embedded sample (further arguments go to `layerscope serve`)
  test       install what the tests need and run every test; `test --only STEP` runs one step
  fuzz       fuzz every target, or the one named, for ten minutes each or `--seconds N`
  bench      compare us with our peers: `bench --setup` installs them, `bench --list` names the rows
  pictures   take the pictures of docs/guide from the page
  fixtures   write the generated fixtures and the embedded sample; `--check` compares instead
  tidy       the rules that no compiler checks: dependencies, forbidden modules, licences, leaks
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = match arguments.split_first() {
        Some((command, rest)) => (command.as_str(), rest),
        None => ("help", &[] as &[String]),
    };
    let result = match command {
        "build" if rest == ["--page"] => build::page(),
        "build" => build::everything(),
        "serve" => serve::run(rest),
        "test" => test::run_with(rest),
        "fuzz" => fuzz::run_with(rest),
        "bench" => bench::run_with(rest),
        "pictures" => guide::pictures(),
        "fixtures" => fixtures::run(rest),
        "tidy" => tidy::run(),
        "help" | "--help" | "-h" => {
            shell::say(HELP);
            Ok(())
        }
        other => Err(anyhow::anyhow!("no command `{other}`\n\n{HELP}")),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            shell::say(&format!("xtask: {error:#}"));
            ExitCode::FAILURE
        }
    }
}
