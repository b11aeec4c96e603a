//! The methods that a policy allows, and the `Access-Control-Allow-Methods` that says so.

use crate::decision::{Answer, HeaderValue};
use crate::method::{is_cors_safelisted, is_requestable};

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
        let is_requestable = is_requestable(requested);
        match self {
            Self::Listed(list) => Answer {
                is_allowed: is_cors_safelisted(requested) || list.contains(requested),
                value: list.value.clone(),
            },
            Self::Any => Answer { is_allowed: is_requestable, value: Some(HeaderValue::Static("*")) },
            Self::AnyWithCredentials => Answer {
                is_allowed: is_requestable,
                value: is_requestable
                    .then(|| HeaderValue::Owned(String::from_utf8_lossy(requested).into_owned())),
            },
        }
    }

    /// Whether answers differ by the method asked for.
    #[must_use]
    pub fn depends_on_request(&self) -> bool {
        matches!(self, Self::AnyWithCredentials)
    }
}
