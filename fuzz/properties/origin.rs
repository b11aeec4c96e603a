//! `Origin`: the filter reads exactly what the contract says, and every part of it alike.

use std::net::Ipv6Addr;

use proxy_wasm_cors::origin::Origin;
use proxy_wasm_cors::origin::host::Host;

/// A serialized origin, read by hand.
#[derive(Debug, PartialEq, Eq)]
pub struct NaiveOrigin {
    /// Before `://`.
    pub scheme: String,
    /// As it is written, an IPv6 address with its brackets.
    pub host: String,
    /// `None` if it is not written.
    pub port: Option<u32>,
}

/// Holds the bytes, as the value of `Origin`, against [`read`].
pub fn check(input: &[u8]) {
    let naive = read(input);
    let parsed = std::str::from_utf8(input).ok().and_then(Origin::parse);
    assert_eq!(parsed.map(|origin| naive_of(&origin)), naive, "{}", input.escape_ascii());
    let (Some(parsed), Some(naive)) = (parsed, naive) else { return };
    assert_eq!(parsed.as_str().as_bytes(), input);
    assert_eq!(parsed.without_port(), format!("{}://{}", naive.scheme, naive.host));
    assert_eq!(parsed.is_insecure(), naive.is_insecure(), "{naive:?}");
}

fn naive_of(origin: &Origin<'_>) -> NaiveOrigin {
    let host = match origin.host() {
        Host::Name(name) => name.to_owned(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => format!("[{}]", serialize_ipv6(address)),
    };
    NaiveOrigin { scheme: origin.scheme().to_owned(), host, port: origin.port().map(u32::from) }
}

impl NaiveOrigin {
    /// Whether the host is a name, which alone has labels.
    pub fn has_name(&self) -> bool {
        !self.host.starts_with('[') && !ends_in_number(&self.host)
    }

    /// Whether a page of this origin came over the network unprotected.
    pub fn is_insecure(&self) -> bool {
        let is_local_name = self.has_name() && self.host.split('.').next_back() == Some("localhost");
        let is_local_ipv4 = !self.has_name() && self.host.starts_with("127.");
        self.scheme == "http" && !is_local_name && !is_local_ipv4 && self.host != "[::1]"
    }
}

/// Reads an origin as section "Origins" of the filter's contract says, with no regard to speed.
pub fn read(bytes: &[u8]) -> Option<NaiveOrigin> {
    if bytes.len() > 326 || !bytes.is_ascii() {
        return None;
    }
    let text = String::from_utf8(bytes.to_vec()).ok()?;
    let (scheme, rest) = text.split_once("://")?;
    // The last colon begins a port, unless it stands in an IPv6 address.
    let (host, port) = match rest.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (rest, None),
    };
    let number = port.map(read_port);
    let is_default = matches!((scheme, port), ("http", Some("80")) | ("https", Some("443")));
    if !is_scheme(scheme) || !is_host(host) || is_default || number == Some(None) {
        return None;
    }
    Some(NaiveOrigin { scheme: scheme.to_owned(), host: host.to_owned(), port: number.flatten() })
}

fn is_scheme(text: &str) -> bool {
    const FIRST: &str = "abcdefghijklmnopqrstuvwxyz";
    const LATER: &str = "abcdefghijklmnopqrstuvwxyz0123456789+-.";
    (1..=64).contains(&text.len())
        && text.chars().take(1).all(|c| FIRST.contains(c))
        && text.chars().all(|c| LATER.contains(c))
}

fn read_port(text: &str) -> Option<u32> {
    // There is one way of writing the number.
    text.parse().ok().filter(|port: &u32| (1..=65535).contains(port) && port.to_string() == text)
}

fn is_host(host: &str) -> bool {
    if host.starts_with('[') {
        return is_ipv6(host);
    }
    const OF_A_LABEL: &str = "abcdefghijklmnopqrstuvwxyz0123456789-_";
    let is_label =
        |label: &str| (1..=63).contains(&label.len()) && label.chars().all(|c| OF_A_LABEL.contains(c));
    host.len() <= 253 && host.split('.').all(is_label) && (!ends_in_number(host) || is_ipv4(host))
}

/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>, for a host without a dot at its end.
fn ends_in_number(host: &str) -> bool {
    let last = host.split('.').next_back().unwrap_or_default();
    let digits_of = |digits: &str, text: &str| text.chars().all(|c| digits.contains(c));
    let is_decimal = digits_of("0123456789", last);
    is_decimal || last.strip_prefix("0x").is_some_and(|rest| digits_of("0123456789abcdefABCDEF", rest))
}

fn is_ipv4(host: &str) -> bool {
    let is_byte = |part: &str| part.parse().is_ok_and(|byte: u8| byte.to_string() == part);
    host.split('.').count() == 4 && host.split('.').all(is_byte)
}

/// Whether the brackets hold an address as the URL Standard serializes it, those apart that stand for IPv4.
fn is_ipv6(host: &str) -> bool {
    let Some(inner) = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else { return false };
    let Ok(address) = inner.parse::<Ipv6Addr>() else { return false };
    let is_mapped = address.segments()[..6] == [0, 0, 0, 0, 0, 0xffff];
    !is_mapped && serialize_ipv6(address) == inner
}

/// <https://url.spec.whatwg.org/#concept-ipv6-serializer>
fn serialize_ipv6(address: Ipv6Addr) -> String {
    let pieces: Vec<String> = address.segments().iter().map(|piece| format!("{piece:x}")).collect();
    // The first of the longest runs of two or more zeros is left out.
    let runs = (2..=8).rev().flat_map(|length| (0..=8 - length).map(move |start| (start, length)));
    let is_zero = |(start, length): &(usize, usize)| pieces[*start..start + length].iter().all(|p| p == "0");
    match runs.into_iter().find(is_zero) {
        None => pieces.join(":"),
        Some((start, length)) => {
            format!("{}::{}", pieces[..start].join(":"), pieces[start + length..].join(":"))
        }
    }
}
