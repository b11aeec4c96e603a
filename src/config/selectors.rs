//! `match`: which requests a policy is for.

use super::finding::{Findings, Path};
use super::object::Object;
use super::paths;
use super::value::{Quoted, Value};
use crate::origin::advice::PUNYCODE;
use crate::origin::host::Host;
use crate::origin::pattern::PatternError;
use crate::origin::split_at_scheme;
use crate::policy::selector::{HostPattern, RoutePattern, Selector};

/// The fields of `match`.
pub const FIELDS: [&str; 4] = ["hosts", "paths", "routes", "allowed_origins_only"];

/// Reads `match`; absent, it selects every request.
pub fn read(policy: &Object<'_>, findings: &mut Findings) -> Selector {
    let Some((_, value)) = policy.get("match") else { return Selector::default() };
    let place = policy.place("match");
    let Some(object) = Object::read(value, place, &FIELDS, findings) else { return Selector::default() };
    Selector {
        hosts: entries(&object, "hosts", "[\"api.example.com\"]", findings, host),
        paths: entries(&object, "paths", "[\"/api\"]", findings, paths::read),
        routes: entries(&object, "routes", "[\"jobs\"]", findings, route),
        allowed_origins_only: object.flag("allowed_origins_only", findings),
    }
}

/// The entries of one kind; `None` if the kind is not given, so that it matches everything.
fn entries<T>(
    object: &Object<'_>,
    name: &'static str,
    example: &str,
    findings: &mut Findings,
    read: impl Fn(&Path<'_>, &str, &mut Findings) -> Option<T>,
) -> Option<Vec<T>> {
    let (_, value) = object.get(name)?;
    let place = object.place(name);
    if matches!(value, Value::List(items) if items.is_empty()) {
        findings.problem(
            &place,
            format_args!("is empty, so the policy never applies; write `{example}`, or remove it"),
        );
    }
    let mut entries = Vec::new();
    for (at, text) in object.texts(name, example, findings) {
        entries.extend(read(&place.item(at), text, findings));
    }
    Some(entries)
}

fn host(path: &Path<'_>, text: &str, findings: &mut Findings) -> Option<HostPattern> {
    let lower = text.to_ascii_lowercase();
    let (is_wildcard, base) = match lower.strip_prefix("*.") {
        Some(base) => (true, base),
        None => (false, lower.as_str()),
    };
    let fault = match Host::parse(base) {
        _ if split_at_scheme(&lower).is_some() => {
            "has a scheme; write the host alone, such as `api.example.com`"
        }
        Ok(Host::Name(name)) if is_wildcard => return Some(HostPattern::Subdomains(name.into())),
        Ok(_) if is_wildcard => "has `*.` in front of an IP address; write the address alone",
        Ok(_) => return Some(HostPattern::Exact(base.into())),
        Err(_) if !base.is_ascii() => {
            let (fault, remedy) = (PatternError::NotAscii, PUNYCODE);
            findings.problem(path, format_args!("{} {fault}; {remedy}", Quoted(text)));
            return None;
        }
        Err(_) => {
            "is not a host; write a name or an address without port, such as `api.example.com` or `*.example.com`"
        }
    };
    findings.problem(path, format_args!("{} {fault}", Quoted(text)));
    None
}

fn route(path: &Path<'_>, text: &str, findings: &mut Findings) -> Option<RoutePattern> {
    if text.is_empty() {
        findings.problem(path, "`` is empty; write the `name` of a route in the route configuration");
        return None;
    }
    let (begin, is_prefix) = match text.strip_suffix('*') {
        Some(begin) => (begin, true),
        None => (text, false),
    };
    let doubt = match begin {
        "" => Some("matches every route; remove `routes`, which costs each request a look-up"),
        _ if begin.contains('*') => Some(
            "is compared as it is, its `*` too; write the whole name of a route, or what it begins with and `*`",
        ),
        _ => None,
    };
    if let Some(doubt) = doubt {
        findings.warning(path, format_args!("{} {doubt}", Quoted(text)));
    }
    Some(if is_prefix { RoutePattern::Prefix(begin.into()) } else { RoutePattern::Exact(text.into()) })
}
