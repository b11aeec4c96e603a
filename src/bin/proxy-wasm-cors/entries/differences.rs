//! How an origin differs from an entry that does not match it.

use proxy_wasm_cors::origin::Origin;
use proxy_wasm_cors::origin::host::Host;
use proxy_wasm_cors::origin::pattern::{OriginPattern, PortPattern};

use super::parts::{form, last_labels};

/// What keeps an origin from matching an entry.
pub(super) struct Differences {
    /// How far they are apart, to compare.
    pub(super) distance: usize,
    /// For people.
    pub(super) text: String,
}

/// A predicate of the origin, and how much it weighs.
type Difference = (usize, String);

/// The differences, if the two have something to do with each other.
pub(super) fn differences(origin: &str, entry: &str) -> Option<Differences> {
    let form = form(origin)?;
    let (page, pattern) = (Origin::parse(&form.origin)?, OriginPattern::parse(entry).ok()?);
    let host = match (page.host(), pattern.host()) {
        (Host::Name(page), Host::Name(base)) if pattern.is_wildcard() => below(page, base)?,
        (Host::Name(page), Host::Name(exact)) => beside(page, exact)?,
        (page, exact) if page == exact => None,
        _ => return None,
    };
    let faults = form.faults.into_iter().map(|fault| (1, fault));
    let all: Vec<Difference> =
        faults.chain(host).chain(scheme(&page, &pattern)).chain(port(&page, &pattern)).collect();
    let texts: Vec<&str> = all.iter().map(|(_, text)| text.as_str()).collect();
    let distance = all.iter().map(|(weight, _)| weight).sum();
    (!all.is_empty()).then(|| Differences { distance, text: format!("the origin {}", texts.join(", and ")) })
}

fn scheme(page: &Origin<'_>, pattern: &OriginPattern<'_>) -> Option<Difference> {
    let (has, wanted) = (page.scheme(), pattern.scheme());
    (has != wanted).then(|| (1, format!("has the scheme `{has}`, not `{wanted}`")))
}

fn port(page: &Origin<'_>, pattern: &OriginPattern<'_>) -> Option<Difference> {
    let PortPattern::Only(wanted) = pattern.port() else { return None };
    let text = match (page.port(), wanted) {
        (has, wanted) if has == wanted => return None,
        (Some(has), Some(wanted)) => format!("has the port `{has}`, not `{wanted}`"),
        (Some(has), None) => format!("has the port `{has}`, but the entry has none"),
        (None, Some(wanted)) => format!("has no port, but the entry has `{wanted}`"),
        (None, None) => return None,
    };
    Some((1, text))
}

/// How a host differs from those below another; `None` if they have nothing to do with each other.
fn below(page: &str, base: &str) -> Option<Option<Difference>> {
    if page == base {
        let text = format!("is of `{base}` itself, but `*.` stands for one or more labels in front of it");
        return Some(Some((1, text)));
    }
    let is_at_dot = |front: &str| front.ends_with('.');
    match page.strip_suffix(base) {
        Some(front) if is_at_dot(front) => Some(None),
        Some(_) => {
            let text = format!(
                "has a host that ends like `{base}`, but not after a dot: it belongs to another site"
            );
            Some(Some((2, text)))
        }
        None => related(page, base).or_else(|| nearly(last_labels(page, base), base)).map(Some),
    }
}

/// How a host differs from another; `None` if they have nothing to do with each other.
fn beside(page: &str, exact: &str) -> Option<Option<Difference>> {
    if page == exact {
        return Some(None);
    }
    if page.strip_prefix("www.") == Some(exact) {
        return Some(Some((1, "has `www.` in front of the host".to_owned())));
    }
    if exact.strip_prefix("www.") == Some(page) {
        return Some(Some((1, "has no `www.` in front of the host".to_owned())));
    }
    if page.strip_suffix(exact).is_some_and(|front| front.ends_with('.')) {
        return Some(Some((
            2,
            format!("is of a subdomain of `{exact}`, but the entry is only for that host"),
        )));
    }
    if exact.strip_suffix(page).is_some_and(|front| front.ends_with('.')) {
        return Some(Some((2, format!("is of `{page}`, but the entry is for its subdomain `{exact}`"))));
    }
    related(page, exact).or_else(|| nearly(page, exact)).map(Some)
}

/// A host that only looks like another.
fn related(page: &str, other: &str) -> Option<Difference> {
    let goes_on = page.strip_prefix(other)?.starts_with('.');
    goes_on.then(|| (2, format!("has a host that continues after `{other}`: it belongs to another site")))
}

/// A host in which a letter or two are others.
fn nearly(page: &str, other: &str) -> Option<Difference> {
    /// So many bytes for each letter that may be another.
    const BYTES: usize = 5;
    let distance = strsim::osa_distance(page, other);
    let is_near = distance > 0 && distance <= 2 && distance.saturating_mul(BYTES) <= other.len();
    is_near.then(|| (distance.saturating_add(1), format!("has the host `{page}`, which is nearly `{other}`")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(origin: &str, entry: &str, expected: Option<&str>) {
        let text = differences(origin, entry).map(|it| it.text);
        let expected = expected.map(|it| format!("the origin {it}"));
        assert_eq!(text, expected, "{origin} under {entry}");
    }

    #[test]
    fn one_difference() {
        const APP: &str = "https://app.example.com";
        check("http://app.example.com", APP, Some("has the scheme `http`, not `https`"));
        check("https://app.example.com:8443", APP, Some("has the port `8443`, but the entry has none"));
        check(APP, "https://app.example.com:8443", Some("has no port, but the entry has `8443`"));
        check("http://localhost:3000", "http://localhost:8080", Some("has the port `3000`, not `8080`"));
        check("https://www.example.com", "https://example.com", Some("has `www.` in front of the host"));
        check("https://example.com", "https://www.example.com", Some("has no `www.` in front of the host"));
        check("https://App.example.com", APP, Some("has upper-case letters, which browsers never send"));
        let dot = "has a host that ends with a dot, which makes it a different host";
        check("https://app.example.com.", APP, Some(dot));
        let written = "is not written as browsers send it: they would send `https://app.example.com`";
        check("https://app.example.com/", APP, Some(written));
        check("https://app.example.com:443", APP, Some(written));
        check(
            "https://ap.example.com",
            APP,
            Some("has the host `ap.example.com`, which is nearly `app.example.com`"),
        );
    }

    #[test]
    fn hosts_above_and_below() {
        const ANY: &str = "https://*.example.com";
        let apex = "is of `example.com` itself, but `*.` stands for one or more labels in front of it";
        check("https://example.com", ANY, Some(apex));
        check("http://a.example.com", ANY, Some("has the scheme `http`, not `https`"));
        let not_at_dot =
            "has a host that ends like `example.com`, but not after a dot: it belongs to another site";
        check("https://evilexample.com", ANY, Some(not_at_dot));
        let goes_on = "has a host that continues after `example.com`: it belongs to another site";
        check("https://example.com.evil.org", ANY, Some(goes_on));
        let typo = "has the host `exmaple.com`, which is nearly `example.com`";
        check("https://a.exmaple.com", ANY, Some(typo));
        let subdomain = "is of a subdomain of `example.com`, but the entry is only for that host";
        check("https://a.example.com", "https://example.com", Some(subdomain));
        let parent = "is of `example.com`, but the entry is for its subdomain `app.example.com`";
        check("https://example.com", "https://app.example.com", Some(parent));
    }

    #[test]
    fn several_differences() {
        let both = "has the scheme `http`, not `https`, and has the port `8080`, but the entry has none";
        check("http://app.example.com:8080", "https://app.example.com", Some(both));
    }

    #[test]
    fn what_has_nothing_to_do_with_each_other() {
        check("https://evil.example", "https://app.example.com", None);
        check("https://a.io", "https://b.io", None);
        check("null", "https://app.example.com", None);
        check("https://app.example.com", "*", None);
        check("http://127.0.0.1", "http://127.0.0.2", None);
    }
}
