//! Sets of ASCII characters. An origin contains no others, so it does not matter here what an expression says about
//! them.

/// A set of ASCII characters, one bit for each.
pub type Set = u128;

/// Every letter in lower case.
pub const LOWER: Set = range(b'a', b'z');
/// Every decimal digit.
pub const DIGITS: Set = range(b'0', b'9');
/// What a host name is made of, its dots apart.
pub const LABEL: Set = LOWER | DIGITS | one(b'-') | one(b'_');
/// What a scheme is made of, <https://url.spec.whatwg.org/#url-scheme-string>.
pub const SCHEME: Set = LOWER | DIGITS | one(b'+') | one(b'-') | one(b'.');
/// Every character that a serialized origin can hold.
pub const ORIGIN: Set = LABEL | SCHEME | one(b':') | one(b'/') | one(b'[') | one(b']');
/// What `\w` stands for, and `\b` looks at.
pub const WORD: Set = LOWER | UPPER | DIGITS | one(b'_');

const UPPER: Set = range(b'A', b'Z');
const SPACE: Set = range(b'\t', b'\r') | one(b' ');
const GRAPH: Set = range(b'!', b'~');
/// The distance between a letter and the same letter in the other case.
const CASE_BITS: u32 = 32;

/// The set of one character.
#[must_use]
pub const fn one(byte: u8) -> Set {
    if byte < 128 { 1 << byte } else { 0 }
}

/// The characters from one to another.
#[must_use]
pub const fn range(from: u8, to: u8) -> Set {
    if to < from || from > 127 {
        return 0;
    }
    let up_to = Set::MAX >> (127_u8.saturating_sub(to));
    up_to & (Set::MAX << from)
}

/// The ASCII characters from one to another.
#[must_use]
pub fn range_of_chars(from: char, to: char) -> Set {
    match (u8::try_from(from), u8::try_from(to)) {
        (Ok(from), Ok(to)) => range(from, to),
        (Ok(from), Err(_)) => range(from, 127),
        _ => 0,
    }
}

/// The set with each letter in both cases.
#[must_use]
pub const fn fold_case(set: Set) -> Set {
    set | (set & UPPER) << CASE_BITS | (set & LOWER) >> CASE_BITS
}

/// The characters of a set, from the lowest.
pub fn members(set: Set) -> impl Iterator<Item = u8> {
    let mut rest = set;
    std::iter::from_fn(move || {
        let lowest = u8::try_from(rest.trailing_zeros()).ok().filter(|byte| *byte < 128)?;
        rest &= !one(lowest);
        Some(lowest)
    })
}

/// What a backslash and this letter stand for: `\d`, `\s`, `\w` and the opposite of each.
#[must_use]
pub fn perl(letter: char) -> Option<Set> {
    Some(match letter {
        'd' => DIGITS,
        's' => SPACE,
        'w' => WORD,
        'D' => !DIGITS,
        'S' => !SPACE,
        'W' => !WORD,
        _ => return None,
    })
}

/// What a name between `[:` and `:]` stands for.
#[must_use]
pub fn posix(name: &str) -> Option<Set> {
    Some(match name {
        "alnum" => LOWER | UPPER | DIGITS,
        "alpha" => LOWER | UPPER,
        "ascii" => Set::MAX,
        "blank" => one(b'\t') | one(b' '),
        "cntrl" => range(0, 31) | one(127),
        "digit" => DIGITS,
        "graph" => GRAPH,
        "lower" => LOWER,
        "print" => GRAPH | one(b' '),
        "punct" => GRAPH & !(LOWER | UPPER | DIGITS),
        "space" => SPACE,
        "upper" => UPPER,
        "word" => WORD,
        "xdigit" => DIGITS | range(b'A', b'F') | range(b'a', b'f'),
        _ => return None,
    })
}
