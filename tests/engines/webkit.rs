//! WebKit, in MiniBrowser, the test browser of WebKitGTK. It does not use WebDriver, because its sessions have no HTTP
//! cache and write no console messages. The pages do everything by themselves.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::Engine;
use super::socks::Socks;
use super::xvfb::Display;
use crate::support::envoy::Directory;

/// The file of its standard error, where messages of the console are.
const WRITTEN: &str = "written";

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
        let written = File::create(home.file(WRITTEN)).expect("the target directory can be written");
        let mut command = Command::new(program());
        command.args(["--enable-write-console-messages-to-stdout=true"]);
        command.args(["--enable-dns-prefetching=false", "--cookies-policy=always"]);
        command.arg("--ignore-tls-errors");
        command.arg(format!("--proxy={}", proxy.url())).arg(page);
        command.env("DISPLAY", &display.name).env("GDK_BACKEND", "x11").env_remove("WAYLAND_DISPLAY");
        for variable in ["HOME", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR"] {
            command.env(variable, home.path());
        }
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(written);
        let process = command.spawn().expect("the program is there");
        Self { process, home, _display: display }
    }

    /// What the console says: lines like `http://app.example.com/:1:7: CONSOLE SECURITY ERROR Origin ... is not allowed`.
    pub(crate) fn console(&self) -> Vec<String> {
        let written = fs::read(self.home.file(WRITTEN)).unwrap_or_default();
        let written = String::from_utf8_lossy(&written);
        let messages =
            written.lines().filter_map(|line| line.split_once("CONSOLE ")?.1.split_once(" ERROR "));
        messages.map(|(_, message)| message.to_owned()).collect()
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
