//! `{"prefix": ...}`, `{"suffix": ...}` and `{"contains": ...}`, as other gateways have them: why they are refused, and what
//! was meant.

use crate::origin::Origin;
use crate::origin::advice::suggestion;
use crate::origin::host::Host;
use crate::origin::pattern::OriginPattern;
use crate::origin::split_at_scheme;

/// The kinds.
pub const KINDS: [&str; 3] = ["prefix", "suffix", "contains"];

/// Whether an entry of some kind is written so that it matches every origin.
pub fn means_every_origin(text: &str) -> bool {
    matches!(text.trim_matches(['^', '$']), "" | "*" | ".*" | ".+")
}

/// A text of this kind, and a stranger's origin that it matches; the text is the operator's own, if possible.
pub fn stranger(kind: &str, text: &str) -> (String, String) {
    let strange = match kind {
        "prefix" => format!("{text}.evil.org"),
        "suffix" => format!("https://evil{text}"),
        _ => format!("https://{text}.evil.org"),
    };
    let goes_on = match kind {
        "prefix" => Origin::parse(text).is_some_and(|origin| is_name(&origin) && origin.port().is_none()),
        _ => !text.starts_with('.'),
    };
    if goes_on && Origin::parse(&strange).is_some_and(|origin| is_name(&origin)) {
        return (text.to_owned(), strange);
    }
    let (text, strange) = match kind {
        "prefix" => ("https://example.com", "https://example.com.evil.org"),
        "suffix" => ("example.com", "https://evilexample.com"),
        _ => ("example.com", "https://example.com.evil.org"),
    };
    (text.to_owned(), strange.to_owned())
}

fn is_name(origin: &Origin<'_>) -> bool {
    matches!(origin.host(), Host::Name(_))
}

/// The pattern that was probably meant, if it is clear.
pub fn meant(kind: &str, text: &str) -> Option<String> {
    let pattern = match (kind, split_at_scheme(text).is_some()) {
        (_, true) => suggestion(text),
        ("prefix", false) => None,
        ("suffix", false) if !text.starts_with('.') => suggestion(text),
        (_, false) => Some(format!("https://*.{}", text.trim_start_matches('.'))),
    };
    // A single label is part of a name, or a top-level domain.
    pattern.filter(|pattern| {
        OriginPattern::parse(pattern)
            .is_ok_and(|pattern| matches!(pattern.host(), Host::Name(name) if name.contains('.')))
    })
}
