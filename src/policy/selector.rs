//! Which requests a policy is for: by host, by path, by route.

use crate::request::path::is_below;

/// A choice of requests. Every kind that is given must match; within a kind any entry may.
#[derive(Debug, Default)]
pub struct Selector {
    hosts: Option<Vec<HostPattern>>,
    /// Prefixes of whole segments, without a slash at the end.
    paths: Option<Vec<Box<str>>>,
    routes: Option<Vec<Box<str>>>,
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
    /// Chooses by hosts, by path prefixes and by the names of routes; `None` chooses all.
    #[must_use]
    pub fn new(
        hosts: Option<Vec<HostPattern>>,
        paths: Option<Vec<Box<str>>>,
        routes: Option<Vec<Box<str>>>,
    ) -> Self {
        Self { hosts, paths, routes }
    }

    /// Whether the request is chosen.
    #[must_use]
    pub fn selects(&self, target: &Target) -> bool {
        self.selects_but_for_path(target)
            && any(self.paths.as_deref(), |prefix| is_below(&target.path, prefix))
    }

    /// Whether the request is chosen, its path disregarded.
    #[must_use]
    pub fn selects_but_for_path(&self, target: &Target) -> bool {
        any(self.hosts.as_deref(), |host| host.matches(&target.host))
            && any(self.routes.as_deref(), |route| route.as_bytes() == target.route)
    }

    /// The hosts, if they matter.
    #[must_use]
    pub fn hosts(&self) -> Option<&[HostPattern]> {
        self.hosts.as_deref()
    }

    /// The prefixes of paths, if they matter; that of every path is empty.
    #[must_use]
    pub fn paths(&self) -> Option<&[Box<str>]> {
        self.paths.as_deref()
    }

    /// The names of routes, if they matter.
    #[must_use]
    pub fn routes(&self) -> Option<&[Box<str>]> {
        self.routes.as_deref()
    }

    /// Whether the host matters.
    #[must_use]
    pub fn looks_at_host(&self) -> bool {
        self.hosts.is_some()
    }

    /// Whether the path matters.
    #[must_use]
    pub fn looks_at_path(&self) -> bool {
        self.paths.is_some()
    }

    /// Whether the route matters.
    #[must_use]
    pub fn looks_at_route(&self) -> bool {
        self.routes.is_some()
    }
}

fn any<T>(entries: Option<&[T]>, matches: impl Fn(&T) -> bool) -> bool {
    entries.is_none_or(|entries| entries.iter().any(matches))
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
        let selector = Selector::new(
            Some(vec![HostPattern::Exact("a".into())]),
            Some(vec!["/x".into(), "/y".into()]),
            Some(vec!["r".into()]),
        );
        let target = |host: &str, path: &str, route: &str| Target {
            host: host.into(),
            path: path.into(),
            route: route.into(),
        };
        assert!(selector.selects(&target("a", "/y", "r")));
        for other in [target("b", "/y", "r"), target("a", "/z", "r"), target("a", "/y", "s")] {
            assert!(!selector.selects(&other));
        }
        assert!(selector.selects_but_for_path(&target("a", "/z", "r")));
    }
}
