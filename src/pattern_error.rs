//! The words for a text that is no pattern of origins.

use std::fmt;

use crate::host::HostError;
use crate::origin::{MAX_SCHEME_BYTES, PortError};

/// Why a text is no pattern of origins. Its display says what is wrong, then after `;` what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PatternError {
    /// The text is empty.
    Empty,
    /// There is a comma or a blank in the text, as if it were several origins.
    Several,
    /// A character outside ASCII.
    NotAscii,
    /// An upper-case letter; the text in lower case is given.
    UpperCase(String),
    /// A scheme that no page has.
    SchemeOfNoPage(String),
    /// There is no `://`.
    NoScheme(String),
    /// What stands before `://` is not a scheme.
    Scheme,
    /// User information before the host.
    UserInfo(String),
    /// Something after the host or port, of the kind and without which the rest is as given.
    Beyond(&'static str, String),
    /// More than one `:` after the scheme, and no brackets.
    Colons,
    /// A `*` that is neither the first label nor the port.
    Wildcard,
    /// A `*.` in front of an IP address.
    WildcardOnIp,
    /// The host.
    Host(HostError),
    /// The scheme's own port, without which the text is as given.
    DefaultPort(u16, String),
    /// The port.
    Port(PortError),
}

impl fmt::Display for PatternError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empty => f.write_str("is empty; write an origin such as `https://app.example.com`"),
            Self::Several => {
                f.write_str("has a comma or a blank in it; write each origin as an entry of its own")
            }
            Self::NotAscii => f.write_str(
                "has a character outside ASCII; browsers send such a host in punycode: write it as `xn--...`",
            ),
            Self::UpperCase(lower) => {
                write!(
                    f,
                    "has upper-case letters, and browsers send an origin in lower case; write `{lower}`"
                )
            }
            Self::Beyond(kind, rest) => {
                write!(f, "has {kind}; an origin ends after the host or port: write `{rest}`")
            }
            Self::UserInfo(rest) => {
                write!(f, "has a user name before `@`; an origin has none: write `{rest}`")
            }
            Self::SchemeOfNoPage(_) | Self::NoScheme(_) | Self::Scheme => self.write_on_scheme(f),
            Self::Wildcard | Self::WildcardOnIp => self.write_on_wildcard(f),
            Self::Host(error) => write!(f, "{error}; {}", Remedy(error)),
            Self::Colons | Self::DefaultPort(..) | Self::Port(_) => self.write_on_port(f),
        }
    }
}

impl PatternError {
    fn write_on_scheme(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::SchemeOfNoPage(scheme) => write!(
                f,
                "has the scheme `{scheme}`, which is no page's; write the scheme of the page that makes the call, such as `https`"
            ),
            Self::NoScheme(rest) => {
                write!(f, "has no scheme; an origin begins with one: write `https://{rest}`")
            }
            _ => write!(
                f,
                "does not begin with a scheme; write one of letters, digits, `+`, `-` and `.`, at most {MAX_SCHEME_BYTES} bytes, such as `https`"
            ),
        }
    }

    fn write_on_wildcard(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::WildcardOnIp => {
                "has `*.` in front of an IP address, which has no subdomains; write the address alone"
            }
            _ => {
                "has a `*` in a place where it means nothing; write it as the whole first label (`https://*.example.com`) or as the port (`https://example.com:*`)"
            }
        })
    }

    fn write_on_port(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let fault = match self {
            Self::DefaultPort(port, rest) => {
                return write!(
                    f,
                    "has the port {port}, which browsers leave out for this scheme; write `{rest}`"
                );
            }
            Self::Port(PortError::NotANumber) => "has a port that is not a number",
            Self::Port(PortError::LeadingZero) => "has a port that begins with a zero",
            Self::Port(PortError::OutOfRange) => "has a port out of range",
            _ => {
                return f.write_str(
                    "has more than one `:` after the scheme; write one port, and an IPv6 address in brackets, as in `http://[::1]:8080`",
                );
            }
        };
        write!(f, "{fault}; write a port from 1 to 65535, or `*` for any")
    }
}

/// What to write instead of a host that is none.
struct Remedy<'a>(&'a HostError);

impl fmt::Display for Remedy<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            HostError::Empty => f.write_str("write one after `://`, as in `https://app.example.com`"),
            HostError::TooLong | HostError::LabelTooLong => {
                f.write_str("no name in the DNS is that long, check it")
            }
            HostError::EmptyLabel => f.write_str("write one dot between two labels"),
            HostError::TrailingDot => f.write_str("write the host without it"),
            HostError::Character(_) => f.write_str("write lower-case letters, digits, `-`, `_` and `.` only"),
            HostError::Ipv4 => f.write_str("write four decimal numbers from 0 to 255, as in `192.0.2.1`"),
            HostError::Ipv6 => f.write_str("write one as browsers do, as in `http://[2001:db8::1]`"),
            HostError::Ipv6Form(address) => write!(f, "write it as `[{address}]`"),
            HostError::Ipv4Mapped(address) => write!(f, "write that, `{address}`"),
        }
    }
}
