//! The arguments that say which call of a page is meant.

use clap::Args;
use proxy_wasm_cors::request::header_name::{is_forbidden_request_header, is_token};

use crate::page::call::{Call, CallHeader, Way};
use crate::page::head::{DEFAULT_HOST, DEFAULT_PATH, Target};

/// The method of a call if none is given.
pub(crate) const DEFAULT_METHOD: &str = "GET";

/// A call that a page's script makes with `fetch`.
#[derive(Args)]
pub(crate) struct CallArgs {
    /// The origin of the page, such as `https://app.example.com`; without it, the call does not come from a browser
    #[arg(long)]
    pub(crate) origin: Option<String>,
    /// The method of the call
    #[arg(long, default_value = DEFAULT_METHOD, value_parser = method)]
    pub(crate) method: String,
    /// A request header that the script sets, as a name or as `name: value`; can be repeated. `upgrade: websocket` stands
    /// for the handshake of a WebSocket
    #[arg(long = "header", value_name = "HEADER", value_parser = header)]
    headers: Vec<CallHeader>,
    /// Whether the script sends credentials, as with `credentials: "include"`
    #[arg(long)]
    credentials: bool,
    /// The API's host, as in `:authority`
    #[arg(long, default_value = DEFAULT_HOST, value_parser = host)]
    host: String,
    /// The path of the call
    #[arg(long, default_value = DEFAULT_PATH, value_parser = path)]
    path: String,
    /// The name of the route that Envoy chooses
    #[arg(long)]
    route: Option<String>,
}

impl CallArgs {
    /// What is called.
    pub(crate) fn target(&self) -> Target {
        Target { host: self.host.clone(), path: self.path.clone(), route: self.route.clone() }
    }

    /// The call, if a page makes it.
    pub(crate) fn call(&self) -> Option<Call> {
        Some(call(self.origin.as_ref()?, &self.method, &self.headers, self.credentials))
    }
}

/// The call of a page with headers, one of which may make it a WebSocket's.
pub(crate) fn call(origin: &str, method: &str, headers: &[CallHeader], credentials: bool) -> Call {
    let (upgrades, headers): (Vec<_>, Vec<_>) =
        headers.iter().cloned().partition(|header| header.name == "upgrade");
    let way = if upgrades.is_empty() { Way::Fetch } else { Way::WebSocket };
    Call { origin: origin.to_owned(), method: method.to_owned(), headers, credentials, way }
}

/// A method.
pub(crate) fn method(text: &str) -> Result<String, &'static str> {
    if is_token(text.as_bytes()) { Ok(text.to_owned()) } else { Err("it is not a method") }
}

/// A header that a script can set, by its name or as `name: value`.
pub(crate) fn header(text: &str) -> Result<CallHeader, &'static str> {
    let (name, value) = match text.split_once(':') {
        Some((name, value)) => (name, Some(value.trim_matches([' ', '\t']))),
        None => (text, None),
    };
    let name = name.to_ascii_lowercase();
    if !is_token(name.as_bytes()) {
        return Err(
            "it is not a header; write its name, such as `content-type`, or `content-type: text/plain`",
        );
    }
    let is_handshake =
        name == "upgrade" && value.is_some_and(|value| value.eq_ignore_ascii_case("websocket"));
    if !is_handshake && (is_forbidden_request_header(&name) || name.starts_with("access-control-request-")) {
        return Err("browsers do not let scripts set it");
    }
    // <https://fetch.spec.whatwg.org/#concept-header-value>
    if value.is_some_and(|value| value.contains(['\0', '\n', '\r'])) {
        return Err("its value contains a byte that headers cannot contain");
    }
    Ok(CallHeader { name, value: value.map(str::to_owned) })
}

/// A host with or without a port.
pub(crate) fn host(text: &str) -> Result<String, &'static str> {
    const WHAT: &str =
        "it is not a host; write only the host, such as `api.example.com` or `api.example.com:8443`";
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (text, None),
    };
    let is_port = |port: &str| port.parse::<u16>().is_ok_and(|number| number > 0) && !port.starts_with('+');
    let is_bracketed = host.starts_with('[') && host.ends_with(']');
    let is_in_host =
        |c: char| c.is_ascii_alphanumeric() || "-._".contains(c) || (is_bracketed && "[:]".contains(c));
    let is_host = !host.is_empty() && host.chars().all(is_in_host) && port.is_none_or(is_port);
    if is_host { Ok(text.to_owned()) } else { Err(WHAT) }
}

/// A path with or without a query, as it stands in a request.
pub(crate) fn path(text: &str) -> Result<String, &'static str> {
    if !text.starts_with('/') {
        return Err("it is not a path; a path begins with `/`");
    }
    if text.contains('#') {
        return Err("browsers do not send `#` and what follows it; leave that out");
    }
    if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(
            "it contains a character that browsers percent-encode; write it as it is sent, such as `%20` for a space",
        );
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        for text in
            ["api.example.com", "API.example.com:8443", "[::1]", "[::1]:8080", "127.0.0.1:1", "jobs_api"]
        {
            assert_eq!(host(text), Ok(text.to_owned()));
        }
        for text in
            ["", "https://a", "a/b", "a:b", "a:0", "a:65536", "a:+1", "a b", "u@a", ":80", "a:", "::1"]
        {
            assert!(host(text).is_err(), "{text}");
        }
    }

    #[test]
    fn paths() {
        assert_eq!(path("/a%20b?c=d"), Ok("/a%20b?c=d".to_owned()));
        for text in ["", "a", "/a#b", "/a b", "/\u{fc}", "*", "https://a/b"] {
            assert!(path(text).is_err(), "{text}");
        }
    }

    #[test]
    fn headers() {
        let named = |name: &str, value: Option<&str>| {
            Ok(CallHeader { name: name.to_owned(), value: value.map(str::to_owned) })
        };
        assert_eq!(header("X-Debug"), named("x-debug", None));
        assert_eq!(header("Accept: text/html;q=\"1\" "), named("accept", Some("text/html;q=\"1\"")));
        assert_eq!(header("x-empty:"), named("x-empty", Some("")));
        assert_eq!(header("Upgrade: WebSocket"), named("upgrade", Some("WebSocket")));
        for text in ["", ": x", "a b", "upgrade", "upgrade: h2c", "origin: x", "sec-x", "x: a\nb"] {
            assert!(header(text).is_err(), "{text}");
        }
    }
}
