//! The words for a text that is not a pattern of origins: what is wrong with it, and what to write instead.

use std::fmt;

use super::address::{Canonical, ipv6};
use super::host::{Host, HostError};
use super::pattern::{OriginPattern, PatternError};
use super::{MAX_SCHEME_BYTES, PortError, default_port, parse_port, split_at_scheme, split_port};

/// What to write for a non-ASCII host. `check` has the tables to name the host itself.
pub const PUNYCODE: &str = "write it as `xn--...`";

/// For a text that does not show what was meant.
const ANY_ORIGIN: &str = "write an origin such as `https://app.example.com`";

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "is empty",
            Self::Blank => "has a blank before or after it",
            Self::Several => "has a comma or a blank in it",
            Self::NotAscii => "has a character outside ASCII, and browsers send such a host in punycode",
            Self::UpperCase => "has upper-case letters, and browsers send an origin in lower case",
            Self::FileScheme => "names a local file, and all of them have the one origin `file://`",
            Self::SchemeOfNoPage => "has a scheme that no page's origin has",
            Self::NoScheme => "has no scheme, with which an origin begins",
            Self::Scheme => "does not begin with a scheme",
            Self::UserInfo => "has a user name before `@`, and an origin has none",
            Self::Path => "has a path",
            Self::Query => "has a query",
            Self::Fragment => "has a fragment",
            Self::Colons => "has more than one `:` after the scheme",
            Self::Wildcard => "has a `*` in a place where it means nothing",
            Self::WildcardOnIp => "has `*.` in front of an IP address, which has no subdomains",
            Self::Host(error) => return write!(f, "{error}"),
            Self::DefaultPort(port) => {
                return write!(f, "has the port {port}, which browsers leave out for this scheme");
            }
            Self::Port(PortError::NotANumber) => "has a port that is not a number",
            Self::Port(PortError::LeadingZero) => "has a port that begins with a zero",
            Self::Port(PortError::OutOfRange) => "has a port out of range",
        })
    }
}

impl PatternError {
    /// What to write instead of `text`.
    #[must_use]
    pub fn remedy(&self, text: &str) -> String {
        match self {
            Self::Path | Self::Query | Self::Fragment => {
                format!("an origin ends after the host or port: {}", written_right(text))
            }
            Self::Blank | Self::UpperCase | Self::NoScheme | Self::UserInfo | Self::DefaultPort(_) => {
                written_right(text)
            }
            Self::Host(error) => remedy_of_host(error, text),
            Self::SchemeOfNoPage => remedy_of_scheme(text),
            Self::Scheme => format!(
                "write one of letters, digits, `+`, `-` and `.`, at most {MAX_SCHEME_BYTES} bytes, such as `https`"
            ),
            other => other.fixed_remedy().to_owned(),
        }
    }

    fn fixed_remedy(&self) -> &'static str {
        match self {
            Self::Several => "write each origin as an entry of its own",
            Self::NotAscii => PUNYCODE,
            Self::FileScheme => {
                "write `file://` and add `file-origin` to `dangerously_allow`, or serve the page over `https`"
            }
            Self::Colons => "write one port, and an IPv6 address in brackets, as in `http://[::1]:8080`",
            Self::Wildcard => {
                "write it as the whole first label (`https://*.example.com`) or as the port (`https://example.com:*`)"
            }
            Self::WildcardOnIp => "write the address alone",
            Self::Port(_) => "write a port from 1 to 65535, or `*` for any",
            _ => ANY_ORIGIN,
        }
    }
}

fn remedy_of_host(error: &HostError, text: &str) -> String {
    match error {
        HostError::Ipv6Form(_) => written_right(text),
        HostError::TrailingDot => {
            "to browsers that is another origin than the one without the dot, and this filter cannot allow it: send visitors to the host without the dot, and remove the entry".to_owned()
        }
        HostError::Ipv4Mapped(address) => {
            let [a, b, c, d] = address.octets().map(u16::from);
            let (high, low) = (a << 8 | b, c << 8 | d);
            format!(
                "browsers send it as `[::ffff:{high:x}:{low:x}]`, another origin than that of the IPv4 address, and this filter cannot allow it: remove the entry, or give the server a name"
            )
        }
        HostError::Empty => "write one after `://`, as in `https://app.example.com`".to_owned(),
        HostError::TooLong | HostError::LabelTooLong => {
            "check it, no name in the DNS is that long".to_owned()
        }
        HostError::EmptyLabel => "write one dot between two labels".to_owned(),
        HostError::Character(_) => "write lower-case letters, digits, `-`, `_` and `.` only".to_owned(),
        HostError::Ipv4 => "write four decimal numbers from 0 to 255, as in `192.0.2.1`".to_owned(),
        HostError::Ipv6 => "write one as browsers do, as in `http://[2001:db8::1]`".to_owned(),
    }
}

/// <https://html.spec.whatwg.org/multipage/browsers.html#origin>
fn remedy_of_scheme(text: &str) -> String {
    let (scheme, rest) = text.split_once(':').unwrap_or_default();
    match scheme.to_ascii_lowercase().as_str() {
        scheme @ ("ws" | "wss") => {
            let page = suggestion(&format!("http{}:{rest}", if scheme == "wss" { "s" } else { "" }));
            let example = page.unwrap_or_else(|| "https://app.example.com".to_owned());
            format!("write the origin of the page that opens the WebSocket, such as `{example}`")
        }
        "data" => "pages of such URLs send `null`: write the origin of a page that has one, such as `https://app.example.com`".to_owned(),
        "blob" => match suggestion(rest) {
            Some(origin) => format!("a page of a `blob` URL has the origin in it: write `{origin}`"),
            None => ANY_ORIGIN.to_owned(),
        },
        _ => "such a page has the origin of the one that opened it, or `null`: write that, such as `https://app.example.com`".to_owned(),
    }
}

/// The advice to write the pattern that `text` was probably meant to be. It never names a pattern that would be refused
/// too.
fn written_right(text: &str) -> String {
    match meant(text) {
        Some(pattern) => match OriginPattern::parse(&pattern) {
            Ok(_) => format!("write `{pattern}`"),
            // If something else is wrong, the operator should learn that at once too.
            Err(error) => format!("write it as in `https://app.example.com`. Also, it {error}"),
        },
        None => "write it as in `https://app.example.com`".to_owned(),
    }
}

/// The pattern that `text` was probably meant to be, if it is clear.
#[must_use]
pub fn suggestion(text: &str) -> Option<String> {
    meant(text).filter(|pattern| OriginPattern::parse(pattern).is_ok())
}

/// The text in the form of an origin, right or not.
fn meant(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let (scheme, rest) = split_scheme_loosely(&lower);
    if scheme.is_none() && rest.contains('@') {
        return None; // an address of mail, or worse
    }
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);
    let (host, port) = split_port(authority);
    let host = canonical_ipv6(host).unwrap_or_else(|| host.to_owned());
    if matches!(host.as_str(), "null" | "http" | "https") {
        return None;
    }
    let is_loopback = Host::parse(&host).is_ok_and(|host| host.is_loopback());
    let scheme = scheme.unwrap_or(if is_loopback { "http" } else { "https" });
    let is_default = |port: &&str| parse_port(port).ok() == default_port(scheme);
    let port = port.filter(|port| !is_default(port)).map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{scheme}://{host}{port}"))
}

/// A scheme, even if a colon or a slash after it is missing.
fn split_scheme_loosely(text: &str) -> (Option<&str>, &str) {
    if let Some((scheme, rest)) = split_at_scheme(text) {
        return (Some(scheme), rest);
    }
    let misspelt = ["https", "http"].into_iter().find_map(|scheme| {
        let rest = text.strip_prefix(scheme)?;
        Some((scheme, rest.strip_prefix([':', '/'])?.trim_start_matches('/')))
    });
    misspelt.map_or((None, text.trim_start_matches('/')), |(scheme, rest)| (Some(scheme), rest))
}

fn canonical_ipv6(host: &str) -> Option<String> {
    let address = ipv6(host.strip_prefix('[')?.strip_suffix(']')?)?;
    Some(format!("[{}]", Canonical(address)))
}
