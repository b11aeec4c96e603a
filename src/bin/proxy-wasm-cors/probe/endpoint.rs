//! The live endpoint that is asked.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs as _};

use hyper::Uri;
use proxy_wasm_cors::origin::Origin;
use proxy_wasm_cors::origin::own::is_own_origin;
use proxy_wasm_cors::origin::same_site::is_same_site;
use proxy_wasm_cors::policy::selector::host_of;

use crate::commands::arguments;
use crate::page::head::Target;

/// A URL that is asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// As it is shown, and sent over HTTP/2.
    pub(crate) url: Uri,
    /// Host and port, as in `Host`.
    pub(crate) authority: String,
    /// The path with its query.
    pub(crate) path: String,
}

impl Endpoint {
    /// Reads a URL as it is given on the command line.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let whole = "it is not a URL; write a complete one, such as `https://api.example.com/jobs`";
        if !text.starts_with("http://") && !text.starts_with("https://") {
            return Err(whole.to_owned());
        }
        if text.contains('#') {
            return Err("browsers do not send `#` and what follows it; leave that out".to_owned());
        }
        let url: Uri = text.parse().map_err(|error| format!("{whole} ({error})"))?;
        let authority = url.authority().map(|it| it.as_str().to_owned()).unwrap_or_default();
        arguments::host(&authority)?;
        let path = url.path_and_query().map_or("/", |it| it.as_str()).to_owned();
        arguments::path(&path)?;
        Ok(Self { url, authority, path })
    }

    /// Whether the connection is protected by TLS.
    pub(crate) fn is_secure(&self) -> bool {
        self.scheme() == "https"
    }

    pub(crate) fn scheme(&self) -> &str {
        self.url.scheme_str().unwrap_or_default()
    }

    /// The host, without the brackets of an IPv6 address.
    pub(crate) fn host(&self) -> &str {
        self.url.host().unwrap_or_default().trim_matches(['[', ']'])
    }

    /// Where it is.
    pub(crate) fn addresses(&self) -> io::Result<Vec<SocketAddr>> {
        let port = self.url.port_u16().unwrap_or(if self.is_secure() { 443 } else { 80 });
        Ok((self.host(), port).to_socket_addrs()?.collect())
    }

    /// What policies are chosen by.
    pub(crate) fn target(&self, route: Option<String>) -> Target {
        Target { host: self.authority.clone(), path: self.path.clone(), route }
    }

    /// Whether a page of this origin needs no permission.
    pub(crate) fn is_own_origin(&self, origin: &str) -> bool {
        is_own_origin(origin.as_bytes(), self.scheme().as_bytes(), self.authority.as_bytes())
    }

    /// Whether a page of this origin may not even ask, because it was protected on its way but the answer would not be:
    /// <https://www.w3.org/TR/mixed-content/#should-block-fetch>.
    pub(crate) fn is_mixed_content(&self, origin: &str) -> bool {
        origin.starts_with("https://") && !self.is_trustworthy()
    }

    /// <https://www.w3.org/TR/secure-contexts/#is-url-trustworthy>
    pub(crate) fn is_trustworthy(&self) -> bool {
        let origin = format!("{}://{}", self.scheme(), self.authority);
        self.is_secure() || Origin::parse(&origin).is_some_and(|it| !it.is_insecure())
    }

    /// How a page stands to it: <https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header>.
    pub(crate) fn site(&self, origin: &str) -> &'static str {
        let Some(page) = Origin::parse(origin) else { return "cross-site" };
        let api = host_of(self.authority.clone().into_bytes());
        let authority = origin.split_once("://").map_or(origin, |(_, authority)| authority);
        let is_at_host = host_of(authority.into()) == api;
        let is_of_site = page.scheme() == self.scheme() && (is_at_host || is_same_site(&page, &api));
        if is_of_site { "same-site" } else { "cross-site" }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls() {
        for (text, authority, path) in [
            ("https://api.example.com", "api.example.com", "/"),
            ("http://127.0.0.1:10000/jobs?all=1", "127.0.0.1:10000", "/jobs?all=1"),
            ("http://[::1]:8080/", "[::1]:8080", "/"),
        ] {
            let endpoint = Endpoint::parse(text).expect("it is a URL");
            assert_eq!((endpoint.authority.as_str(), endpoint.path.as_str()), (authority, path), "{text}");
        }
        for text in
            ["", "api.example.com", "ftp://a", "https://", "https://u:p@a/", "https://a/#b", "https://a b/"]
        {
            assert!(Endpoint::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sites() {
        for (url, origin, site, is_mixed) in [
            ("https://api.example.com/", "https://app.example.com", "same-site", false),
            ("https://api.example.com/", "http://app.example.com", "cross-site", false),
            ("http://api.example.com/", "https://app.example.com", "cross-site", true),
            ("http://127.0.0.1:1/", "http://127.0.0.1:2", "same-site", false),
            ("http://localhost:1/", "https://app.example.com", "cross-site", false),
            ("https://api.example.com/", "null", "cross-site", false),
        ] {
            let endpoint = Endpoint::parse(url).expect("it is a URL");
            assert_eq!(
                (endpoint.site(origin), endpoint.is_mixed_content(origin)),
                (site, is_mixed),
                "{origin} {url}"
            );
        }
    }
}
