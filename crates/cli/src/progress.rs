//! Progress bars, on a terminal only.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

/// All bars of one run.
pub(crate) struct Progress {
    bars: MultiProgress,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Progress {
        let target = if quiet || !std::io::stderr().is_terminal() {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(10)
        };
        Progress {
            bars: MultiProgress::with_draw_target(target),
        }
    }

    /// A bar for something of `total` bytes, if that is known.
    pub(crate) fn bar(&self, name: &str, total: Option<u64>) -> ProgressBar {
        let bar = match total {
            Some(total) => ProgressBar::new(total).with_style(style(
                "{prefix:12} {bar:24} {decimal_bytes:>9} of {decimal_total_bytes:9} {decimal_bytes_per_sec:>11} {eta:>4} left",
            )),
            None => ProgressBar::no_length().with_style(style("{prefix:12} {spinner} {decimal_bytes:>9} {decimal_bytes_per_sec:>11}")),
        };
        self.bars.add(bar.with_prefix(name.to_owned()))
    }

    /// Says that a registry asked for patience.
    pub(crate) fn waiting(&self, seconds: u64) {
        let bar = self.bars.add(
            ProgressBar::new_spinner()
                .with_message(format!("the registry asks to wait {seconds} s")),
        );
        bar.enable_steady_tick(Duration::from_millis(200));
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
