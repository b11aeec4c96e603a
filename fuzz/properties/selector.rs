//! Which policy applies: hosts and paths of any bytes choose one as the contract says.
//!
//! The first line is a host pattern, the second a path prefix (either is left out if its line is empty); a request's
//! lines follow.

use proxy_wasm_cors::config;
use proxy_wasm_cors::policy::decision::{Reason, Verdict};
use serde_json::{Map, Value, json};

use super::request::{Request, lines};

/// Holds the choice against [`Naive`].
pub fn check(input: &[u8]) {
    let lines = lines(input);
    let texts: Vec<&str> = lines.iter().take(2).filter_map(|line| std::str::from_utf8(line).ok()).collect();
    let [host, path] = texts.as_slice() else { return };
    let request = Request::read(&lines[2..].join(&b"\r\n"[..])).with("origin", Some(b"https://a.example"));
    let Some(set) = config::load(Some(configuration(host, path).as_bytes())).policies else { return };
    let decision = set.decide(&request).map(|(_, decision)| decision);

    let naive = Naive { host, path, request: &request };
    let shown = format!("{host:?} and {path:?} for {request:?}");
    assert_eq!(decision.is_some(), naive.applies(), "whether a policy applies: {shown}");
    let reason = decision.and_then(|decision| match decision.verdict {
        Verdict::Denied(denial) => Some(denial.reason),
        _ => None,
    });
    let is_ambiguous = naive.applies() && naive.is_ambiguous();
    assert_eq!(reason, is_ambiguous.then_some(Reason::PathNotNormalized), "{shown}");
}

fn configuration(host: &str, path: &str) -> String {
    let mut selector = Map::new();
    selector.extend((!host.is_empty()).then(|| ("hosts".to_owned(), json!([host]))));
    selector.extend((!path.is_empty()).then(|| ("paths".to_owned(), json!([path]))));
    let policy = json!({ "name": "a", "match": Value::Object(selector), "allow_origins": ["*"] });
    json!({ "policies": [policy] }).to_string()
}

struct Naive<'a> {
    host: &'a str,
    path: &'a str,
    request: &'a Request,
}

impl Naive<'_> {
    fn applies(&self) -> bool {
        self.applies_to_host() && (self.is_ambiguous() || self.applies_to_path())
    }

    fn applies_to_host(&self) -> bool {
        let authority = self.request.value(":authority").unwrap_or_default();
        let host = host_of(authority).to_ascii_lowercase();
        let wanted = self.host.to_ascii_lowercase();
        match wanted.strip_prefix("*.") {
            _ if wanted.is_empty() => true,
            // One byte of a label at least, then the dot.
            Some(base) => host.ends_with(format!(".{base}").as_bytes()) && host.len() > base.len() + 1,
            None => host == wanted.as_bytes(),
        }
    }

    fn path(&self) -> &[u8] {
        let path = self.request.value(":path").unwrap_or_default();
        path.split(|byte| *byte == b'?').next().unwrap_or_default()
    }

    fn applies_to_path(&self) -> bool {
        let prefix = self.path.trim_end_matches('/').as_bytes();
        let below = [prefix, b"/"].concat();
        self.path.is_empty() || self.path() == prefix || self.path().starts_with(&below)
    }

    fn is_ambiguous(&self) -> bool {
        let path = self.path();
        let lower = path.to_ascii_lowercase();
        let holds = |part: &[u8]| lower.windows(part.len()).any(|window| window == part);
        let has_dots = path.split(|byte| *byte == b'/').any(|segment| matches!(segment, b"." | b".."));
        let odd: [&[u8]; 5] = [b"//", b"\\", b"%2e", b"%2f", b"%5c"];
        !self.path.is_empty() && (has_dots || odd.into_iter().any(holds))
    }
}

/// The authority without its port and without one dot at its end.
fn host_of(authority: &[u8]) -> &[u8] {
    let colon = authority.iter().rposition(|byte| *byte == b':');
    let host = match colon.map(|at| (&authority[..at], &authority[at + 1..])) {
        Some((host, port)) if is_port(port) && (host.ends_with(b"]") || !host.contains(&b':')) => host,
        _ => authority,
    };
    host.strip_suffix(b".").unwrap_or(host)
}

fn is_port(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_digit)
}
