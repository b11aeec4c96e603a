//! The host of a serialized origin.
//!
//! A browser serializes a host in only one way. So hosts are compared byte by byte, and a text in any other form is not
//! the host of a page: <https://url.spec.whatwg.org/#host-serializing>.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

use super::address::{self, Canonical};

/// The longest name of a host in bytes, <https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4>.
pub const MAX_HOST_BYTES: usize = 253;
/// The longest label of a host name in bytes, <https://www.rfc-editor.org/rfc/rfc1035#section-2.3.4>.
pub const MAX_LABEL_BYTES: usize = 63;

/// A host as a browser writes it: lower-case ASCII, a canonical IPv4 address or a canonical IPv6 address in brackets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Host<'a> {
    /// A name of one or more labels.
    Name(&'a str),
    /// An IPv4 address in four decimal parts.
    Ipv4(Ipv4Addr),
    /// An IPv6 address; its brackets are not part of it.
    Ipv6(Ipv6Addr),
}

/// Why a text is not a host as a browser writes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostError {
    /// There is nothing where the host should be.
    Empty,
    /// The name is longer than [`MAX_HOST_BYTES`].
    TooLong,
    /// Two dots follow each other, or the name begins with one.
    EmptyLabel,
    /// A label is longer than [`MAX_LABEL_BYTES`].
    LabelTooLong,
    /// The name ends with a dot.
    TrailingDot,
    /// A character that no host has.
    Character(char),
    /// The last label is a number, so a browser reads the host as IPv4, but it is not four decimal parts.
    Ipv4,
    /// The brackets do not hold an IPv6 address.
    Ipv6,
    /// An IPv6 address that a browser writes in another way, which is given.
    Ipv6Form(Ipv6Addr),
    /// An IPv6 address that stands for an IPv4 address, which is given.
    Ipv4Mapped(Ipv4Addr),
}

impl<'a> Host<'a> {
    /// Reads a host.
    ///
    /// # Errors
    /// Says what a browser would write differently.
    pub fn parse(text: &'a str) -> Result<Self, HostError> {
        if let Some(inner) = text.strip_prefix("[") {
            return parse_ipv6(inner.strip_suffix("]").ok_or(HostError::Ipv6)?).map(Host::Ipv6);
        }
        check_name(text)?;
        if !ends_in_number(text) {
            return Ok(Host::Name(text));
        }
        address::ipv4(text).map(Host::Ipv4).ok_or(HostError::Ipv4)
    }

    /// Whether the host is the browser's own machine, where `http` is as trustworthy as `https`:
    /// <https://www.w3.org/TR/secure-contexts/#is-origin-trustworthy>.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        match self {
            Host::Name(name) => *name == "localhost" || name.ends_with(".localhost"),
            Host::Ipv4(address) => address.is_loopback(),
            Host::Ipv6(address) => address.is_loopback(),
        }
    }
}

fn check_name(name: &str) -> Result<(), HostError> {
    if name.is_empty() {
        return Err(HostError::Empty);
    }
    // One pass over bytes, because this runs for every request, and searching for characters takes longer.
    let (mut label, mut fault) = (0_usize, None);
    for byte in name.bytes() {
        if byte == b'.' {
            fault = fault.or(fault_of_label(label));
            label = 0;
        } else if is_label_byte(byte) {
            label = label.saturating_add(1);
        } else {
            return Err(HostError::Character(foreign_character(name)));
        }
    }
    if label == 0 {
        return Err(HostError::TrailingDot);
    }
    if name.len() > MAX_HOST_BYTES {
        return Err(HostError::TooLong);
    }
    fault.or(fault_of_label(label)).map_or(Ok(()), Err)
}

fn fault_of_label(bytes: usize) -> Option<HostError> {
    match bytes {
        0 => Some(HostError::EmptyLabel),
        1..=MAX_LABEL_BYTES => None,
        _ => Some(HostError::LabelTooLong),
    }
}

fn foreign_character(name: &str) -> char {
    let is_foreign = |c: &char| *c != '.' && u8::try_from(*c).map_or(true, |byte| !is_label_byte(byte));
    name.chars().find(is_foreign).unwrap_or_default()
}

/// Deviation: the URL Standard allows far more in a host (`!`, `$`, `,` and others), but no DNS name that a policy
/// could want contains these, and they make `https://example.com,.evil.example` look like something else.
#[inline(always)]
fn is_label_byte(b: u8) -> bool {
    b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'_')
}

/// <https://url.spec.whatwg.org/#ends-in-a-number-checker>
fn ends_in_number(name: &str) -> bool {
    let name = name.as_bytes();
    let last = name.rsplit(|b| *b == b'.').next().unwrap_or(name);
    let is_hexadecimal =
        last.strip_prefix(b"0x").is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit));
    is_hexadecimal || last.iter().all(u8::is_ascii_digit)
}

/// Deviation: the URL Standard serializes an IPv4-mapped address as `[::ffff:7f00:1]`, RFC 5952 as
/// `[::ffff:127.0.0.1]`. With two forms in use, comparing bytes decides nothing, so neither is accepted.
fn parse_ipv6(text: &str) -> Result<Ipv6Addr, HostError> {
    let address = address::ipv6(text).ok_or(HostError::Ipv6)?;
    if let Some(mapped) = address.to_ipv4_mapped() {
        return Err(HostError::Ipv4Mapped(mapped));
    }
    let mut rest = Rest(text);
    if fmt::write(&mut rest, format_args!("{}", Canonical(address))).is_err() || !rest.0.is_empty() {
        return Err(HostError::Ipv6Form(address));
    }
    Ok(address)
}

/// The rest of a text after what has been written is taken off its start: this compares the two without a copy.
struct Rest<'a>(&'a str);

impl fmt::Write for Rest<'_> {
    fn write_str(&mut self, part: &str) -> fmt::Result {
        self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
        Ok(())
    }
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("has no host"),
            Self::TooLong => write!(f, "has a host of more than {MAX_HOST_BYTES} bytes"),
            Self::EmptyLabel => f.write_str("has an empty label in its host"),
            Self::LabelTooLong => {
                write!(f, "has a label of more than {MAX_LABEL_BYTES} bytes in its host")
            }
            Self::TrailingDot => f.write_str("has a dot at the end of its host"),
            Self::Character(c) => write!(f, "has the character `{}` in its host", c.escape_default()),
            Self::Ipv4 => {
                f.write_str("has a host that browsers read as an IPv4 address, but not in its one form")
            }
            Self::Ipv6 => f.write_str("has brackets that do not hold an IPv6 address"),
            Self::Ipv6Form(_) => f.write_str("has an IPv6 address that browsers write otherwise"),
            Self::Ipv4Mapped(_) => f.write_str("has an IPv4-mapped IPv6 address"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn refused(text: &str, error: &HostError) {
        assert_eq!(Host::parse(text).as_ref(), Err(error), "{text}");
    }

    #[test]
    fn names() {
        for name in ["a", "localhost", "ex_am-ple.com", "1.2.example", "xn--bcher-kva.example", "-", "0x.a"] {
            assert_eq!(Host::parse(name), Ok(Host::Name(name)));
        }
        refused("", &HostError::Empty);
        refused(".", &HostError::TrailingDot);
        refused("a..b", &HostError::EmptyLabel);
        refused(".a", &HostError::EmptyLabel);
        refused("a.", &HostError::TrailingDot);
        refused("A", &HostError::Character('A'));
        refused("a,b", &HostError::Character(','));
        refused("é", &HostError::Character('é'));
        refused("a:", &HostError::Character(':'));
    }

    #[test]
    fn lengths_at_the_limit_and_one_past_it() {
        let label = "a".repeat(MAX_LABEL_BYTES);
        assert_eq!(Host::parse(&label), Ok(Host::Name(&label)));
        refused(&format!("{label}a"), &HostError::LabelTooLong);
        refused(&format!("a.{label}a..b"), &HostError::LabelTooLong);
        refused(&format!("a..{label}a"), &HostError::EmptyLabel);
        let name = format!("{label}.{label}.{label}.{}", "a".repeat(61));
        assert_eq!(name.len(), MAX_HOST_BYTES);
        assert_eq!(Host::parse(&name), Ok(Host::Name(&name)));
        refused(&format!("{name}a"), &HostError::TooLong);
    }

    #[test]
    fn a_number_at_the_end_makes_it_ipv4() {
        assert_eq!(Host::parse("127.0.0.1"), Ok(Host::Ipv4(Ipv4Addr::LOCALHOST)));
        for text in ["1", "127.1", "256.0.0.1", "127.0.0.01", "1.2.3.4.5", "example.9", "a.0x", "0x7f000001"]
        {
            refused(text, &HostError::Ipv4);
        }
    }

    #[test]
    fn ipv6_in_its_one_form() {
        assert_eq!(Host::parse("[::1]"), Ok(Host::Ipv6(Ipv6Addr::LOCALHOST)));
        assert!(Host::parse("[2001:db8:aaaa:1111::100]").is_ok());
        assert!(Host::parse("[::7f00:1]").is_ok());
        refused("[::1", &HostError::Ipv6);
        refused("[example]", &HostError::Ipv6);
        refused("[fe80::1%eth0]", &HostError::Ipv6);
        refused("[0:0:0:0:0:0:0:1]", &HostError::Ipv6Form(Ipv6Addr::LOCALHOST));
        refused("[2001:DB8::1]", &HostError::Ipv6Form("2001:db8::1".parse().unwrap()));
        refused("[::ffff:127.0.0.1]", &HostError::Ipv4Mapped(Ipv4Addr::LOCALHOST));
        refused("[::ffff:7f00:1]", &HostError::Ipv4Mapped(Ipv4Addr::LOCALHOST));
    }

    #[test]
    fn loopback() {
        for text in ["localhost", "a.b.localhost", "127.127.127.127", "[::1]"] {
            assert!(Host::parse(text).unwrap().is_loopback(), "{text}");
        }
        for text in ["localhost.example", "notlocalhost", "128.0.0.1", "[::2]"] {
            assert!(!Host::parse(text).unwrap().is_loopback(), "{text}");
        }
    }
}
