//! Whether a host is a public suffix, under which anyone can register a name: <https://publicsuffix.org/list/>.

use super::public_suffix_rules::{Kind, PLAIN_BITS, Rules, hash, split};

include!(concat!(env!("OUT_DIR"), "/public_suffixes.rs"));

/// Whether the host is a public suffix, by the list with its private section. A single label that the list does not
/// know is one, as the list's algorithm has it.
#[must_use]
pub fn is_public_suffix(host: &str) -> bool {
    let Some((_label, parent)) = host.split_once('.') else { return true };
    !EXCEPTIONS.contains(&host) && (is_rule(Kind::Suffix, host) || is_rule(Kind::AllBelow, parent))
}

/// The registrable domain of a host: its public suffix and one more label. `None` if it is a public suffix itself.
#[must_use]
pub fn registrable_domain(mut host: &str) -> Option<&str> {
    if is_public_suffix(host) {
        return None;
    }
    // The longest suffix counts. A single label is a suffix, so this ends.
    while let Some((_label, parent)) = host.split_once('.') {
        if is_public_suffix(parent) {
            return Some(host);
        }
        host = parent;
    }
    None
}

/// Whether there are public suffixes below the host, which need not be one itself: one label below or deeper.
#[must_use]
pub fn is_parent_of_public_suffixes(host: &str) -> bool {
    is_rule(Kind::AllBelow, host) || is_rule(Kind::Above, host)
}

fn is_rule(kind: Kind, name: &str) -> bool {
    let (block, wanted) = split(hash(kind, name));
    let mut bounds = RULES.starts.iter().skip(block).map(|start| usize::from(*start));
    let (Some(start), Some(end)) = (bounds.next(), bounds.next()) else { return false };
    let mut gaps = Gaps { rest: RULES.gaps.get(start..end).unwrap_or_default(), held: 0, count: 0 };
    let mut least = 0_u32;
    while let Some(gap) = gaps.next() {
        let rule = least.saturating_add(gap);
        if rule >= wanted {
            return rule == wanted;
        }
        least = rule.saturating_add(1);
    }
    false
}

/// Reads the gaps of a block.
struct Gaps<'a> {
    rest: &'a [u8],
    /// Bits taken from `rest`, starting with the highest, with zeros behind them.
    held: u64,
    /// How many were taken.
    count: u32,
}

impl Gaps<'_> {
    /// The ones at the end of a block are not a gap: no zero follows.
    fn next(&mut self) -> Option<u32> {
        let mut above = 0_u32;
        loop {
            self.fill();
            let ones = self.held.leading_ones();
            above = above.saturating_add(ones);
            if ones < self.count {
                self.skip(ones.saturating_add(1));
                break;
            }
            self.skip(ones);
            if self.rest.is_empty() {
                return None;
            }
        }
        self.fill();
        let plain = u32::try_from(self.held >> (u64::BITS - PLAIN_BITS)).ok()?;
        self.skip(PLAIN_BITS);
        Some(above << PLAIN_BITS | plain)
    }

    fn fill(&mut self) {
        while let (Some((byte, rest)), Some(room)) = (self.rest.split_first(), 56_u32.checked_sub(self.count))
        {
            self.held |= u64::from(*byte) << room;
            self.count = self.count.saturating_add(u8::BITS);
            self.rest = rest;
        }
    }

    fn skip(&mut self, bits: u32) {
        self.held = self.held.checked_shl(bits).unwrap_or_default();
        self.count = self.count.saturating_sub(bits);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use publicsuffix::{List, Psl};

    const LIST: &str = include_str!("../../data/public_suffix_list.dat");

    /// Where `publicsuffix` 2.3.0 is wrong: `*.cloud.int.apple` matches `r.cloud.int.apple`, but it stops looking
    /// for that rule once it has seen the longer `*.r.cloud.int.apple`.
    fn is_known_disagreement(host: &str) -> bool {
        let parent = host.split_once('.').is_some_and(|(_, parent)| is_rule(Kind::AllBelow, parent));
        parent && is_rule(Kind::AllBelow, host)
    }

    /// Whether both say the same; no suffix may pass for none, so only the other way is an answer.
    #[track_caller]
    fn agrees(list: &List, host: &str) -> bool {
        let suffix = list.suffix(host.as_bytes()).expect("a host has a suffix");
        let is_suffix = (suffix.as_bytes() == host.as_bytes()) != is_known_disagreement(host);
        assert!(is_public_suffix(host) || !is_suffix, "{host} is a public suffix");
        is_public_suffix(host) == is_suffix
    }

    /// Each rule, what is above and what is below it, against an implementation that parses the list itself.
    #[test]
    fn the_whole_list_agrees_with_another_implementation() {
        let list: List = LIST.parse().unwrap();
        let rules = LIST.lines().filter_map(|line| line.split_whitespace().next());
        let (mut count, mut alike) = (0, Vec::new());
        for rule in rules.filter(|rule| !rule.starts_with("//")) {
            let name = rule.trim_start_matches("*.").trim_start_matches('!');
            let name: String = idna::domain_to_ascii(name).unwrap();
            let labels = ["www", "xn--55qx5d"];
            let below =
                labels.iter().flat_map(|label| [format!("{label}.{name}"), format!("a.{label}.{name}")]);
            let above = name.split_once('.').map(|(_, parent)| parent.to_owned());
            alike.extend(below.chain(above).chain([name.clone()]).filter(|host| !agrees(&list, host)));
            count += 1;
        }
        assert!(count > 10_000, "{count} rules");
        // Some 50,000 names, one in 28,000 of which may have the hash of a rule.
        assert!(alike.len() < 8, "{alike:?}");
    }

    /// These have, among the hashes of 28 bits, that of an exception.
    #[test]
    fn no_name_passes_for_an_exception() {
        for host in
            ["wev.jm", "hy8.ck", "and.us-east-1.rds.amazonaws.com", "wki.inbrowser.link", "nj1.run.app"]
        {
            assert!(is_public_suffix(host), "{host}");
        }
        assert_eq!(EXCEPTIONS.len(), LIST.lines().filter(|line| line.starts_with('!')).count());
    }

    #[test]
    fn rules_of_each_form() {
        for host in ["com", "github.io", "co.uk", "unknowntld", "x.ck", "xn--55qx5d.cn", "pages.dev"] {
            assert!(is_public_suffix(host), "{host}");
        }
        for host in ["example.com", "a.github.io", "www.ck", "a.www.ck", "foo.unknowntld"] {
            assert!(!is_public_suffix(host), "{host}");
        }
        for host in ["ck", "kawasaki.jp", "amazonaws.com", "us-west-2.amazonaws.com", "run.app", "fastly.net"]
        {
            assert!(is_parent_of_public_suffixes(host), "{host}");
        }
        for host in ["example.com", "github.io", "s3.amazonaws.com", "a.run.app", "www.ck"] {
            assert!(!is_parent_of_public_suffixes(host), "{host}");
        }
        assert!(!is_public_suffix("kawasaki.jp") && is_public_suffix("x.kawasaki.jp"));
    }
}
