//! The rules of Traefik's routers: <https://doc.traefik.io/traefik/reference/routing-configuration/http/routing/rules-and-priority/>.

use super::super::support::http::Request;
use super::is_found;

/// Whether a request is one of a router's. Without parentheses, `&&` binds before `||`.
pub(crate) fn matches(rule: &str, request: &Request) -> bool {
    let rule = rule.replace(['(', ')'], "");
    rule.split("||").any(|all| all.split("&&").all(|matcher| is_matched(matcher.trim(), request)))
}

fn is_matched(matcher: &str, request: &Request) -> bool {
    if let Some(matcher) = matcher.strip_prefix('!') {
        return !is_matched(matcher, request);
    }
    let mut pieces = matcher.split('`');
    let (name, value) = (pieces.next().unwrap_or_default(), pieces.next().unwrap_or_default());
    let path = request.path.as_str();
    match name {
        "Host" => request.authority == value.as_bytes(),
        "HostRegexp" => is_found(value, &String::from_utf8_lossy(&request.authority)),
        "Path" => path == value,
        "PathPrefix" => path.starts_with(value),
        "PathRegexp" => is_found(value, path),
        "Method" => request.method == value,
        _ => panic!("the model has no matcher `{name}`"),
    }
}
