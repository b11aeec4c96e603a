//! `match`: which requests a policy is for.

use super::finding::{Findings, Path};
use super::object::Object;
use super::value::{Quoted, Value};
use crate::origin::host::Host;
use crate::origin::split_at_scheme;
use crate::policy::selector::{HostPattern, Selector};
use crate::request::path::is_normalized;

/// The fields of `match`.
pub const FIELDS: [&str; 3] = ["hosts", "paths", "routes"];

/// Reads `match`; absent, it selects every request.
pub fn read(policy: &Object<'_>, findings: &mut Findings) -> Selector {
    let Some((_, value)) = policy.get("match") else { return Selector::default() };
    let place = policy.place("match");
    let Some(object) = Object::read(value, place, &FIELDS, findings) else { return Selector::default() };
    Selector::new(
        entries(&object, "hosts", "[\"api.example.com\"]", findings, host),
        entries(&object, "paths", "[\"/api\"]", findings, path),
        entries(&object, "routes", "[\"jobs\"]", findings, route),
    )
}

/// The entries of one kind; `None` if the kind is not given, so that it matches everything.
fn entries<T>(
    object: &Object<'_>,
    name: &'static str,
    example: &str,
    findings: &mut Findings,
    read: impl Fn(&str) -> Result<T, &'static str>,
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
        match read(text) {
            Ok(entry) => entries.push(entry),
            Err(message) => refuse(&place.item(at), text, message, findings),
        }
    }
    Some(entries)
}

fn refuse(path: &Path<'_>, text: &str, message: &str, findings: &mut Findings) {
    findings.problem(path, format_args!("{} {message}", Quoted(text)));
}

fn host(text: &str) -> Result<HostPattern, &'static str> {
    let lower = text.to_ascii_lowercase();
    if split_at_scheme(&lower).is_some() {
        return Err("has a scheme; write the host alone, such as `api.example.com`");
    }
    let (is_wildcard, base) = match lower.strip_prefix("*.") {
        Some(base) => (true, base),
        None => (false, lower.as_str()),
    };
    match Host::parse(base) {
        Ok(Host::Name(name)) if is_wildcard => Ok(HostPattern::Subdomains(name.into())),
        Ok(_) if is_wildcard => Err("has `*.` in front of an IP address; write the address alone"),
        Ok(_) => Ok(HostPattern::Exact(base.into())),
        Err(_) => Err(
            "is not a host; write a name or an address without port, such as `api.example.com` or `*.example.com`",
        ),
    }
}

fn path(text: &str) -> Result<Box<str>, &'static str> {
    if !text.starts_with('/') {
        return Err(
            "does not begin with `/`; write whole segments from the start of the path, such as `/api`",
        );
    }
    if text.contains(['?', '#']) {
        return Err("has a query or a fragment; write the path alone, such as `/api`");
    }
    if text.contains('*') {
        return Err("has a `*`; a path also matches what is below it: write `/api` for `/api/...`");
    }
    if !is_normalized(text.as_bytes()) {
        return Err(
            "can be written in a simpler way; write it without `//`, `.`, `..`, `\\`, `%2e`, `%2f` and `%5c`",
        );
    }
    Ok(text.trim_end_matches('/').into())
}

fn route(text: &str) -> Result<Box<str>, &'static str> {
    if text.is_empty() {
        return Err("is empty; write the `name` of a route in the route configuration");
    }
    Ok(text.into())
}
