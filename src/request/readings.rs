//! The readings of a path: how servers may read it, depending on whether they decode, cut or resolve it.
//!
//! The policy for one reading may not be the one that the operator meant for the path that the upstream reads.

use super::path::is_encoded_triple;

/// The longest path for which readings are made, in bytes: each of them costs a copy.
pub const MAX_BYTES: usize = 2048;

/// Whether the path has one reading only: no rewrite below changes it.
#[must_use]
pub fn is_one(path: &[u8]) -> bool {
    let mut rest = path;
    // What comes before the path does not count as a slash: `//` and `.` need two.
    let mut is_after_slash = true;
    while let Some((byte, after)) = rest.split_first() {
        match byte {
            b'\\' | b';' => return false,
            b'%' if is_encoded_triple(rest) => return false,
            b'/' if is_after_slash && rest.len() < path.len() => return false,
            b'.' if is_after_slash && is_dot_segment(rest) => return false,
            _ => {}
        }
        is_after_slash = *byte == b'/';
        rest = after;
    }
    true
}

/// Whether a segment of one or two dots begins here.
fn is_dot_segment(rest: &[u8]) -> bool {
    let after = rest.strip_prefix(b"..").or_else(|| rest.strip_prefix(b"."));
    after.is_some_and(|after| matches!(after.first(), None | Some(b'/')))
}

/// Every different reading, beginning with the path as it is: all combinations of percent-decoding it zero times, once
/// or twice, reading `\` as `/`, cutting each segment at its first `;`, merging slashes, and resolving dots, in this
/// order.
///
/// There are at most 48, none longer than the path.
#[must_use]
pub fn of(path: &[u8]) -> Vec<Vec<u8>> {
    let mut readings = vec![path.to_vec()];
    for rewrite in [decoded, decoded, with_slashes, without_parameters, with_single_slashes, resolved] {
        for at in 0..readings.len() {
            let Some(other) = readings.get(at).map(|reading| rewrite(reading)) else { continue };
            if !readings.contains(&other) {
                readings.push(other);
            }
        }
    }
    readings
}

/// Percent-decodes a path once; anything that is not an encoding stays.
/// <https://www.rfc-editor.org/rfc/rfc3986#section-2.1>
#[must_use]
pub fn decoded(path: &[u8]) -> Vec<u8> {
    let mut decoded = Vec::new();
    let mut rest = path;
    while let Some((byte, after)) = rest.split_first() {
        rest = match rest {
            [b'%', high, low, after @ ..] if is_encoded_triple(rest) => {
                decoded.push(digit(*high) << 4 | digit(*low));
                after
            }
            _ => {
                decoded.push(*byte);
                after
            }
        };
    }
    decoded
}

fn digit(hex: u8) -> u8 {
    match hex {
        b'0'..=b'9' => hex & 15,
        // In both cases, the lowest bits of a letter are its number.
        _ => (hex & 15).saturating_add(9),
    }
}

fn with_slashes(path: &[u8]) -> Vec<u8> {
    path.iter().map(|byte| if *byte == b'\\' { b'/' } else { *byte }).collect()
}

fn without_parameters(path: &[u8]) -> Vec<u8> {
    let mut is_cut = false;
    let mut kept = path.to_vec();
    kept.retain(|byte| {
        is_cut = *byte != b'/' && (is_cut || *byte == b';');
        !is_cut
    });
    kept
}

fn with_single_slashes(path: &[u8]) -> Vec<u8> {
    let mut merged = path.to_vec();
    merged.dedup_by(|byte, before| *byte == b'/' && *before == b'/');
    merged
}

/// Without `.` and `..`: <https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4>.
fn resolved(path: &[u8]) -> Vec<u8> {
    let mut resolved: Vec<u8> = Vec::new();
    let mut segments = path.split(|byte| *byte == b'/').peekable();
    // No slash stands in front of it. Dots there go with the slash behind them.
    let mut is_first = true;
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        match segment {
            b"." | b".." => {
                if segment == b".." {
                    let end = resolved.iter().rposition(|byte| *byte == b'/').unwrap_or_default();
                    resolved.truncate(end);
                }
                // A `.` or `..` at the end names a directory.
                if is_last && !is_first {
                    resolved.push(b'/');
                }
            }
            _ => {
                if !is_first {
                    resolved.push(b'/');
                }
                resolved.extend(segment);
                is_first = false;
            }
        }
    }
    resolved
}

#[cfg(test)]
mod tests {
    use super::*;

    fn readings(path: &str) -> Vec<String> {
        of(path.as_bytes()).iter().map(|reading| reading.escape_ascii().to_string()).collect()
    }

    #[test]
    fn most_paths_have_one() {
        for path in [
            "/",
            "/a",
            "/a/",
            "/a.b/..c/...",
            "",
            "*",
            "/a%2",
            "/%",
            "/%zz",
            "/~",
            "/a/b.c",
            "a",
            ".a",
            "/a.",
        ] {
            assert!(is_one(path.as_bytes()), "{path}");
            assert_eq!(readings(path), [path]);
        }
        for path in [
            "//", "/a//b", "//a", "/a//", "/.", "/..", "/a/../b", "/a/./b", "/a\\b", "/%2e", "/%20", "/a;b",
            "/;", "..", "./a", "a/..",
        ] {
            assert!(!is_one(path.as_bytes()), "{path}");
            assert!(readings(path).len() > 1, "{path}");
        }
    }

    #[test]
    fn each_rewrite_and_all_of_them_together() {
        assert_eq!(readings("/a%2Fb"), ["/a%2Fb", "/a/b"]);
        assert_eq!(readings("/%2561"), ["/%2561", "/%61", "/a"]);
        assert_eq!(readings("/a\\b"), ["/a\\\\b", "/a/b"]);
        assert_eq!(readings("/a;x/b;y"), ["/a;x/b;y", "/a/b"]);
        assert_eq!(readings("//a"), ["//a", "/a"]);
        assert_eq!(readings("/a/../b"), ["/a/../b", "/b"]);
        assert_eq!(readings("/a//../b"), ["/a//../b", "/a/../b", "/a/b", "/b"]);
        let all = readings("/x/%252e%252e;v\\admin");
        for reading in ["/x/%2e%2e;v\\\\admin", "/x/..;v/admin", "/x/../admin", "/admin"] {
            assert!(all.iter().any(|other| other == reading), "{reading} is among {all:?}");
        }
    }

    /// The examples of RFC 3986, and what lies at the edges.
    #[test]
    fn dots() {
        for (path, expected) in [
            ("/a/b/c/./../../g", "/a/g"),
            ("mid/content=5/../6", "mid/6"),
            ("/..", "/"),
            ("/../../a", "/a"),
            ("/a/.", "/a/"),
            ("/a/..", "/"),
            ("/a/b/..", "/a/"),
            ("/.", "/"),
            ("..", ""),
            (".", ""),
            ("/a//..", "/a/"),
            ("../a", "a"),
            ("./../a", "a"),
            ("./..", ""),
            ("a/../b", "/b"),
            ("/...", "/..."),
        ] {
            assert_eq!(String::from_utf8(resolved(path.as_bytes())).unwrap(), expected, "{path}");
        }
    }

    #[test]
    fn there_are_at_most_48() {
        let path = "/a%255c..%255c;x//%2e%2e\\;/./b%253b%252f%252f%252e%252e/..;/".repeat(3);
        let all = of(path.as_bytes());
        assert!((2..=48).contains(&all.len()), "{}", all.len());
        assert!(all.iter().all(|reading| reading.len() <= path.len()));
    }
}
