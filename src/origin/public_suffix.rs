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

/// Whether there are public suffixes below the host, which need not be one itself: one label below or deeper.
#[must_use]
pub fn is_parent_of_public_suffixes(host: &str) -> bool {
    is_rule(Kind::AllBelow, host) || is_rule(Kind::Above, host)
}

fn is_rule(kind: Kind, name: &str) -> bool {
    let (block, wanted) = split(hash(kind, name));
    let mut bounds = RULES.starts.iter().skip(block).map(|start| usize::from(*start));
    let (Some(start), Some(end)) = (bounds.next(), bounds.next()) else { return false };
    let mut bits = bits(RULES.gaps.get(start..end).unwrap_or_default());
    let mut least = 0_u32;
    while let Some(gap) = next_gap(&mut bits) {
        let rule = least.saturating_add(gap);
        if rule >= wanted {
            return rule == wanted;
        }
        least = rule.saturating_add(1);
    }
    false
}

fn bits(bytes: &[u8]) -> impl Iterator<Item = u32> {
    let bit = |at: usize| bytes.get(at / 8).map(|byte| u32::from(byte.reverse_bits()) >> (at % 8) & 1);
    (0..).map_while(bit)
}

/// The ones at the end of a block are no gap: no zero follows.
fn next_gap(bits: &mut impl Iterator<Item = u32>) -> Option<u32> {
    let above = bits.take_while(|bit| *bit == 1).count();
    let gap = u32::try_from(above).ok()?;
    (0..PLAIN_BITS).try_fold(gap, |gap, _| Some(gap << 1 | bits.next()?))
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
