//! Progress bars, on a terminal only; and waits, which are told wherever standard error leads.

use std::io::IsTerminal;
use std::thread;
use std::time::Duration;

use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::messages::Messages;
use crate::{patience, say};

/// All bars of one run.
pub(crate) struct Progress {
    bars: MultiProgress,
    is_terminal: bool,
    is_quiet: bool,
    messages: Messages,
}

impl Progress {
    pub(crate) fn new(quiet: bool) -> Progress {
        let is_terminal = std::io::stderr().is_terminal();
        let target = if quiet || !is_terminal {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr_with_hz(10)
        };
        Progress {
            bars: MultiProgress::with_draw_target(target),
            is_terminal,
            is_quiet: quiet,
            messages: Messages::of_locale(),
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

    /// Lets so many seconds pass before a registry is asked again, and says so: as a countdown on a
    /// terminal, in a line elsewhere. Ctrl-C ends it with everything else.
    pub(crate) fn wait(&self, seconds: u64) {
        let words = |left: u64| {
            self.messages
                .sentence("status.again-in", &[("seconds", &left.to_string())])
        };
        if seconds > 0 && !self.is_terminal {
            self.remark(&words(seconds));
        }
        let bar = self.bars.add(ProgressBar::new_spinner());
        bar.enable_steady_tick(Duration::from_millis(200));
        for left in (1..=seconds).rev() {
            bar.set_message(words(left));
            thread::sleep(patience::second());
        }
        bar.finish_and_clear();
    }

    /// How much of a quota is left, of a registry that has one.
    pub(crate) fn quota(&self, quota: &str) {
        self.remark(&self.messages.sentence("status.quota", &[("quota", quota)]));
    }

    fn remark(&self, text: &str) {
        if !self.is_quiet {
            self.bars.suspend(|| say(&format!("layerscope: {text}")));
        }
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar())
}
