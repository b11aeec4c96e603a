//! Calls that tell two policies apart: made of what is written in the file, near misses of it, and strangers.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;
use url::Url;

use super::call::{Call, Credentials, HeaderSet, Method};
use super::case::{Case, texts};

/// Pages that are often named, and such as should never be.
const ORIGINS: [&str; 14] = [
    "https://evil.example",
    "http://evil.example",
    "https://app.example.com",
    "http://app.example.com",
    "https://app.example.com:8443",
    "https://pr-12.preview.example.com",
    "https://a.preview.example.com:8443",
    "https://xexample.com",
    "https://example.com",
    "null",
    "http://localhost:3000",
    "capacitor://localhost",
    "moz-extension://0123abcd-0123-0123-0123-0123456789ab",
    "moz-extension://anything.example",
];

/// Where nothing is configured.
const ELSEWHERE: &str = "other.example.com";

/// Methods.
const METHODS: [Method; 5] =
    [of("GET", true), of("PUT", false), of("PATCH", false), of("DELETE", false), of("POST", true)];

const fn of(name: &'static str, is_free: bool) -> Method {
    Method { written: name, sent: Some(name), is_free, passes_envoy: true }
}

/// A call of a page that somebody has written down.
#[track_caller]
pub(crate) fn probe<T>(probe: &Value, judge: impl FnOnce(&Call<'_>) -> T) -> T {
    let text = |field: &str, default: &'static str| probe[field].as_str().unwrap_or(default).to_owned();
    let names = texts(&probe["headers"]);
    let method = text("method", "GET");
    judge(&Call {
        origin: text("origin", "").as_bytes(),
        authority: &text("host", "api.example.com"),
        path: &text("path", "/"),
        method: METHODS.iter().find(|known| known.written == method).expect("the methods are few"),
        headers: &header_set(&names.iter().map(String::as_str).collect::<Vec<_>>()),
        credentials: if probe["credentials"] == true { Credentials::Include } else { Credentials::Omit },
        is_into_private_network: false,
    })
}

/// What is varied.
pub(crate) struct Calls {
    origins: Vec<String>,
    header_sets: Vec<HeaderSet>,
    places: Vec<(String, String)>,
}

impl Calls {
    /// The calls for a file.
    pub(crate) fn of(case: &Case) -> Self {
        let mut names = BTreeSet::from(["x-other".to_owned()]);
        names.extend(
            found(&case.text, r"\b[xX]-[A-Za-z-]+\b").into_iter().map(|name| name.to_ascii_lowercase()),
        );
        let mut header_sets = vec![
            header_set(&[]),
            header_set(&["content-type"]),
            header_set(&["authorization"]),
            header_set(&["authorization", "content-type", "x-other"]),
        ];
        header_sets.extend(names.iter().take(4).map(|name| header_set(&[name.as_str()])));
        Self { origins: origins(case), header_sets, places: places(case) }
    }

    /// Hands on each call: at the first places of the file all, at the others those of a few pages.
    pub(crate) fn each(&self, mut judge: impl FnMut(&Call<'_>)) {
        for (number, (host, path)) in self.places.iter().enumerate() {
            let origins = if number < 2 { self.origins.len() } else { self.origins.len().min(4) };
            for (place, origin) in self.origins.iter().take(origins).enumerate() {
                for (method, headers, credentials) in self.ways(number == 0 && place < 4) {
                    judge(&Call {
                        origin: origin.as_bytes(),
                        authority: host,
                        path,
                        method,
                        headers,
                        credentials,
                        is_into_private_network: false,
                    });
                }
            }
        }
    }

    fn ways(&self, is_whole: bool) -> Vec<(&Method, &HeaderSet, Credentials)> {
        let [get, put, patch, ..] = &METHODS;
        let none = &self.header_sets[0];
        let mut ways = vec![
            (get, none, Credentials::Omit),
            (get, none, Credentials::Include),
            (put, none, Credentials::Omit),
            (patch, none, Credentials::Include),
        ];
        if is_whole {
            let both = [Credentials::Omit, Credentials::Include];
            let all = METHODS.iter().flat_map(|method| both.map(|credentials| (method, none, credentials)));
            ways.extend(all);
            let headers = self.header_sets.iter();
            ways.extend(headers.flat_map(|headers| both.map(|credentials| (get, headers, credentials))));
        }
        ways
    }
}

fn header_set(names: &[&str]) -> HeaderSet {
    let value = |name: &str| if name == "content-type" { "application/json" } else { "1" };
    let lines = names.iter().map(|name| ((*name).to_owned(), value(name).to_owned()));
    HeaderSet {
        lines: lines.collect(),
        needing_permission: names.iter().map(|name| (*name).to_owned()).collect(),
    }
}

/// The origins that are written in the file, first those of its probes, then near misses, then others.
fn origins(case: &Case) -> Vec<String> {
    let probed = case.probes.iter().filter_map(|probe| probe["origin"].as_str().map(str::to_owned));
    let written = found(&case.text, r"[a-z][a-z0-9+.-]*://[^\s\x22',;|{}()`]+");
    let written: Vec<String> = written.iter().flat_map(|text| spelled(text)).collect();
    let misses: Vec<String> = written.iter().take(6).flat_map(|origin| near(origin)).collect();
    let all = written.into_iter().chain(probed).chain(ORIGINS.map(str::to_owned)).chain(misses);
    let mut seen = BTreeSet::new();
    all.filter(|origin| is_sent(origin) && seen.insert(origin.clone())).collect()
}

/// Names for the wildcards and the most common pieces of regexes.
fn spelled(text: &str) -> Vec<String> {
    let text = text
        .replace('\\', "")
        .replace("[a-z0-9-]+", "*")
        .replace("[a-z]+", "*")
        .replace("[0-9]+", "7")
        .replace("d+", "7");
    let text = text.replace(".*.", "*.").replace(".+.", "*.").replace(".*", "*").replace(['$', '?'], "");
    let text = text.trim_end_matches('/');
    let text = text.strip_suffix(":443").unwrap_or(text);
    if !text.contains('*') {
        return vec![text.to_ascii_lowercase()];
    }
    let text = text.replace("[*", "*");
    ["shop", "a.b"]
        .map(|labels| text.replacen('*', labels, 1).replace('*', "x").to_ascii_lowercase())
        .to_vec()
}

fn near(origin: &str) -> Vec<String> {
    let Some((scheme, host)) = origin.split_once("://") else { return Vec::new() };
    let bare = host.split(':').next().unwrap_or(host);
    let other = if scheme == "https" { "http" } else { "https" };
    let parent = bare.split_once('.').map_or(bare, |(_, parent)| parent);
    vec![
        format!("{other}://{host}"),
        format!("{scheme}://{bare}:8443"),
        format!("{scheme}://{bare}"),
        format!("{scheme}://{host}.evil.example"),
        format!("{scheme}://evil{host}"),
        format!("{scheme}://sub.{host}"),
        format!("{scheme}://evil.example.{host}"),
        format!("{scheme}://{parent}"),
    ]
}

/// Whether a browser serializes an origin so.
fn is_sent(origin: &str) -> bool {
    let Ok(url) = Url::parse(origin) else { return origin == "null" };
    let host = url.host_str().unwrap_or_default();
    let is_plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte));
    let serialized = match url.scheme() {
        "http" | "https" => url.origin().ascii_serialization(),
        scheme => format!("{scheme}://{host}"),
    };
    is_plain && serialized == origin && !host.is_empty() && !host.contains("..")
}

/// Hosts and paths that are written in the file, and near misses.
fn places(case: &Case) -> Vec<(String, String)> {
    let (mut hosts, mut paths) = (Vec::new(), Vec::new());
    case.documents.iter().for_each(|document| gather(document, "", &mut hosts, &mut paths));
    hosts.extend(["api.example.com".to_owned(), ELSEWHERE.to_owned()]);
    paths.push("/".to_owned());
    let near = paths.iter().flat_map(|path| {
        let bare = path.trim_end_matches('/');
        let near = if bare.is_empty() { "/a".to_owned() } else { format!("{bare}s") };
        [path.clone(), format!("{bare}/x"), near]
    });
    let paths: Vec<String> = unique(near.chain(["/other".to_owned()])).into_iter().take(12).collect();
    let hosts: Vec<String> = unique(hosts.into_iter()).into_iter().take(5).collect();
    hosts.iter().flat_map(|host| paths.iter().map(move |path| (host.clone(), path.clone()))).collect()
}

fn gather(node: &Value, key: &str, hosts: &mut Vec<String>, paths: &mut Vec<String>) {
    match node {
        Value::Object(members) => members.iter().for_each(|(key, node)| gather(node, key, hosts, paths)),
        Value::Array(items) => items.iter().for_each(|node| gather(node, key, hosts, paths)),
        Value::String(text) if ["hosts", "host", "hostnames", "domains"].contains(&key) => {
            hosts.extend(named(text))
        }
        Value::String(text) if key == "rule" => {
            hosts.extend(found(text, r"Host\(`[^`]+").iter().map(|host| host.replace("Host(`", "")));
            paths.extend(
                found(text, r"Path(Prefix)?\(`[^`]+")
                    .iter()
                    .filter_map(|it| it.split('`').nth(1).map(str::to_owned)),
            );
        }
        Value::String(text) if text.starts_with('/') || text.starts_with("~/") => paths.push(
            text.trim_start_matches('~')
                .replace("[0-9]+", "2")
                .replace(".*", "/9")
                .replace('*', "a")
                .replace(['$', '\\'], ""),
        ),
        _ => {}
    }
}

fn named(host: &str) -> Vec<String> {
    let host = host.split(':').next().unwrap_or(host);
    match host.strip_prefix("*.") {
        Some(rest) => vec![format!("eu.{rest}"), format!("a.b.{rest}"), rest.to_owned()],
        None if host.contains('*') => Vec::new(),
        None => vec![host.to_ascii_lowercase()],
    }
}

fn unique(items: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    items.filter(|item| seen.insert(item.clone())).collect()
}

fn found(text: &str, regex: &str) -> Vec<String> {
    let regex = Regex::new(regex).expect("the expression is one of this file");
    regex.find_iter(text).map(|found| found.as_str().to_owned()).collect()
}
