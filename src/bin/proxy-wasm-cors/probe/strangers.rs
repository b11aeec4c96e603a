//! Origins that are not the page's, and that a sound rule does not confuse with it.

use proxy_wasm_cors::origin::Origin;

/// A domain that nobody can register: <https://www.rfc-editor.org/rfc/rfc2606#section-2>.
const NOBODYS: &str = "cors-probe.example";

/// An origin that should not be accepted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Stranger {
    /// What it is a finding of, if it is accepted.
    pub(crate) id: &'static str,
    pub(crate) origin: String,
    /// What it is.
    pub(crate) what: &'static str,
}

impl Stranger {
    fn new(id: &'static str, origin: String, what: &'static str) -> Self {
        Self { id, origin, what }
    }
}

/// Any origin at all.
pub(crate) fn anyone() -> Stranger {
    Stranger::new("any-origin-reflected", format!("https://{NOBODYS}"), "an origin that nobody has")
}

/// What sandboxed frames and local files send.
pub(crate) fn opaque() -> Stranger {
    Stranger::new("null-accepted", "null".to_owned(), "the origin of sandboxed frames, which anyone can make")
}

/// The variants of an origin that a careless comparison confuses with it.
pub(crate) fn variants(origin: &str) -> Vec<Stranger> {
    let Some(page) = Origin::parse(origin) else { return Vec::new() };
    let scheme = page.scheme();
    let host = page.without_port().split_once("://").map_or("", |(_, host)| host);
    let port = page.port().map(|port| format!(":{port}")).unwrap_or_default();
    let at = |host: &str| format!("{scheme}://{host}{port}");
    let mut all = Vec::new();
    if !host.ends_with(']') {
        all.push(Stranger::new(
            "prefix-accepted",
            at(&format!("{host}.{NOBODYS}")),
            "begins like the page's origin",
        ));
    }
    if !is_address(host) {
        all.extend(by_name(host).map(|(id, host, what)| Stranger::new(id, at(&host), what)));
    }
    if scheme == "https" {
        all.push(Stranger::new(
            "scheme-accepted",
            format!("http://{host}{port}"),
            "the same host without TLS",
        ));
    }
    let other = if page.port() == Some(8443) { 9443 } else { 8443 };
    all.push(Stranger::new(
        "port-accepted",
        format!("{scheme}://{host}:{other}"),
        "the same host at another port",
    ));
    all.retain(|stranger| stranger.origin != origin && Origin::parse(&stranger.origin).is_some());
    all
}

/// The variants of a name.
fn by_name(host: &str) -> impl Iterator<Item = (&'static str, String, &'static str)> {
    // Those with more than two labels, because the owner of `app.example.com` may well allow everything below
    // `example.com`.
    let parent = host.split_once('.').filter(|(_, parent)| parent.contains('.'));
    let of_parent = parent.into_iter().flat_map(|(label, parent)| {
        [
            ("siblings-accepted", format!("cors-probe.{parent}"), "another name below the same domain"),
            ("suffix-accepted", format!("evil{parent}"), "ends like the page's domain"),
            ("dot-accepted", format!("{label}x{parent}"), "has another character instead of a dot"),
        ]
    });
    let suffix = ("suffix-accepted", format!("evil{host}"), "ends like the page's origin");
    of_parent.chain([suffix])
}

fn is_address(host: &str) -> bool {
    host.ends_with(']') || host.parse::<std::net::Ipv4Addr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(origin: &str, expected: &[&str]) {
        let origins: Vec<String> = variants(origin).into_iter().map(|it| it.origin).collect();
        assert_eq!(origins, expected, "{origin}");
    }

    #[test]
    fn variants_of_an_origin() {
        check(
            "https://app.example.com",
            &[
                "https://app.example.com.cors-probe.example",
                "https://cors-probe.example.com",
                "https://evilexample.com",
                "https://appxexample.com",
                "https://evilapp.example.com",
                "http://app.example.com",
                "https://app.example.com:8443",
            ],
        );
        check(
            "http://localhost:3000",
            &[
                "http://localhost.cors-probe.example:3000",
                "http://evillocalhost:3000",
                "http://localhost:8443",
            ],
        );
        check(
            "http://127.0.0.1:8443",
            &["http://127.0.0.1.cors-probe.example:8443", "http://127.0.0.1:9443"],
        );
        check("http://[::1]", &["http://[::1]:8443"]);
        check("null", &[]);
    }
}
