//! Whether a host is a public suffix, under which anyone can register a name: <https://publicsuffix.org/list/>.

use crate::public_suffix_rules::{Rules, hash};

include!(concat!(env!("OUT_DIR"), "/public_suffixes.rs"));

/// Whether the host is a public suffix, by the list with its private section. A single label that the list does not
/// know is one, as the list's algorithm has it.
#[must_use]
pub fn is_public_suffix(host: &str) -> bool {
    let Some((_label, parent)) = host.split_once('.') else { return true };
    !is_rule("!", host) && (is_rule("", host) || is_rule("*.", parent))
}

/// Whether every name directly below the host is a public suffix, though the host itself need not be one.
#[must_use]
pub fn is_parent_of_public_suffixes(host: &str) -> bool {
    is_rule("*.", host)
}

fn is_rule(sign: &str, name: &str) -> bool {
    let [first, rest @ ..] = hash(sign, name).to_be_bytes();
    let mut bounds = RULES.starts.iter().skip(usize::from(first)).map(|start| usize::from(*start));
    let (Some(start), Some(end)) = (bounds.next(), bounds.next()) else { return false };
    RULES.rest.get(start..end).is_some_and(|alike| alike.binary_search(&rest).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use publicsuffix::{List, Psl};

    const LIST: &str = include_str!("../data/public_suffix_list.dat");

    /// Where `publicsuffix` 2.3.0 is wrong: `*.cloud.int.apple` matches `r.cloud.int.apple`, but it stops looking
    /// for that rule once it has seen the longer `*.r.cloud.int.apple`.
    fn is_known_disagreement(host: &str) -> bool {
        let parent = host.split_once('.').is_some_and(|(_, parent)| is_parent_of_public_suffixes(parent));
        parent && is_parent_of_public_suffixes(host)
    }

    #[track_caller]
    fn agree(list: &List, host: &str) {
        let suffix = list.suffix(host.as_bytes()).expect("a host has a suffix");
        let agrees = is_public_suffix(host) == (suffix.as_bytes() == host.as_bytes());
        assert_eq!(agrees, !is_known_disagreement(host), "{host}");
    }

    /// Each rule, what is above and what is below it, against an implementation that parses the list itself.
    #[test]
    fn the_whole_list_agrees_with_another_implementation() {
        let list: List = LIST.parse().unwrap();
        let rules = LIST.lines().filter_map(|line| line.split_whitespace().next());
        let mut count = 0;
        for rule in rules.filter(|rule| !rule.starts_with("//")) {
            let name = rule.trim_start_matches("*.").trim_start_matches('!');
            let name: String = idna::domain_to_ascii(name).unwrap();
            agree(&list, &name);
            for label in ["www", "xn--55qx5d", "a-1"] {
                agree(&list, &format!("{label}.{name}"));
                agree(&list, &format!("a.{label}.{name}"));
            }
            if let Some((_, parent)) = name.split_once('.') {
                agree(&list, parent);
            }
            count += 1;
        }
        assert!(count > 10_000, "{count} rules");
    }

    #[test]
    fn rules_of_each_form() {
        for host in ["com", "github.io", "co.uk", "unknowntld", "x.ck", "xn--55qx5d.cn", "pages.dev"] {
            assert!(is_public_suffix(host), "{host}");
        }
        for host in ["example.com", "a.github.io", "www.ck", "a.www.ck", "foo.unknowntld"] {
            assert!(!is_public_suffix(host), "{host}");
        }
        assert!(is_parent_of_public_suffixes("ck") && is_parent_of_public_suffixes("kawasaki.jp"));
        assert!(!is_public_suffix("kawasaki.jp") && is_public_suffix("x.kawasaki.jp"));
    }
}
