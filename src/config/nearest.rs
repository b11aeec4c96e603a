//! The known name nearest to a mistyped one.

/// Names longer than this are not compared in full: no known one comes near.
const MAX_COMPARED_CHARS: usize = 64;

/// The candidate that takes the fewest changes of one character from `name`, case aside; the first of several.
pub fn nearest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let written: Vec<char> = name.to_lowercase().chars().take(MAX_COMPARED_CHARS).collect();
    candidates.min_by_key(|candidate| distance(&written, candidate))
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

    #[test]
    fn the_nearest_is_named() {
        let known = ["allow_origins", "allow_credentials", "max_age"];
        assert_eq!(nearest("alow_credentials", known.into_iter()), Some("allow_credentials"));
        assert_eq!(nearest("MAXAGE", known.into_iter()), Some("max_age"));
        assert_eq!(nearest(&"x".repeat(100_000), known.into_iter()), Some("max_age"));
    }
}
