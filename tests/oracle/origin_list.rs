//! What `allow_origins` means, entry by entry.

use std::net::{Ipv4Addr, Ipv6Addr};
use std::sync::LazyLock;

use publicsuffix::{List, Psl};
use regex::bytes::Regex;
use serde_json::Value;

/// The entries as they are written.
pub(crate) struct OriginList {
    entries: Vec<String>,
    /// By an engine that the filter does not use.
    regexes: Vec<Regex>,
}

impl OriginList {
    /// Reads the field.
    pub(crate) fn of(allow_origins: &Value) -> Self {
        let entries = || allow_origins.as_array().into_iter().flatten();
        let text = |entry: &Value| entry.as_str().or_else(|| entry["exact"].as_str()).map(str::to_owned);
        let whole =
            |source: &str| Regex::new(&format!(r"\A(?:{source})\z")).expect("the product's regexes compile");
        Self {
            entries: entries().filter_map(text).collect(),
            regexes: entries().filter_map(|entry| entry["regex"].as_str()).map(whole).collect(),
        }
    }

    /// Whether it is `*`.
    pub(crate) fn is_any(&self) -> bool {
        self.entries.iter().any(|entry| entry == "*")
    }

    /// Why a page of this origin is denied that calls a host.
    pub(crate) fn refusal(
        &self,
        origin: &[u8],
        allow_credentials: bool,
        authority: &str,
    ) -> Option<&'static str> {
        let is_entry = |text: &str| self.entries.iter().any(|entry| entry == text);
        if self.is_any() && !allow_credentials {
            return None;
        }
        // What an app shell sends is not the origin of any page on the web, and only meant where it is written.
        if origin == b"file://" {
            return (!is_entry("file://")).then_some("origin-not-allowed");
        }
        if origin == b"null" {
            return (!is_entry("null")).then_some("origin-null");
        }
        let text = std::str::from_utf8(origin).ok().filter(|text| is_serialized_origin(text));
        let Some(text) = text else { return Some("origin-malformed") };
        let is_listed = self.is_any()
            || self.entries.iter().any(|entry| is_meant(entry, text))
            || self.regexes.iter().any(|regex| regex.is_match(origin))
            || (is_entry("same-site")
                && text.starts_with("https://")
                && is_schemelessly_same_site(text, authority));
        (!is_listed).then_some("origin-not-allowed")
    }
}

/// "Two origins are schemelessly same site if [...] both have the same registrable domain", where an opaque host, an address
/// and a public suffix have none: <https://html.spec.whatwg.org/multipage/browsers.html#schemelessly-same-site>.
pub(crate) fn is_schemelessly_same_site(origin: &str, authority: &str) -> bool {
    let host =
        |text: &str| text.rsplit("://").next().unwrap_or_default().split(':').next().map(str::to_owned);
    let domain = |text: &str| host(&text.to_ascii_lowercase()).and_then(|host| registrable_domain(&host));
    domain(origin).is_some_and(|one| domain(authority) == Some(one))
}

/// <https://url.spec.whatwg.org/#host-registrable-domain>, by a crate that the filter does not use.
fn registrable_domain(host: &str) -> Option<String> {
    static LIST: LazyLock<List> = LazyLock::new(|| {
        include_str!("../../data/public_suffix_list.dat").parse().expect("the list can be read")
    });
    let is_name = host.parse::<Ipv4Addr>().is_err() && is_host(host);
    let domain = LIST.domain(host.as_bytes()).filter(|_| is_name)?;
    Some(String::from_utf8_lossy(domain.as_bytes()).into_owned())
}

/// Whether an entry means a serialized origin.
fn is_meant(entry: &str, origin: &str) -> bool {
    // `:*` is any port or none.
    if let Some(without_port) = entry.strip_suffix(":*") {
        return is_meant(without_port, origin)
            || origin.rsplit_once(':').is_some_and(|(front, port)| {
                port.bytes().all(|byte| byte.is_ascii_digit()) && is_meant(without_port, front)
            });
    }
    // `*.` is one or more labels: what is between the scheme and the dot.
    if let Some((scheme, host)) = entry.split_once("://*.") {
        let rest = origin.strip_prefix(&format!("{scheme}://"));
        let labels = rest.and_then(|rest| rest.strip_suffix(&format!(".{host}")));
        return labels.is_some_and(|labels| !labels.is_empty());
    }
    entry == origin
}

/// Whether a text is what a browser writes for the origin of a page.
fn is_serialized_origin(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once("://") else { return false };
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    text.len() <= 326 && is_scheme(scheme) && is_host(host) && port.is_none_or(|port| is_port(port, scheme))
}

fn is_scheme(text: &str) -> bool {
    let is_inner = |char: char| matches!(char, 'a'..='z' | '0'..='9' | '+' | '-' | '.');
    (1..=64).contains(&text.len())
        && text.starts_with(|char: char| char.is_ascii_lowercase())
        && text.chars().all(is_inner)
}

fn is_port(text: &str, scheme: &str) -> bool {
    let number = text.parse::<u32>().unwrap_or_default();
    let is_default = [("http", 80), ("https", 443)].contains(&(scheme, number));
    number.to_string() == text && (1..=65535).contains(&number) && !is_default
}

fn is_host(text: &str) -> bool {
    if let Some(address) = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')) {
        return address.parse::<Ipv6Addr>().is_ok_and(|parsed| parsed.to_string() == address);
    }
    let last = text.rsplit('.').next().unwrap_or_default();
    if last.starts_with(|char: char| char.is_ascii_digit()) && last.chars().all(|char| char.is_ascii_digit())
    {
        return text.parse::<Ipv4Addr>().is_ok_and(|parsed| parsed.to_string() == text);
    }
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.chars().all(|char| matches!(char, 'a'..='z' | '0'..='9' | '-' | '_'))
    };
    text.len() <= 253 && text.split('.').all(is_label)
}
