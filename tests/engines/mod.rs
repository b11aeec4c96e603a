//! The engines that pages run in, and the browsers that have them.

#![allow(dead_code, reason = "each test file is a program of its own and uses a part of this")]

pub(crate) mod chromium;
pub(crate) mod driver;
pub(crate) mod firefox;
pub(crate) mod socks;
pub(crate) mod webkit;
pub(crate) mod xvfb;

use chromium::Frames;
use driver::Browser;
use serde_json::Value;
use socks::Socks;
use webkit::MiniBrowser;

/// A browser engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Engine {
    Chromium,
    Firefox,
    Webkit,
}

impl Engine {
    /// Its name in cases, and for `make`.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Chromium => "chromium",
            Self::Firefox => "firefox",
            Self::Webkit => "webkit",
        }
    }

    /// Opens a page in a browser that finds hosts by this proxy.
    pub(crate) fn open(self, proxy: &Socks, page: &str, frames: Frames) -> Opened {
        let driven = |browser: Browser| {
            browser.run(async |client| client.goto(page).await);
            Opened::Driven(browser)
        };
        match self {
            Self::Chromium => driven(chromium::start(Some(proxy), frames)),
            Self::Firefox => driven(firefox::start(proxy)),
            Self::Webkit => Opened::Left(MiniBrowser::open(proxy, page)),
        }
    }

    /// What to do on a machine without it.
    fn how_to_get_it(self) -> String {
        format!("`make {}` installs what is missing, on Debian as root", self.name())
    }
}

impl Opened {
    /// All that the console says up to now; `known` is what it said before.
    pub(crate) fn console(&self, engine: Engine, known: Vec<String>) -> Vec<String> {
        match (self, engine) {
            (Self::Driven(browser), Engine::Firefox) => firefox::console(browser),
            (Self::Driven(browser), _) => [known, chromium::new_in_console(browser)].concat(),
            (Self::Left(browser), _) => browser.console(),
        }
    }

    /// What the network panel of Chromium has learned since it was last asked.
    pub(crate) fn network_events(&self) -> Vec<Value> {
        match self {
            Self::Driven(browser) => chromium::new_network_events(browser),
            Self::Left(_) => Vec::new(),
        }
    }
}

/// A browser in which a page was opened. Dropped, it is ended.
pub(crate) enum Opened {
    /// One that a test goes on to drive.
    Driven(Browser),
    /// One that a test leaves to itself.
    Left(MiniBrowser),
}
