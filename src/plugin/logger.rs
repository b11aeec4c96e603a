//! Connects the macros of `log` with the log of the host. A panic takes another way: the standard library writes it to
//! standard error, which hosts log.

use log::{Level, LevelFilter, Log, Metadata, Record};

use super::host_calls;

struct Logger;

/// Sends lines to the host, down to `info` until the host has said at which level it logs.
pub(super) fn install() {
    // It fails only if there already is a logger, and that is fine too.
    let _ = log::set_logger(&Logger);
    log::set_max_level(LevelFilter::Info);
}

/// Asks the host for its level, so that no line is formatted only to be dropped. The level stays as it is if the host
/// does not answer.
pub(super) fn follow_level() {
    let Some(level) = host_calls::log_level() else { return };
    log::set_max_level(match level {
        0 => LevelFilter::Trace,
        1 => LevelFilter::Debug,
        2 => LevelFilter::Info,
        3 => LevelFilter::Warn,
        4 => LevelFilter::Error,
        _ => LevelFilter::Off,
    });
}

impl Log for Logger {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.level() <= log::max_level()
    }

    /// The macros have compared the levels.
    fn log(&self, record: &Record<'_>) {
        let level = match record.level() {
            Level::Trace => 0,
            Level::Debug => 1,
            Level::Info => 2,
            Level::Warn => 3,
            Level::Error => 4,
        };
        host_calls::log(level, &record.args().to_string());
    }

    fn flush(&self) {}
}
