//! WebKit, in the browser that comes with WebKitGTK for trying it: MiniBrowser. It is not driven by a WebDriver, whose
//! sessions have no HTTP cache and write no console messages. Its pages do everything by themselves.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::Engine;
use super::socks::Socks;
use super::xvfb::Display;
use crate::support::envoy::Directory;

/// The file of what it prints, such as the messages of the console.
const PRINTED: &str = "printed";

/// A running MiniBrowser with a new profile. Dropped, it is ended.
pub(crate) struct MiniBrowser {
    process: Child,
    home: Directory,
    _display: Display,
}

impl MiniBrowser {
    /// Opens a page in a browser that finds hosts by this proxy.
    pub(crate) fn open(proxy: &Socks, page: &str) -> Self {
        let (display, home) = (Display::start(), Directory::new());
        let printed = File::create(home.file(PRINTED)).expect("the target directory can be written");
        // Its processes would keep lines for themselves.
        let mut command = Command::new("stdbuf");
        command.arg("-oL").arg(program()).args(["--enable-write-console-messages-to-stdout=true"]);
        command.args(["--enable-dns-prefetching=false", "--cookies-policy=always"]);
        command.arg(format!("--proxy={}", proxy.url())).arg(page);
        command.env("DISPLAY", &display.name).env("GDK_BACKEND", "x11").env_remove("WAYLAND_DISPLAY");
        for variable in ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"] {
            command.env(variable, home.path());
        }
        command.stdin(Stdio::null()).stdout(printed).stderr(Stdio::null());
        let process = command.spawn().expect("coreutils are installed");
        Self { process, home, _display: display }
    }

    /// What it has printed up to now.
    pub(crate) fn printed(&self) -> String {
        let bytes = fs::read(self.home.file(PRINTED)).unwrap_or_default();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

impl Drop for MiniBrowser {
    fn drop(&mut self) {
        // Either fails only if the process has ended already. Its other processes end with it.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// The program: `MINIBROWSER`, or that of the newest WebKitGTK here.
fn program() -> PathBuf {
    if let Some(own) = std::env::var_os("MINIBROWSER") {
        return own.into();
    }
    // Debian has `/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser`, others leave out the machine or say `libexec`.
    let libraries = ["/usr/lib", "/usr/libexec"].map(PathBuf::from);
    let below = libraries.iter().flat_map(|at| entries(at));
    let mut found: Vec<_> = below
        .flat_map(|at| [entries(&at), vec![at]].concat())
        .filter(|at| at.file_name().is_some_and(|name| name.to_string_lossy().starts_with("webkit")))
        .map(|at| at.join("MiniBrowser"))
        .filter(|program| program.is_file())
        .collect();
    found.sort();
    found.pop().unwrap_or_else(|| panic!("there is no MiniBrowser: {}", Engine::Webkit.how_to_get_it()))
}

fn entries(directory: &Path) -> Vec<PathBuf> {
    fs::read_dir(directory).into_iter().flatten().flatten().map(|entry| entry.path()).collect()
}
