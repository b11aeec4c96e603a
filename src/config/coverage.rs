//! Policies that can never apply, because an earlier one matches everything that they match.

use crate::origin::numbering::Numbering;
use crate::policy::selector::{HostPattern, RoutePattern, Selector};

/// How many prefixes of a path are looked up: more segments than a real path has, but few enough to avoid quadratic
/// work.
const MAX_PREFIXES: usize = 100;

const HOSTS: u8 = 1;
const PATHS: u8 = 2;
const ROUTES: u8 = 4;
const EVERY_KIND: u8 = HOSTS | PATHS | ROUTES;

/// A part of a key: the subdomains of a host, where `HOSTS` is the host itself.
const SUBDOMAINS: u8 = 8;
/// A part of a key: what the name of a route begins with, where `ROUTES` is the name itself.
const ROUTE_PREFIX: u8 = 16;
/// The longest prefix of a route that is looked up, in bytes, so that long names do not cause quadratic work.
const MAX_ROUTE_PREFIX: usize = 256;

/// What policies match, and which of them has matched all of it before.
///
/// A policy covers another if it has only kinds that the other has too, and in each of these kinds an entry that is as
/// wide or wider for every entry of the other. The entry that the fewest policies cover narrows down the candidates, so
/// the work grows little faster than the number of policies, even if thousands share a host.
#[derive(Default)]
pub struct Coverage {
    by_entry: Numbering,
    /// The places of the policies that have an entry, by the entry's number.
    places: Vec<Vec<usize>>,
    everything: Option<usize>,
}

/// An entry: its kind, and every entry that is as wide or wider.
struct Entry<'a> {
    kind: u8,
    wider: Vec<(u8, &'a str)>,
}

impl Coverage {
    /// Adds the policy at a place, which comes after the places of all policies added so far.
    pub fn add(&mut self, place: usize, selector: &Selector) {
        let entries = entries(selector);
        let kinds = kinds(&entries);
        if kinds == 0 {
            self.everything = self.everything.or(Some(place));
        }
        for Entry { wider, .. } in &entries {
            // The first is the entry itself.
            for (part, text) in wider.iter().take(1) {
                self.note(&key(kinds, *part, text), place);
            }
        }
    }

    fn note(&mut self, key: &[u8], place: usize) {
        match self.by_entry.get(key).and_then(|number| self.places.get_mut(number as usize)) {
            Some(places) if places.last() == Some(&place) => {}
            Some(places) => places.push(place),
            None => {
                self.by_entry.set(key, u32::try_from(self.places.len()).unwrap_or(u32::MAX));
                self.places.push(vec![place]);
            }
        }
    }

    fn places_of(&self, key: &[u8]) -> Option<&[usize]> {
        self.places.get(self.by_entry.get(key)? as usize).map(Vec::as_slice)
    }

    /// The place of the first policy that matches every request.
    pub fn everything(&self) -> Option<usize> {
        self.everything
    }

    /// The place of a policy that matches everything that the selector matches.
    pub fn covering(&self, selector: &Selector) -> Option<usize> {
        let entries = entries(selector);
        let all = kinds(&entries);
        let subsets = (1..=EVERY_KIND).filter(|kinds| kinds & !all == 0);
        self.everything.or(subsets.filter_map(|kinds| self.covering_with(kinds, &entries)).min())
    }

    /// The first policy that has only these kinds.
    fn covering_with(&self, kinds: u8, entries: &[Entry<'_>]) -> Option<usize> {
        let mut fewest: Option<(usize, &Entry<'_>)> = None;
        for entry in entries.iter().filter(|entry| entry.kind & kinds != 0) {
            let count = self.lists(kinds, entry).map(<[usize]>::len).sum();
            if fewest.is_none_or(|(least, _)| count < least) {
                fewest = Some((count, entry));
            }
            if count == 0 {
                return None;
            }
        }
        let (_, rarest) = fewest?;
        let covers = |place: &usize| {
            entries
                .iter()
                .filter(|entry| entry.kind & kinds != 0)
                .all(|entry| self.lists(kinds, entry).any(|list| list.binary_search(place).is_ok()))
        };
        self.lists(kinds, rarest).flatten().copied().find(covers)
    }

    /// The places of the policies of these kinds that cover the entry, with a list for each of their entries.
    fn lists<'b>(&'b self, kinds: u8, entry: &'b Entry<'_>) -> impl Iterator<Item = &'b [usize]> {
        entry.wider.iter().filter_map(move |(part, text)| self.places_of(&key(kinds, *part, text)))
    }
}

/// The key of an entry in a policy that has exactly these kinds.
fn key(kinds: u8, part: u8, text: &str) -> Vec<u8> {
    let mut key = vec![kinds, part];
    key.extend(text.bytes());
    key
}

fn kinds(entries: &[Entry<'_>]) -> u8 {
    entries.iter().fold(0, |kinds, entry| kinds | entry.kind)
}

/// The entries of a selector, without the kinds that match everything.
fn entries(selector: &Selector) -> Vec<Entry<'_>> {
    let mut entries = Vec::new();
    for host in selector.hosts.as_deref().unwrap_or_default() {
        entries.push(Entry { kind: HOSTS, wider: wider_hosts(host) });
    }
    let paths = selector.paths.as_deref().unwrap_or_default();
    if !paths.iter().any(|path| path.as_str().is_empty()) {
        for path in paths {
            entries.push(Entry { kind: PATHS, wider: wider_paths(path.as_str()) });
        }
    }
    for route in selector.routes.as_deref().unwrap_or_default() {
        entries.push(Entry { kind: ROUTES, wider: wider_routes(route) });
    }
    entries
}

fn wider_hosts(host: &HostPattern) -> Vec<(u8, &str)> {
    let (part, mut rest) = match host {
        HostPattern::Exact(name) => (HOSTS, &**name),
        HostPattern::Subdomains(base) => (SUBDOMAINS, &**base),
    };
    let mut wider = vec![(part, rest)];
    while let Some((_, parent)) = rest.split_once('.') {
        wider.push((SUBDOMAINS, parent));
        rest = parent;
    }
    wider
}

fn wider_routes(route: &RoutePattern) -> Vec<(u8, &str)> {
    let (part, text) = match route {
        RoutePattern::Exact(name) => (ROUTES, &**name),
        RoutePattern::Prefix(prefix) => (ROUTE_PREFIX, &**prefix),
    };
    let mut wider = vec![(part, text)];
    for end in 0..=text.len().min(MAX_ROUTE_PREFIX) {
        wider.extend(text.get(..end).map(|prefix| (ROUTE_PREFIX, prefix)));
    }
    wider
}

fn wider_paths(path: &str) -> Vec<(u8, &str)> {
    let mut wider = vec![(PATHS, path)];
    for (at, _) in path.match_indices('/').skip(1).take(MAX_PREFIXES) {
        wider.extend(path.get(..at).map(|prefix| (PATHS, prefix)));
    }
    wider
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::selector::PathPrefix;

    fn selector(hosts: &[&str], paths: &[&str], routes: &[&str]) -> Selector {
        let host = |host: &&str| match host.strip_prefix("*.") {
            Some(base) => HostPattern::Subdomains(base.into()),
            None => HostPattern::Exact((*host).into()),
        };
        let path = |path: &&str| PathPrefix::new(path);
        let route = |route: &&str| match route.strip_suffix('*') {
            Some(prefix) => RoutePattern::Prefix(prefix.into()),
            None => RoutePattern::Exact((*route).into()),
        };
        Selector {
            hosts: (!hosts.is_empty()).then(|| hosts.iter().map(host).collect()),
            paths: (!paths.is_empty()).then(|| paths.iter().map(path).collect()),
            routes: (!routes.is_empty()).then(|| routes.iter().map(route).collect()),
            allowed_origins_only: false,
        }
    }

    type Kinds<'a> = (&'a [&'a str], &'a [&'a str], &'a [&'a str]);

    #[track_caller]
    fn check(earlier: Kinds<'_>, later: Kinds<'_>, is_covered: bool) {
        let [earlier, later] = [earlier, later].map(|(hosts, paths, routes)| selector(hosts, paths, routes));
        let mut coverage = Coverage::default();
        coverage.add(7, &earlier);
        assert_eq!(coverage.covering(&later), is_covered.then_some(7));
    }

    #[test]
    fn hosts_are_covered_by_whole_labels() {
        let hosts = |earlier, later, is_covered| check((earlier, &[], &[]), (later, &[], &[]), is_covered);
        hosts(&["a.example"], &["a.example"], true);
        hosts(&["*.example"], &["a.example"], true);
        hosts(&["*.example"], &["a.b.example"], true);
        hosts(&["*.example"], &["*.example"], true);
        hosts(&["*.example"], &["*.a.example"], true);
        hosts(&["*.example"], &["example"], false);
        hosts(&["*.a.example"], &["*.example"], false);
        hosts(&["a.example"], &["*.a.example"], false);
        hosts(&["*.ample"], &["*.example"], false);
        hosts(&["*.a.example"], &["xa.example"], false);
        hosts(&["a.example", "*.b.example"], &["c.b.example", "a.example"], true);
        hosts(&["a.example", "*.b.example"], &["c.b.example", "c.example"], false);
        hosts(&["a.example"], &[], false);
        hosts(&[], &["a.example"], true);
    }

    #[test]
    fn paths_are_covered_by_whole_segments() {
        let paths = |earlier, later, is_covered| check((&[], earlier, &[]), (&[], later, &[]), is_covered);
        paths(&["/a"], &["/a"], true);
        paths(&["/a"], &["/a/b"], true);
        paths(&["/a"], &["/ab"], false);
        paths(&["/a/b"], &["/a"], false);
        paths(&["/"], &["/a", "/b"], true);
        paths(&["/"], &[], true);
        paths(&["/a"], &["/"], false);
        paths(&["/a"], &["/a/b", "/c"], false);
        paths(&["/a", "/c"], &["/a/b", "/c"], true);
    }

    #[test]
    fn routes_are_covered_by_prefixes() {
        let routes = |earlier, later, is_covered| check((&[], &[], earlier), (&[], &[], later), is_covered);
        routes(&["a"], &["a"], true);
        routes(&["a*"], &["a"], true);
        routes(&["a*"], &["ab", "ac*"], true);
        routes(&["*"], &["a"], true);
        routes(&["a"], &["a*"], false);
        routes(&["ab*"], &["a*"], false);
        routes(&["ab*"], &["a"], false);
    }

    #[test]
    fn every_kind_of_one_policy_must_cover() {
        check((&["*.a"], &["/x"], &["r"]), (&["b.a"], &["/x/y"], &["r"]), true);
        check((&["*.a"], &["/x"], &[]), (&["b.a"], &["/x/y"], &["r"]), true);
        check((&["*.a"], &["/x"], &["r"]), (&["b.a"], &["/x/y"], &["s"]), false);
        check((&["*.a"], &["/x"], &["r"]), (&["b.a"], &["/x/y"], &[]), false);
        check((&["*.a"], &["/"], &[]), (&["b.a"], &[], &["s"]), true);
        check((&[], &["/x"], &["r"]), (&["b.a"], &[], &["r"]), false);
        // Each covers a part, and the two together all of it.
        let [one, other] = [selector(&["a"], &[], &[]), selector(&["b"], &[], &[])];
        let mut coverage = Coverage::default();
        coverage.add(0, &one);
        coverage.add(1, &other);
        assert_eq!(coverage.covering(&selector(&["a", "b"], &[], &[])), None);
        assert_eq!(coverage.covering(&selector(&["b"], &["/x"], &[])), Some(1));
    }
}
