//! The path of a request, and prefixes of it.

/// The path of a `:path`, without its query.
#[must_use]
pub fn path_of(mut path: Vec<u8>) -> Vec<u8> {
    if let Some(query) = path.iter().position(|b| *b == b'?') {
        path.truncate(query);
    }
    path
}

/// Whether a path is written as simply as possible: without `//`, `.` or `..` segments, `\`, or a percent-encoded `.`,
/// `/` or `\`.
#[must_use]
pub fn is_normalized(path: &[u8]) -> bool {
    let mut segments = path.strip_prefix(b"/").unwrap_or(path).split(|b| *b == b'/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if matches!(segment, b"." | b"..") || (segment.is_empty() && !is_last) {
            return false;
        }
    }
    let is_encoded = |triple: &[u8]| {
        [&b"%2e"[..], b"%2f", b"%5c"].iter().any(|encoded| triple.eq_ignore_ascii_case(encoded))
    };
    !path.contains(&b'\\') && !path.windows(3).any(is_encoded)
}

/// Whether a percent sign with two hexadecimal digits stands here.
#[must_use]
pub fn is_encoded_triple(rest: &[u8]) -> bool {
    matches!(rest, [b'%', high, low, ..] if high.is_ascii_hexdigit() && low.is_ascii_hexdigit())
}

/// Whether the path is the prefix, or continues after it with a slash.
#[must_use]
pub fn is_below(path: &[u8], prefix: &[u8]) -> bool {
    path.strip_prefix(prefix).is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_whole_segments() {
        for (path, prefix, expected) in [
            ("/api", "/api", true),
            ("/api/", "/api", true),
            ("/api/x", "/api", true),
            ("/apix", "/api", false),
            ("/API", "/api", false),
            ("/", "", true),
            ("/x", "", true),
            ("*", "", false),
        ] {
            assert_eq!(is_below(path.as_bytes(), prefix.as_bytes()), expected, "{path} below {prefix}");
        }
        assert_eq!(path_of(b"/a?b=/../c".to_vec()), b"/a");
    }

    #[test]
    fn normalized_paths() {
        for path in ["/", "/a", "/a/", "/a.b/..c/...", "/%20", "", "*", "/a%2", "/~"] {
            assert!(is_normalized(path.as_bytes()), "{path}");
        }
        for path in [
            "//", "/a//b", "//a", "/a//", "/.", "/..", "/a/../b", "/a/./b", "/a\\b", "/%2e", "/%2E",
            "/a%2Fb", "/%5C", "..", "./a", "../a", "a/..",
        ] {
            assert!(!is_normalized(path.as_bytes()), "{path}");
        }
    }
}
