//! The call that a page's script makes.

use std::collections::BTreeSet;

use proxy_wasm_cors::request::method::{is_cors_safelisted, normalize};

use super::safelist::Standing;

/// How many bytes of safelisted values are safelisted in total:
/// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>.
const MAX_SAFELISTED: usize = 1024;

/// A request header that the script sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CallHeader {
    /// In lower case.
    pub(crate) name: String,
    /// `None` if it is not known, or does not matter.
    pub(crate) value: Option<String>,
}

/// How the script makes the call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// By `fetch` or `XMLHttpRequest`.
    Fetch,
    /// By `new WebSocket`: <https://websockets.spec.whatwg.org/#websocket-opening-handshake>.
    WebSocket,
}

/// A call that a page's script makes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// The origin of the page.
    pub(crate) origin: String,
    /// The method as the script writes it.
    pub(crate) method: String,
    /// What the script sets.
    pub(crate) headers: Vec<CallHeader>,
    /// Whether the script sends credentials, as with `credentials: "include"`.
    pub(crate) credentials: bool,
    /// How the script makes it.
    pub(crate) way: Way,
}

impl Call {
    /// The method as the browser sends it.
    pub(crate) fn sent_method(&self) -> &str {
        normalize(&self.method)
    }

    /// <https://fetch.spec.whatwg.org/#cors-unsafe-request-header-names>, sorted.
    pub(crate) fn unsafe_header_names(&self) -> Vec<&str> {
        let standing = |header: &CallHeader| Standing::of(&header.name, header.value.as_deref());
        let safelisted = self.headers.iter().filter(|header| standing(header) == Standing::Safelisted);
        let is_too_much =
            safelisted.filter_map(|header| header.value.as_ref()).map(String::len).sum::<usize>()
                > MAX_SAFELISTED;
        let asks = |header: &&CallHeader| {
            standing(header).asks() || (is_too_much && standing(header) == Standing::Safelisted)
        };
        let names: BTreeSet<&str> =
            self.headers.iter().filter(asks).map(|header| header.name.as_str()).collect();
        names.into_iter().collect()
    }

    /// Headers without a value here whose values would decide whether the browser asks first, sorted.
    pub(crate) fn headers_that_depend(&self) -> Vec<&str> {
        let depends = |header: &&CallHeader| {
            matches!(Standing::of(&header.name, header.value.as_deref()), Standing::Depends { .. })
        };
        let names: BTreeSet<&str> =
            self.headers.iter().filter(depends).map(|header| header.name.as_str()).collect();
        names.into_iter().collect()
    }

    /// Why the browser sends a preflight first, if it does: <https://fetch.spec.whatwg.org/#main-fetch>.
    pub(crate) fn needs_preflight(&self) -> Option<String> {
        if self.way == Way::WebSocket {
            return None;
        }
        if !is_cors_safelisted(self.sent_method().as_bytes()) {
            return Some(format!("`{}` is not a CORS-safelisted method", self.sent_method()));
        }
        let names = self.unsafe_header_names();
        (!names.is_empty()).then(|| format!("the script sets `{}`", names.join("`, `")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call(headers: &[(&str, Option<&str>)]) -> Call {
        let header = |(name, value): &(&str, Option<&str>)| CallHeader {
            name: (*name).to_owned(),
            value: value.map(str::to_owned),
        };
        Call {
            origin: "https://app.example.com".to_owned(),
            method: "get".to_owned(),
            headers: headers.iter().map(header).collect(),
            credentials: false,
            way: Way::Fetch,
        }
    }

    #[test]
    fn safelisted_values_are_unsafe_together_when_they_are_long() {
        let value = "a".repeat(128);
        let mut headers = vec![("accept", Some(value.as_str())); 8];
        assert_eq!(call(&headers).needs_preflight(), None);
        headers.push(("content-language", Some("x")));
        assert_eq!(call(&headers).unsafe_header_names(), ["accept", "content-language"]);
    }

    #[test]
    fn a_web_socket_needs_no_permission() {
        let handshake = Call { way: Way::WebSocket, ..call(&[("x-debug", None)]) };
        assert_eq!(handshake.needs_preflight(), None);
        assert!(call(&[("x-debug", None)]).needs_preflight().is_some());
    }

    #[test]
    fn a_name_alone_may_depend_on_its_value() {
        let call =
            call(&[("accept", None), ("content-type", None), ("range", Some("bytes=0-")), ("x-a", None)]);
        assert_eq!(call.headers_that_depend(), ["accept", "content-type"]);
        assert_eq!(call.unsafe_header_names(), ["content-type", "x-a"]);
    }
}
