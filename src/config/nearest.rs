//! The known name nearest to a mistyped one.

/// Names longer than this are not compared in full, because no known name is close to them.
const MAX_COMPARED_CHARS: usize = 64;

/// The shortest text that counts as the beginning of a word, in bytes.
const MIN_PART_BYTES: usize = 4;

/// What `name` was probably meant to be, as messages put it: `did you mean ...?` with the nearest candidate, or, if
/// none is near, all candidates with the nearest first.
pub fn guess(name: &str, candidates: &[&str]) -> String {
    let lower = name.to_ascii_lowercase();
    let written: Vec<char> = lower.chars().take(MAX_COMPARED_CHARS).collect();
    let begins_word = |candidate: &str| candidate.split(['_', '-']).any(|word| word.starts_with(&lower));
    let distance = |candidate: &str| distance(&written, &candidate.to_ascii_lowercase());
    // There are so few that a sort would only be more code.
    let mut by_distance: Vec<&str> = Vec::new();
    for candidate in candidates {
        let at = by_distance.partition_point(|nearer| distance(nearer) <= distance(candidate));
        by_distance.insert(at, candidate);
    }
    let part = by_distance.iter().find(|candidate| lower.len() >= MIN_PART_BYTES && begins_word(candidate));
    // If more than half of it has to change, it is another word.
    let is_near = |near: &&&str| distance(near).saturating_mul(2) <= near.len();
    match part.or(by_distance.first().filter(is_near)) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of `{}`", by_distance.join("`, `")),
    }
}

/// The Levenshtein distance, <https://en.wikipedia.org/wiki/Levenshtein_distance>.
fn distance(written: &[char], candidate: &str) -> usize {
    // `costs[i]` turns the first `i` characters written into the part of the candidate seen so far.
    let mut costs: Vec<usize> = (0..=written.len()).collect();
    for (row, wanted) in candidate.chars().enumerate() {
        let mut left = row.saturating_add(1);
        let mut next = vec![left];
        for ((above_left, above), c) in costs.iter().zip(costs.iter().skip(1)).zip(written) {
            let replaced = above_left.saturating_add(usize::from(*c != wanted));
            left = replaced.min(above.saturating_add(1)).min(left.saturating_add(1));
            next.push(left);
        }
        costs = next;
    }
    costs.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances() {
        let between = |a: &str, b| distance(&a.chars().collect::<Vec<_>>(), b);
        assert_eq!((between("", ""), between("", "abc"), between("abc", "")), (0, 3, 3));
        assert_eq!((between("kitten", "sitting"), between("flaw", "lawn")), (3, 2));
    }

    #[track_caller]
    fn check(name: &str, expected: &str) {
        assert_eq!(guess(name, &["allow_origins", "allow_credentials", "max_age", "mode"]), expected);
    }

    #[test]
    fn the_nearest_is_named_if_one_is_near() {
        check("alow_credentials", "did you mean `allow_credentials`?");
        check("MAXAGE", "did you mean `max_age`?");
        check("origin", "did you mean `allow_origins`?");
        check("maxage", "did you mean `max_age`?");
    }

    #[test]
    fn else_all_are_the_nearest_first() {
        check("x", "write one of `mode`, `max_age`, `allow_origins`, `allow_credentials`");
        check("", "write one of `mode`, `max_age`, `allow_origins`, `allow_credentials`");
        check(&"x".repeat(100_000), "write one of `max_age`, `allow_origins`, `allow_credentials`, `mode`");
    }
}
