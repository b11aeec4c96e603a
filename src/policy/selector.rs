//! Which requests a policy is for: by host, by path, by route.

use crate::request::path::is_below;
use crate::request::readings::decoded;

/// A choice of requests. Every kind that is given must match; within a kind any entry may.
#[derive(Debug, Default)]
pub struct Selector {
    /// Hosts.
    pub hosts: Option<Vec<HostPattern>>,
    /// Prefixes of paths.
    pub paths: Option<Vec<PathPrefix>>,
    /// Names of routes.
    pub routes: Option<Vec<RoutePattern>>,
    /// Whether only requests with an `Origin` that the policy allows are chosen. The selector does not know who that is:
    /// whoever asks it has to ask the policy too.
    pub allowed_origins_only: bool,
}

/// A prefix of whole segments of a path, as it is written and as what it means percent-decoded once and twice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathPrefix {
    written: Box<str>,
    /// Where these are others. A slash at their end was written to mean one.
    decoded: Box<[Box<[u8]>]>,
}

/// The name of a route, or what it begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RoutePattern {
    /// This name.
    Exact(Box<str>),
    /// Every name that begins so.
    Prefix(Box<str>),
}

/// A host, or all its subdomains; in lower case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostPattern {
    /// This host.
    Exact(Box<str>),
    /// Every host with one or more labels in front of this one.
    Subdomains(Box<str>),
}

/// What selectors look at, as far as some selector does.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// `:authority` without its port, in lower case.
    pub host: Vec<u8>,
    /// `:path` without its query.
    pub path: Vec<u8>,
    /// The name of the route that Envoy chose.
    pub route: Vec<u8>,
}

impl Selector {
    /// Whether a request is chosen whose path is read in this way, as far as that does not depend on its origin.
    #[must_use]
    pub fn selects(&self, target: &Target, path: &[u8]) -> bool {
        self.selects_but_for_path(target) && any(self.paths.as_deref(), |prefix| prefix.matches(path))
    }

    /// Whether the request is chosen, its path and its origin disregarded.
    #[must_use]
    pub fn selects_but_for_path(&self, target: &Target) -> bool {
        any(self.hosts.as_deref(), |host| host.matches(&target.host))
            && any(self.routes.as_deref(), |route| route.matches(&target.route))
    }

    /// Whether every request with a certain host and route is chosen, whatever its path and its origin.
    #[must_use]
    pub fn selects_by_target_alone(&self) -> bool {
        self.paths.is_none() && !self.allowed_origins_only
    }
}

impl Selector {
    /// Selectors of one entry of each kind that is given; together they choose what this one does.
    pub fn parts(&self) -> impl Iterator<Item = Self> {
        alone(self.hosts.as_deref()).flat_map(move |hosts| {
            alone(self.paths.as_deref()).flat_map(move |paths| {
                let hosts = hosts.clone();
                let of_route = move |routes| {
                    let allowed_origins_only = self.allowed_origins_only;
                    Self { hosts: hosts.clone(), paths: paths.clone(), routes, allowed_origins_only }
                };
                alone(self.routes.as_deref()).map(of_route)
            })
        })
    }
}

fn alone<T: Clone>(entries: Option<&[T]>) -> impl Iterator<Item = Option<Vec<T>>> {
    let none = entries.is_none().then_some(None);
    let each = entries.unwrap_or_default().iter().map(|entry| Some(vec![entry.clone()]));
    none.into_iter().chain(each)
}

fn any<T>(entries: Option<&[T]>, matches: impl Fn(&T) -> bool) -> bool {
    entries.is_none_or(|entries| entries.iter().any(matches))
}

impl PathPrefix {
    /// Prepares a prefix; the slash at its end means nothing.
    #[must_use]
    pub fn new(written: &str) -> Self {
        let written = written.trim_end_matches('/');
        let mut decodings: Vec<Box<[u8]>> = Vec::new();
        let mut text = written.as_bytes().to_vec();
        for _ in 0..2 {
            let other = decoded(&text);
            if other == text {
                break;
            }
            decodings.push(other.clone().into());
            text = other;
        }
        Self { written: written.into(), decoded: decodings.into() }
    }

    /// The prefix as it is written, without a slash at its end; that of every path is empty.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// Whether a path, read in this way, is the prefix or below it.
    #[must_use]
    pub fn matches(&self, path: &[u8]) -> bool {
        is_below(path, self.written.as_bytes()) || self.decoded.iter().any(|prefix| is_below(path, prefix))
    }
}

impl RoutePattern {
    fn matches(&self, route: &[u8]) -> bool {
        match self {
            Self::Exact(name) => name.as_bytes() == route,
            Self::Prefix(prefix) => route.starts_with(prefix.as_bytes()),
        }
    }
}

impl HostPattern {
    fn matches(&self, host: &[u8]) -> bool {
        match self {
            Self::Exact(name) => name.as_bytes() == host,
            Self::Subdomains(base) => host
                .strip_suffix(base.as_bytes())
                .and_then(|front| front.strip_suffix(b"."))
                .is_some_and(|labels| !labels.is_empty()),
        }
    }
}

/// The host of an authority, without its port and without a dot at its end, in lower case.
#[must_use]
pub fn host_of(mut authority: Vec<u8>) -> Vec<u8> {
    authority.make_ascii_lowercase();
    let digits = authority.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    let before_digits = authority.len().saturating_sub(digits);
    if let Some(colon) = before_digits.checked_sub(1) {
        let is_port = authority.get(colon) == Some(&b':');
        let is_name_or_bracketed =
            authority.get(..colon).is_some_and(|host| host.ends_with(b"]") || !host.contains(&b':'));
        if is_port && is_name_or_bracketed {
            authority.truncate(colon);
        }
    }
    // In the DNS `example.com.` is `example.com`.
    if authority.last() == Some(&b'.') {
        authority.pop();
    }
    authority
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts() {
        assert_eq!(host_of(b"API.example.com:8443".to_vec()), b"api.example.com");
        assert_eq!(host_of(b"api.example.com.:80".to_vec()), b"api.example.com");
        assert_eq!(host_of(b"[::1]:80".to_vec()), b"[::1]");
        assert_eq!(host_of(b"[::1]".to_vec()), b"[::1]");
        assert_eq!(host_of(b"127.0.0.1".to_vec()), b"127.0.0.1");
        assert_eq!(host_of(b"\xff:".to_vec()), b"\xff");
        assert_eq!(host_of(b"::1".to_vec()), b"::1");
        assert_eq!(host_of(Vec::new()), b"");
        let subdomains = HostPattern::Subdomains("example.com".into());
        assert!(subdomains.matches(b"a.example.com") && subdomains.matches(b"a.b.example.com"));
        for host in [&b"example.com"[..], b".example.com", b"evilexample.com", b"a.example.com.evil.org"] {
            assert!(!subdomains.matches(host), "{}", host.escape_ascii());
        }
    }

    #[test]
    fn every_kind_must_match() {
        let selector = Selector {
            hosts: Some(vec![HostPattern::Exact("a".into())]),
            paths: Some(vec![PathPrefix::new("/x"), PathPrefix::new("/y/")]),
            routes: Some(vec![RoutePattern::Exact("r".into())]),
            allowed_origins_only: false,
        };
        let target =
            |host: &str, route: &str| Target { host: host.into(), path: Vec::new(), route: route.into() };
        assert!(selector.selects(&target("a", "r"), b"/y"));
        assert!(!selector.selects(&target("b", "r"), b"/y"));
        assert!(!selector.selects(&target("a", "r"), b"/z"));
        assert!(!selector.selects(&target("a", "s"), b"/y"));
        assert!(selector.selects_but_for_path(&target("a", "r")));
    }

    #[test]
    fn routes() {
        let exact = RoutePattern::Exact("shop".into());
        assert!(exact.matches(b"shop") && !exact.matches(b"shop/api") && !exact.matches(b""));
        let prefix = RoutePattern::Prefix("shop/".into());
        assert!(prefix.matches(b"shop/api") && prefix.matches(b"shop/") && !prefix.matches(b"shop"));
    }

    /// Readings are decoded, and what is written may be encoded.
    #[test]
    fn a_prefix_is_compared_decoded_too() {
        let prefix = PathPrefix::new("/a%2520b/");
        for path in [&b"/a%2520b"[..], b"/a%20b/x", b"/a b"] {
            assert!(prefix.matches(path), "{}", path.escape_ascii());
        }
        for path in [&b"/a%2520bc"[..], b"/a  b", b"/A b", b"/a"] {
            assert!(!prefix.matches(path), "{}", path.escape_ascii());
        }
        assert!(PathPrefix::new("/").matches(b"/a"));
        // A queue whose name is a slash is not every queue.
        let slash = PathPrefix::new("/q/%252F");
        assert!(slash.matches(b"/q/%2F/a") && slash.matches(b"/q//") && slash.matches(b"/q///a"));
        assert!(!slash.matches(b"/q/a") && !slash.matches(b"/q//a"));
        assert!(PathPrefix::new("/%ff").matches(b"/\xff/x"));
    }
}
