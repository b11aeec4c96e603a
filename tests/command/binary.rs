//! The command as it is in the checkout now.

use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use super::support::cargo;

/// What a run came to.
pub(crate) struct Ended {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// Runs the command in a directory.
pub(crate) fn run<S: AsRef<OsStr>>(directory: impl AsRef<Path>, args: &[S]) -> Ended {
    run_with(&[], directory, args)
}

/// Runs the command in a directory, with these variables in its environment.
pub(crate) fn run_with<S: AsRef<OsStr>>(
    variables: &[(&str, &str)],
    directory: impl AsRef<Path>,
    args: &[S],
) -> Ended {
    // Nothing else may change what is printed: no width of a terminal, no wish for colours.
    let output = Command::new(path())
        .args(args)
        .current_dir(directory)
        .env_clear()
        .envs(variables.iter().copied())
        .output()
        .expect("the command starts");
    ended(output)
}

fn ended(output: Output) -> Ended {
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("the command prints text");
    Ended {
        code: output.status.code().expect("the command ends by itself"),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

/// Runs the command in a directory, with a text on its standard input.
pub(crate) fn run_with_input(directory: impl AsRef<Path>, args: &[&str], input: &str) -> Ended {
    let mut command = Command::new(path());
    command.args(args).current_dir(directory).env_clear();
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the command starts");
    let mut pipe = child.stdin.take().expect("there is a pipe");
    pipe.write_all(input.as_bytes()).expect("the command reads it");
    drop(pipe);
    ended(child.wait_with_output().expect("the command ends"))
}

/// The directory of this repository.
pub(crate) fn repository() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The directory of the data of these tests.
pub(crate) fn data(name: &str) -> PathBuf {
    repository().join("tests/command").join(name)
}

/// The file of the command.
pub(crate) fn path() -> &'static Path {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| match option_env!("CARGO_BIN_EXE_proxy-wasm-cors") {
        // Cargo names the file even if it does not build it, which is so without the feature.
        Some(built) if cfg!(feature = "cli") => PathBuf::from(built),
        _ => build(),
    })
}

fn build() -> PathBuf {
    cargo::build(&["build", "--features", "cli", "--bin", "proxy-wasm-cors"], "the command does not build")
        .iter()
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo names the file it built")
}
