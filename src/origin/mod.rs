//! The room of origins: what the origin of a page is, and what an operator writes to name some.
//!
//! [`Origin`] is a serialized origin, as a browser sends it in the `Origin` header; [`host`] is the host in it, and
//! [`own`] finds the origin of the API itself. [`pattern`] and [`regex`] are what an operator writes, [`advice`] says
//! what to write instead of a text that is neither, and [`set`] looks origins up in what was written. [`public_suffix`]
//! knows under which names anyone can register one, and [`same_site`] uses it to tell what belongs to one owner.
//!
//! Texts and bytes come in. Nothing here knows about requests, policies, configurations or any other room.
//!
//! An origin is parsed strictly, unless a pattern consists of the same bytes, which were then parsed just as strictly.
//! So a text that no browser can have sent never matches, whatever a pattern says.
//! <https://html.spec.whatwg.org/multipage/browsers.html#ascii-serialisation-of-an-origin>

mod address;
pub mod advice;
pub(crate) mod fnv;
pub mod host;
pub(crate) mod numbering;
pub mod own;
pub mod pattern;
pub mod public_suffix;
mod public_suffix_rules;
pub mod regex;
pub mod same_site;
pub mod set;

use host::Host;

/// The longest scheme in bytes.
pub const MAX_SCHEME_BYTES: usize = 64;
/// The longest serialized origin in bytes: scheme, `://`, host, `:` and a port of five digits.
pub const MAX_ORIGIN_BYTES: usize = MAX_SCHEME_BYTES + 3 + host::MAX_HOST_BYTES + 6;

/// A tuple origin: scheme, host and port, <https://html.spec.whatwg.org/multipage/browsers.html#concept-origin-tuple>.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    text: &'a str,
    scheme: &'a str,
    host: Host<'a>,
    port: Option<u16>,
}

impl<'a> Origin<'a> {
    /// Reads a serialized tuple origin; `None` for anything else, including `null`.
    #[must_use]
    pub fn parse(text: &'a str) -> Option<Self> {
        if text.len() > MAX_ORIGIN_BYTES {
            return None;
        }
        let (scheme, authority) = split_at_scheme(text)?;
        if !is_scheme(scheme) {
            return None;
        }
        let (host, port) = split_port(authority);
        let host = Host::parse(host).ok()?;
        let port = port.map(parse_port).transpose().ok()?;
        if port.is_some() && port == default_port(scheme) {
            return None;
        }
        Some(Self { text, scheme, host, port })
    }

    /// The origin as the browser wrote it.
    #[must_use]
    pub fn as_str(&self) -> &'a str {
        self.text
    }

    /// The origin without its port.
    #[must_use]
    pub fn without_port(&self) -> &'a str {
        if self.port.is_none() {
            return self.text;
        }
        self.text.rsplit_once(':').map_or(self.text, |(rest, _port)| rest)
    }

    /// The scheme, without `://`.
    #[must_use]
    pub fn scheme(&self) -> &'a str {
        self.scheme
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> Host<'a> {
        self.host
    }

    /// The port; `None` is the scheme's own.
    #[must_use]
    pub fn port(&self) -> Option<u16> {
        self.port
    }

    /// Whether anyone who controls the network between browser and page can be this origin.
    #[must_use]
    pub fn is_insecure(&self) -> bool {
        is_insecure(self.scheme, &self.host)
    }
}

/// Whether a page of this scheme and host came over the network unprotected.
#[must_use]
pub fn is_insecure(scheme: &str, host: &Host<'_>) -> bool {
    scheme == "http" && !host.is_loopback()
}

/// The scheme in front of `://`, and what follows. `str::split_once` does the same, but its search is made for long
/// texts and takes two kilobytes of the module.
pub(crate) fn split_at_scheme(text: &str) -> Option<(&str, &str)> {
    let at = text.as_bytes().windows(3).position(|three| matches!(three, [b':', b'/', b'/']))?;
    Some((text.get(..at)?, text.get(at.saturating_add(3)..)?))
}

/// Whether the text is a scheme in lower case of at most [`MAX_SCHEME_BYTES`],
/// <https://url.spec.whatwg.org/#url-scheme-string>.
#[must_use]
pub fn is_scheme(text: &str) -> bool {
    text.len() <= MAX_SCHEME_BYTES
        && text.as_bytes().first().is_some_and(u8::is_ascii_lowercase)
        && text
            .bytes()
            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'+' | b'-' | b'.'))
}

/// The port that a serialized origin of this scheme leaves out, <https://url.spec.whatwg.org/#default-port>.
#[must_use]
pub fn default_port(scheme: &str) -> Option<u16> {
    match scheme {
        "http" => Some(80),
        "https" => Some(443),
        _ => None,
    }
}

/// Splits `host:port`; an IPv6 address contains colons too.
#[must_use]
pub fn split_port(authority: &str) -> (&str, Option<&str>) {
    let bytes = authority.as_bytes();
    let colon_from = |start| bytes.get(start..)?.iter().position(|b| *b == b':')?.checked_add(start);
    // Most have no colon at all, and need no search for brackets.
    let colon = colon_from(0).and_then(|first| match bytes.iter().position(|b| *b == b']') {
        Some(bracket) => colon_from(bracket),
        None => Some(first),
    });
    match colon.and_then(|at| authority.split_at_checked(at)) {
        Some((host, port)) => (host, port.strip_prefix(':')),
        None => (authority, None),
    }
}

/// Why a text is not a port as a browser writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PortError {
    /// It is not a number in decimal digits.
    NotANumber,
    /// It begins with a zero.
    LeadingZero,
    /// It is not between 1 and 65535.
    OutOfRange,
}

/// Reads a port between 1 and 65535.
///
/// # Errors
/// Says what is wrong with it.
pub fn parse_port(text: &str) -> Result<u16, PortError> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(PortError::NotANumber);
    }
    if text == "0" {
        return Err(PortError::OutOfRange);
    }
    if text.starts_with('0') {
        return Err(PortError::LeadingZero);
    }
    text.parse().map_err(|_| PortError::OutOfRange)
}

#[cfg(test)]
mod tests;
