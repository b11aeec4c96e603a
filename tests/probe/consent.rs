//! What is asked for before it is done, what cannot be done, and what a server cannot do to a terminal.

use crate::binary::{repository, run};
use crate::probed::PAGE;
use crate::support::upstream::{Answer, serve};

/// An address that no host has: <https://www.rfc-editor.org/rfc/rfc5737>.
const ELSEWHERE: &str = "http://192.0.2.1/";

#[track_caller]
fn wrong(args: &[&str], words: &str) {
    let ended = run(repository(), &[&["probe"], args].concat());
    assert_eq!((ended.code, ended.stdout.as_str()), (2, ""), "{}", ended.stderr);
    assert!(ended.stderr.contains(words), "nothing of `{words}` in: {}", ended.stderr);
}

#[test]
fn wrong_usage() {
    wrong(
        &[ELSEWHERE, "--origin", PAGE, "--audit"],
        "there is no terminal to ask on; `--yes` answers for you",
    );
    wrong(&[ELSEWHERE], "--origin <ORIGIN>");
    wrong(&["api.example.com", "--origin", PAGE], "write a complete one");
    wrong(&[ELSEWHERE, "--origin", "https://app.example.com/"], "write it as browsers send it");
    wrong(&[ELSEWHERE, "--origin", "http://192.0.2.1"], "is the origin of the API itself");
    wrong(&[ELSEWHERE, "--origin", PAGE, "--header", "upgrade: websocket"], "a WebSocket is not probed");
    wrong(&[ELSEWHERE, "--origin", PAGE, "--header", "cookie: a=b"], "browsers do not let scripts set it");
    wrong(&[ELSEWHERE, "--origin", PAGE, "--header", "x-a", "--send"], "write `--header 'x-a: VALUE'`");
    wrong(&[ELSEWHERE, "--origin", PAGE, "--policy", "no-such-file"], "no-such-file: problem:");
    wrong(
        &["https://127.0.0.1:1/", "--origin", PAGE, "--cacert", "Cargo.toml"],
        "holds no certificate in PEM",
    );
}

#[test]
fn nobody_answers() {
    let ended = run(repository(), &["probe", "http://127.0.0.1:1/", "--origin", PAGE]);
    assert_eq!(ended.code, 2, "{}", ended.stdout);
    assert!(
        ended.stderr.starts_with("GET http://127.0.0.1:1/: 127.0.0.1:1: Connection refused"),
        "{}",
        ended.stderr
    );
}

/// A server that sends commands for terminals and the bytes of no text.
#[test]
fn nothing_acts_on_the_terminal() {
    let port = serve(|_| {
        let name = b"https://a\xc2\x9b31m\xff\tb\x80";
        Some(Answer::new(200).header("access-control-allow-origin", name).header("vary", b"\x9b1m"))
    });
    for format in ["text", "json"] {
        let url = format!("http://127.0.0.1:{port}/");
        let ended = run(repository(), &["probe", &url, "--origin", PAGE, "--format", format]);
        let acts = |c: char| c.is_control() && c != '\n';
        assert_eq!(ended.stdout.chars().find(|c| acts(*c)), None, "{}", ended.stdout.escape_debug());
        assert!(ended.stdout.contains("9b"), "{}", ended.stdout);
        assert_eq!(ended.code, 1);
    }
}
