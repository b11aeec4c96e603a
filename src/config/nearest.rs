//! The known name nearest to a mistyped one.

/// Names longer than this are not compared in full: no known one comes near.
const MAX_COMPARED_CHARS: usize = 64;

/// What `name` was probably meant to be, as messages put it: `did you mean ...?` with the nearest candidate, or where
/// none is near all of them.
pub fn guess(name: &str, candidates: &[&str]) -> String {
    match nearest(name, candidates) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("write one of `{}`", candidates.join("`, `")),
    }
}

/// The candidate that `name` is a whole part of, else the one that takes the fewest changes of one character, case
/// aside; none if more than half of it would change.
fn nearest<'a>(name: &str, candidates: &[&'a str]) -> Option<&'a str> {
    let lower = name.to_lowercase();
    let written: Vec<char> = lower.chars().take(MAX_COMPARED_CHARS).collect();
    let is_part = |candidate: &&&str| candidate.split(['_', '-']).any(|word| word == lower);
    if let Some(whole) = candidates.iter().find(is_part) {
        return Some(whole);
    }
    let near = candidates.iter().min_by_key(|candidate| distance(&written, candidate))?;
    let is_near = distance(&written, near).saturating_mul(2) <= near.len();
    is_near.then_some(*near)
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
    fn the_nearest_is_named_if_one_is_near() {
        let known = ["allow_origins", "allow_credentials", "max_age", "mode"];
        assert_eq!(nearest("alow_credentials", &known), Some("allow_credentials"));
        assert_eq!(nearest("MAXAGE", &known), Some("max_age"));
        assert_eq!(nearest("origins", &known), Some("allow_origins"));
        assert_eq!(nearest("shadow_enabled", &known), None);
        assert_eq!(nearest(&"x".repeat(100_000), &known), None);
        assert_eq!(guess("maxage", &known), "did you mean `max_age`?");
        assert_eq!(
            guess("x", &known),
            "write one of `allow_origins`, `allow_credentials`, `max_age`, `mode`"
        );
    }
}
