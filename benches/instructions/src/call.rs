//! The calls that are decided, and the policies that decide them.

use proxy_wasm_cors::config;
use proxy_wasm_cors::policy::set::PolicySet;
use proxy_wasm_cors::request::RequestHead;
use serde_json::json;

/// A call by a page, or by something else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Call {
    NoOrigin,
    Allowed,
    Denied,
    Preflight,
    /// Of an origin that is not allowed.
    DeniedPreflight,
    /// Under a policy that allows every origin.
    AnyOrigin,
}

/// The origin of the pages that are allowed.
pub(crate) const ALLOWED_ORIGIN: &str = "https://app-7.example.com";
const STRANGER: &str = "https://app-7.example.com.evil.org";

/// All origins that are allowed.
pub(crate) fn origins() -> impl Iterator<Item = String> {
    (0..10).map(|number| format!("https://app-{number}.example.com"))
}

impl Call {
    /// The lines of the request, pseudo-headers too.
    pub(crate) fn lines(self) -> Vec<(&'static str, &'static str)> {
        let origin = match self {
            Self::NoOrigin => None,
            Self::Allowed | Self::Preflight | Self::AnyOrigin => Some(("origin", ALLOWED_ORIGIN)),
            Self::Denied | Self::DeniedPreflight => Some(("origin", STRANGER)),
        };
        let is_preflight = matches!(self, Self::Preflight | Self::DeniedPreflight);
        let asked = [
            ("access-control-request-method", "PUT"),
            ("access-control-request-headers", "content-type,x-request-id"),
        ];
        let method = if is_preflight { "OPTIONS" } else { "GET" };
        [(":method", method), (":scheme", "https"), (":authority", "api.example.com")]
            .into_iter()
            .chain(origin)
            .chain(asked.into_iter().filter(|_| is_preflight))
            .collect()
    }

    /// The request as a host has it.
    pub(crate) fn head(self) -> Head {
        Head(self.lines())
    }

    /// The policy under which the call is made.
    pub(crate) fn policies(self) -> PolicySet {
        let config = match self {
            Self::AnyOrigin => json!({ "allow_origins": ["*"] }),
            _ => json!({
                "allow_origins": origins().collect::<Vec<_>>(),
                "allow_credentials": true,
                "allow_methods": ["PUT", "DELETE"],
                "allow_headers": ["content-type", "x-request-id"],
                "expose_headers": ["x-request-id"],
                "max_age": 600,
            }),
        };
        config::load(Some(config.to_string().as_bytes())).policies.expect("the configuration is valid")
    }
}

/// A head that answers by name, as the host does.
pub(crate) struct Head(Vec<(&'static str, &'static str)>);

impl RequestHead for Head {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_bytes().to_vec())
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        None
    }
}
