//! The path of a request, and whether it has one reading only.

/// The path of a `:path`, without its query.
#[must_use]
pub fn path_of(mut path: Vec<u8>) -> Vec<u8> {
    if let Some(query) = path.iter().position(|b| *b == b'?') {
        path.truncate(query);
    }
    path
}

/// Whether proxies and upstreams read the path alike: it holds no `//`, no `.` or `..` segment, be it with a
/// parameter, no `\`, and none of `.`, `/` and `\` percent-encoded. Otherwise a path could choose one policy here and
/// mean another upstream.
#[must_use]
pub fn is_normalized(path: &[u8]) -> bool {
    let mut segments = path.strip_prefix(b"/").unwrap_or(path).split(|b| *b == b'/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if matches!(segment, b"." | b"..") || (segment.is_empty() && !is_last) {
            return false;
        }
    }
    // Some servers cut off the parameter behind a `;` before they resolve what is left of the segment.
    let is_read_otherwise = |triple: &[u8]| {
        [&b"%2e"[..], b"%2f", b"%5c", b"..;", b"/.;"].iter().any(|read| triple.eq_ignore_ascii_case(read))
    };
    !path.contains(&b'\\') && !path.windows(3).any(is_read_otherwise)
}

/// Whether the path is the prefix or goes on after it with a slash.
#[must_use]
pub fn is_below(path: &[u8], prefix: &str) -> bool {
    path.strip_prefix(prefix.as_bytes()).is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
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
            assert_eq!(is_below(path.as_bytes(), prefix), expected, "{path} below {prefix}");
        }
        assert_eq!(path_of(b"/a?b=/../c".to_vec()), b"/a");
    }

    #[test]
    fn normalized_paths() {
        for path in
            ["/", "/a", "/a/", "/a.b/..c/...", "/a;b", "/..c;d", "/a.;b", "/;/a", "/%20", "", "*", "/a%2"]
        {
            assert!(is_normalized(path.as_bytes()), "{path}");
        }
        for path in [
            "//", "/a//b", "//a", "/a//", "/.", "/..", "/a/../b", "/a/./b", "/a\\b", "/%2e", "/%2E",
            "/a%2Fb", "/%5C", "..", "./a", "../a", "a/..",
        ] {
            assert!(!is_normalized(path.as_bytes()), "{path}");
        }
        for path in ["/public/..;/admin", "/public/..;a=b/admin", "/a/.;/b", "/.;"] {
            assert!(!is_normalized(path.as_bytes()), "{path}");
        }
    }
}
