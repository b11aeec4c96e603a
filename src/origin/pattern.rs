//! What an operator writes to name origins: one origin, all subdomains of a host, any port.

use super::host::{Host, HostError, MAX_HOST_BYTES};
use super::{PortError, default_port, is_insecure, is_scheme, parse_port, split_at_scheme, split_port};

/// Schemes that the origin of a page never has: they belong to other resources, or their origin is another one or
/// opaque. <https://url.spec.whatwg.org/#origin>
pub const SCHEMES_OF_NO_PAGE: [&str; 5] = ["about", "blob", "data", "ws", "wss"];

/// The shortest thing that `*.` can stand for, a label of one byte and its dot.
const SHORTEST_SUBDOMAIN_BYTES: usize = 2;

/// A pattern of serialized origins: `scheme://host`, `scheme://host:port`, `scheme://*.host` (one or more labels in
/// front of the host, not the host itself), each also with the port `*` (any port, or none).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OriginPattern<'a> {
    text: &'a str,
    scheme: &'a str,
    host: Host<'a>,
    is_wildcard: bool,
    port: PortPattern,
}

/// The ports that a pattern matches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PortPattern {
    /// Every port, and none.
    Any,
    /// This one; `None` is the scheme's own, which an origin leaves out.
    Only(Option<u16>),
}

/// Why a text is not a pattern of origins. Its `Display`, which is in `advice`, says what is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// The text is empty.
    Empty,
    /// There is a space before or after the text.
    Blank,
    /// There is a comma or a space in the text, as if it were several origins.
    Several,
    /// A character outside ASCII.
    NotAscii,
    /// An upper-case letter.
    UpperCase,
    /// The scheme of local files.
    FileScheme,
    /// A scheme that no page's origin has.
    SchemeOfNoPage,
    /// There is no `://`.
    NoScheme,
    /// What stands before `://` is not a scheme.
    Scheme,
    /// User information before the host.
    UserInfo,
    /// A path after the host or port.
    Path,
    /// A query after the host or port.
    Query,
    /// A fragment after the host or port.
    Fragment,
    /// More than one `:` after the scheme, and no brackets.
    Colons,
    /// A `*` that is neither the first label nor the port.
    Wildcard,
    /// A `*.` in front of an IP address.
    WildcardOnIp,
    /// The host.
    Host(HostError),
    /// The scheme's own port.
    DefaultPort(u16),
    /// The port.
    Port(PortError),
}

impl<'a> OriginPattern<'a> {
    /// Reads a pattern. `*` alone and `null` are not patterns: each means something else.
    ///
    /// # Errors
    /// Says what is wrong.
    pub fn parse(text: &'a str) -> Result<Self, PatternError> {
        check_characters(text)?;
        let (scheme, rest) = split_scheme(text)?;
        check_rest(rest)?;
        let (host_text, port_text) = split_port(rest);
        let (is_wildcard, host) = parse_host_pattern(host_text)?;
        let port = parse_port_pattern(port_text)?;
        if let PortPattern::Only(Some(number)) = port {
            if default_port(scheme) == Some(number) {
                return Err(PatternError::DefaultPort(number));
            }
        }
        Ok(Self { text, scheme, host, is_wildcard, port })
    }

    /// The pattern as written.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// The scheme.
    #[must_use]
    pub fn scheme(&self) -> &'a str {
        self.scheme
    }

    /// The host, without the `*.` of a wildcard.
    #[must_use]
    pub fn host(&self) -> Host<'a> {
        self.host
    }

    /// Whether the pattern begins with `*.`. Such a pattern matches hosts with more labels in front of this one, but
    /// not this host itself.
    #[must_use]
    pub fn is_wildcard(&self) -> bool {
        self.is_wildcard
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> PortPattern {
        self.port
    }

    /// Whether pages that came over the network unprotected match.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        is_insecure(self.scheme, &self.host)
    }
}

impl PortPattern {
    /// Whether an origin with this port matches.
    #[must_use]
    pub fn matches(self, port: Option<u16>) -> bool {
        match self {
            Self::Any => true,
            Self::Only(only) => only == port,
        }
    }
}

fn check_characters(text: &str) -> Result<(), PatternError> {
    if text.is_empty() {
        return Err(PatternError::Empty);
    }
    if text.trim() != text && !text.trim().contains([',', ' ']) {
        return Err(PatternError::Blank);
    }
    if text.contains([',', ' ', '\t', '\n', '\r']) {
        return Err(PatternError::Several);
    }
    if !text.is_ascii() {
        return Err(PatternError::NotAscii);
    }
    Ok(())
}

fn split_scheme(text: &str) -> Result<(&str, &str), PatternError> {
    let before_colon = text.split(':').next().unwrap_or(text).to_ascii_lowercase();
    if text.contains(':') && before_colon == "file" {
        return Err(PatternError::FileScheme);
    }
    if text.contains(':') && SCHEMES_OF_NO_PAGE.contains(&before_colon.as_str()) {
        return Err(PatternError::SchemeOfNoPage);
    }
    let (scheme, rest) = split_at_scheme(text).ok_or(PatternError::NoScheme)?;
    if !is_scheme(&scheme.to_ascii_lowercase()) {
        return Err(PatternError::Scheme);
    }
    if scheme.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(PatternError::UpperCase);
    }
    Ok((scheme, rest))
}

/// Finds parts that a URL has but an origin does not.
fn check_rest(rest: &str) -> Result<(), PatternError> {
    let beyond = rest.find(['/', '?', '#', '\\']).and_then(|at| rest.split_at_checked(at));
    let authority = beyond.map_or(rest, |(authority, _)| authority);
    match beyond.and_then(|(_, rest)| rest.chars().next()) {
        None => {}
        Some('?') => return Err(PatternError::Query),
        Some('#') => return Err(PatternError::Fragment),
        Some(_) => return Err(PatternError::Path),
    }
    if authority.contains('@') {
        return Err(PatternError::UserInfo);
    }
    if authority.bytes().any(|b| b.is_ascii_uppercase()) {
        return Err(PatternError::UpperCase);
    }
    if authority.matches(':').count() > 1 && !authority.contains('[') {
        return Err(PatternError::Colons);
    }
    Ok(())
}

fn parse_host_pattern(text: &str) -> Result<(bool, Host<'_>), PatternError> {
    let (is_wildcard, base) = match text.strip_prefix("*.") {
        Some(base) => (true, base),
        None => (false, text),
    };
    if base.contains('*') {
        return Err(PatternError::Wildcard);
    }
    let host = Host::parse(base).map_err(PatternError::Host)?;
    match host {
        Host::Name(name)
            if is_wildcard && name.len() > MAX_HOST_BYTES.saturating_sub(SHORTEST_SUBDOMAIN_BYTES) =>
        {
            Err(PatternError::Host(HostError::TooLong))
        }
        Host::Ipv4(_) | Host::Ipv6(_) if is_wildcard => Err(PatternError::WildcardOnIp),
        _ => Ok((is_wildcard, host)),
    }
}

fn parse_port_pattern(text: Option<&str>) -> Result<PortPattern, PatternError> {
    match text {
        None => Ok(PortPattern::Only(None)),
        Some("*") => Ok(PortPattern::Any),
        Some(digits) => {
            parse_port(digits).map(|port| PortPattern::Only(Some(port))).map_err(PatternError::Port)
        }
    }
}

#[cfg(test)]
#[path = "pattern_tests.rs"]
mod tests;
