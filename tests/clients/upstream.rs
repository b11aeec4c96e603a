//! The server behind Envoy, but for gRPC and MCP. What a path does is what the recipe is about.

use crate::support::upstream::{Answer, Seen};
use crate::tus::Tus;

/// What the downloads are parts of.
const ALPHABET: &[u8] = b"abcdefghijklmnopqrstuvwxyz";

#[derive(Default)]
pub(crate) struct Upstream {
    tus: Tus,
}

impl Upstream {
    pub(crate) fn answer(&self, request: &Seen) -> Answer {
        let (path, query) = request.path().split_once('?').unwrap_or((request.path(), ""));
        let answer = match (request.method(), path) {
            (_, "/files") | (_, _) if path.starts_with("/files") => self.tus.answer(request),
            (_, "/events") => events(request),
            (_, "/alphabet") => part(request),
            (_, "/graphql") => graphql(request),
            (_, "/session") => {
                Answer::new(200).header("Set-Cookie", format!("sid=1; Path=/; {}", query.replace("%20", " ")))
            }
            (_, "/me") => {
                Answer::new(200).body(request.value("cookie").unwrap_or_else(|| "nobody".to_owned()))
            }
            (_, "/font") => {
                Answer::new(200).header("Content-Type", "font/ttf").body(include_bytes!("square.ttf"))
            }
            (_, "/everything") => with_headers(query),
            (_, "/calendar") => Answer::new(207).header("DAV", "1, 2"),
            (_, "/dav") => of_its_own(request),
            ("PUT", "/bucket/photo") => stored(request),
            (_, "/document") => document(request),
            ("POST", "/beacon" | "/reports") => Answer::new(204),
            _ => Answer::new(200),
        };
        answer.header("Cache-Control", "no-store")
    }
}

/// <https://html.spec.whatwg.org/multipage/server-sent-events.html>: the stream ends after two events, and the client
/// comes again for the rest.
fn events(request: &Seen) -> Answer {
    let body = request.value("last-event-id").map_or_else(
        || "retry: 20\n\nid: 1\ndata: one\n\nid: 2\ndata: two\n\n".to_owned(),
        |last| format!("data: the rest after {last}\n\n"),
    );
    Answer::new(200).header("Content-Type", "text/event-stream").body(body)
}

/// One range of bytes: <https://www.rfc-editor.org/rfc/rfc9110#section-14>.
fn part(request: &Seen) -> Answer {
    let whole = Answer::new(200).header("Accept-Ranges", "bytes").header("ETag", "\"a-z\"");
    let length = ALPHABET.len();
    let Some(range) = request.value("range") else { return whole.body(ALPHABET) };
    let (first, last) =
        range.strip_prefix("bytes=").and_then(|range| range.split_once('-')).expect("a range");
    let number = |text: &str| text.parse::<usize>().ok();
    let (start, end) = match (number(first), number(last)) {
        (Some(start), end) => (start, end.map_or(length, |end| end + 1).min(length)),
        (None, suffix) => (length - suffix.expect("a length"), length),
    };
    if start >= length {
        return Answer::new(416).header("Content-Range", format!("bytes */{length}"));
    }
    let part = whole.header("Content-Range", format!("bytes {start}-{}/{length}", end - 1));
    Answer { status: 206, ..part.body(&ALPHABET[start..end]) }
}

/// As Apollo's servers refuse what a page could send without a preflight.
fn graphql(request: &Seen) -> Answer {
    let is_json = request.value("content-type").is_some_and(|kind| kind == "application/json");
    if !is_json && request.value("apollo-require-preflight").is_none() {
        return Answer::new(400).body("this may be forged");
    }
    Answer::new(200).header("Content-Type", "application/json").body(r#"{"data":{"city":"Oslo"}}"#)
}

/// With headers of these names.
fn with_headers(names: &str) -> Answer {
    let names = names.split(',').filter(|name| !name.is_empty());
    // The only one of them whose value changes what comes.
    let value = |name: &str| if name == "content-encoding" { "identity" } else { "x" };
    names.fold(Answer::new(200), |answer, name| answer.header(name, value(name)))
}

/// The only answer with CORS headers, for a path that the filter leaves alone.
fn of_its_own(request: &Seen) -> Answer {
    let answer = Answer::new(if request.method() == "OPTIONS" { 204 } else { 207 });
    answer.header("Access-Control-Allow-Origin", "*").header("Access-Control-Allow-Methods", "PROPFIND")
}

/// An object with metadata of its own, the query of the request taken for a signature.
fn stored(request: &Seen) -> Answer {
    let color = request.value("x-amz-meta-color");
    if !request.path().contains("X-Amz-Signature=") || color.is_none() {
        return Answer::new(403).body("<Code>AccessDenied</Code>");
    }
    Answer::new(200)
        .header("ETag", "\"5d41\"")
        .header("x-amz-request-id", "T1")
        .header("x-amz-version-id", "7")
}

/// A document that is changed only if nobody else has.
fn document(request: &Seen) -> Answer {
    let expected = request.value("if-match");
    let is_stale = request.method() != "GET" && expected.is_some_and(|expected| expected != "\"1\"");
    let kind = request.value("accept").unwrap_or_default();
    Answer::new(if is_stale { 412 } else { 200 }).header("ETag", "\"1\"").body(kind)
}
