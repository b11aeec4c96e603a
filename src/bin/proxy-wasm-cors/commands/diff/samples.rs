//! Examples of what configurations mention: origins, URLs and calls.

use std::collections::BTreeSet;

use proxy_wasm_cors::origin::pattern::{OriginPattern, PortPattern};
use proxy_wasm_cors::origin::same_site::site;

use super::regexes;
use super::settings::Settings;
use crate::commands::arguments;
use crate::page::call::{Call, CallHeader, Way};
use crate::page::head::{DEFAULT_HOST, DEFAULT_PATH, Target};

/// The origin of a page that no configuration names.
const STRANGER: &str = "https://stranger.example";
/// A label in front of a host, where any may stand.
const LABEL: &str = "sub";
/// A port, where any may stand.
const PORT: u16 = 8443;
/// A method that hardly any configuration names.
const METHOD: &str = "PURGE";
/// How the name of a header may continue.
const REST: &str = "any";
/// How many origins and how many URLs are tried.
const MOST: usize = 32;
/// How many methods and headers are tried with each.
const MOST_NAMES: usize = 16;

/// Origins that match entries, those that changed first, and one that matches none.
pub(super) fn origins(old: &[Settings], new: &[Settings]) -> Vec<String> {
    let entries = |all: &[Settings]| -> BTreeSet<String> {
        all.iter().flat_map(|it| it.list("allow_origins").map(str::to_owned).collect::<Vec<_>>()).collect()
    };
    let (old, new) = (entries(old), entries(new));
    let changed = old.symmetric_difference(&new).flat_map(|entry| origins_of(entry));
    let unchanged = old.intersection(&new).flat_map(|entry| origins_of(entry));
    let all = changed.chain([STRANGER.to_owned()]).chain(unchanged);
    first_of_each(all, MOST)
}

fn origins_of(entry: &str) -> Vec<String> {
    if let Some(regex) = entry.strip_prefix("regex: ") {
        return regexes::samples(regex);
    }
    match (entry, OriginPattern::parse(entry)) {
        ("null" | "file://", _) => vec![entry.to_owned()],
        // Whose pages these are depends on the URL; most call this one.
        ("same-site", _) => {
            site(DEFAULT_HOST.as_bytes()).map(|site| format!("https://{LABEL}.{site}")).into_iter().collect()
        }
        (_, Ok(pattern)) => {
            let written = entry.replacen("://*.", &format!("://{LABEL}."), 1);
            match (pattern.port(), written.strip_suffix(":*")) {
                (PortPattern::Any, Some(without)) => vec![without.to_owned(), format!("{without}:{PORT}")],
                _ => vec![written],
            }
        }
        _ => Vec::new(),
    }
}

/// What policies apply to, and what no `match` names.
pub(super) fn targets<'a>(all: impl Iterator<Item = &'a Settings>) -> Vec<Target> {
    let default = Target { host: DEFAULT_HOST.to_owned(), path: DEFAULT_PATH.to_owned(), route: None };
    let mut targets = vec![default];
    for settings in all {
        for host in settings.list("match.hosts") {
            for path in settings.list("match.paths") {
                targets.extend(settings.list("match.routes").map(|route| target(host, path, route)));
            }
        }
    }
    first_of_each(targets.into_iter(), MOST)
}

fn target(host: &str, path: &str, route: &str) -> Target {
    let host = match host.strip_prefix("*.") {
        Some(base) => format!("{LABEL}.{base}"),
        None if host == "*" => DEFAULT_HOST.to_owned(),
        None => host.to_owned(),
    };
    let path = if path == "*" { DEFAULT_PATH } else { path };
    let route =
        (route != "*").then(|| route.strip_suffix('*').map_or(route.to_owned(), |it| format!("{it}{REST}")));
    Target { host, path: path.to_owned(), route }
}

/// The calls of a page, the simplest first.
pub(super) fn calls<'a>(origin: &str, all: impl Iterator<Item = &'a Settings> + Clone) -> Vec<Call> {
    let plain = Call {
        origin: origin.to_owned(),
        method: arguments::DEFAULT_METHOD.to_owned(),
        headers: Vec::new(),
        credentials: false,
        way: Way::Fetch,
    };
    let methods = methods(all.clone()).into_iter().map(|method| Call { method, ..plain.clone() });
    let headers = headers(all).into_iter().map(|header| Call { headers: vec![header], ..plain.clone() });
    let without: Vec<Call> = [plain.clone()].into_iter().chain(methods).chain(headers).collect();
    let with = without.iter().map(|call| Call { credentials: true, ..call.clone() }).collect::<Vec<_>>();
    let handshake = Call { way: Way::WebSocket, ..plain };
    without.into_iter().chain(with).chain([handshake]).collect()
}

fn methods<'a>(all: impl Iterator<Item = &'a Settings>) -> Vec<String> {
    let sample = |method: &str| if method == "*" { METHOD.to_owned() } else { method.to_owned() };
    first_of_each(all.flat_map(move |settings| settings.list("allow_methods").map(sample)), MOST_NAMES)
}

fn headers<'a>(all: impl Iterator<Item = &'a Settings>) -> Vec<CallHeader> {
    let samples = |name: &str| match name.strip_suffix('*') {
        Some("") => vec![format!("x-{REST}"), "authorization".to_owned()],
        Some(prefix) => vec![format!("{prefix}{REST}")],
        None => vec![name.to_owned()],
    };
    let names = all.flat_map(move |settings| settings.list("allow_headers").flat_map(samples));
    // No header value with a quote is safelisted, so the browser asks for each.
    let header = |name: String| arguments::header(&format!("{name}: \"")).ok();
    first_of_each(names.filter_map(header).filter(|header| header.name != "upgrade"), MOST_NAMES)
}

fn first_of_each<T: PartialEq>(all: impl Iterator<Item = T>, most: usize) -> Vec<T> {
    let mut kept: Vec<T> = Vec::new();
    for one in all {
        if kept.len() < most && !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}
