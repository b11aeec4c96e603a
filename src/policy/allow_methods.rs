//! The methods that a policy allows, and the `Access-Control-Allow-Methods` that says so.

use super::response_edits::{Answer, HeaderValue};
use crate::request::method::{is_cors_safelisted, is_requestable};

/// The longest method that is sent back, in bytes: no real one comes near.
pub const MAX_ECHOED_BYTES: usize = 4096;

/// The methods that a policy allows beyond those that Fetch always does.
#[derive(Debug)]
pub enum AllowMethods {
    /// Those listed.
    Listed(ListedMethods),
    /// Every one: the answer is `*`.
    Any,
    /// Every one, with credentials, where a `*` would be the name of a method, so the answer names what is asked for.
    /// <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>
    AnyWithCredentials,
}

/// A list of methods, and the header value made of it.
#[derive(Debug, Default)]
pub struct ListedMethods {
    methods: Vec<Box<str>>,
    value: Option<HeaderValue>,
}

impl ListedMethods {
    /// Prepares a list.
    #[must_use]
    pub fn new(methods: &[&str]) -> Self {
        Self {
            methods: methods.iter().map(|method| (*method).into()).collect(),
            value: (!methods.is_empty()).then(|| HeaderValue::prepared(&methods.join(","))),
        }
    }

    fn contains(&self, method: &[u8]) -> bool {
        self.methods.iter().any(|listed| listed.as_bytes() == method)
    }
}

impl AllowMethods {
    /// Judges the value of `Access-Control-Request-Method`. Methods are compared by exact bytes, as browsers do.
    #[must_use]
    pub fn answer(&self, requested: &[u8]) -> Answer {
        match self {
            Self::Listed(list) => Answer {
                is_allowed: is_cors_safelisted(requested) || list.contains(requested),
                value: list.value.clone(),
            },
            Self::Any => {
                Answer { is_allowed: is_requestable(requested), value: Some(HeaderValue::Static("*")) }
            }
            Self::AnyWithCredentials => {
                let is_echoed = requested.len() <= MAX_ECHOED_BYTES && is_requestable(requested);
                let echo = || HeaderValue::Owned(String::from_utf8(requested.to_vec()).unwrap_or_default());
                Answer { is_allowed: is_echoed, value: is_echoed.then(echo) }
            }
        }
    }

    /// Whether answers differ by the method asked for.
    #[must_use]
    pub fn depends_on_request(&self) -> bool {
        matches!(self, Self::AnyWithCredentials)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(allow: &AllowMethods, requested: &[u8], is_allowed: bool, value: Option<&str>) {
        let answer = allow.answer(requested);
        assert_eq!((answer.is_allowed, answer.value.as_ref().map(HeaderValue::as_str)), (is_allowed, value));
    }

    #[test]
    fn listed_methods_go_out_whole() {
        let listed = AllowMethods::Listed(ListedMethods::new(&["PUT", "PATCH"]));
        check(&listed, b"PUT", true, Some("PUT,PATCH"));
        check(&listed, b"GET", true, Some("PUT,PATCH"));
        check(&listed, b"put", false, Some("PUT,PATCH"));
        check(&listed, b"\xff", false, Some("PUT,PATCH"));
        check(&AllowMethods::Listed(ListedMethods::default()), b"POST", true, None);
    }

    #[test]
    fn any_method() {
        check(&AllowMethods::Any, b"PURGE", true, Some("*"));
        check(&AllowMethods::Any, b"CONNECT", false, Some("*"));
        check(&AllowMethods::AnyWithCredentials, b"purge", true, Some("purge"));
        check(&AllowMethods::AnyWithCredentials, b"TRACE", false, None);
        check(&AllowMethods::AnyWithCredentials, b"P UT", false, None);
    }

    #[test]
    fn an_echo_has_a_limit() {
        let long = "X".repeat(MAX_ECHOED_BYTES);
        check(&AllowMethods::AnyWithCredentials, long.as_bytes(), true, Some(&long));
        check(&AllowMethods::AnyWithCredentials, format!("{long}X").as_bytes(), false, None);
    }
}
