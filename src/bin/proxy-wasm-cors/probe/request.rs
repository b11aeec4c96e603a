//! What is sent to an endpoint: the requests of a browser, and what each is for.

use crate::page::call::{Call, CallHeader};

use super::endpoint::Endpoint;
use super::strangers::Stranger;

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It asks for permission.
    Preflight,
    /// It is the call itself.
    Call,
    /// It is a harmless one instead of the call.
    StandIn,
    /// It is the call of another page, to see whether that one gets an answer too.
    Audit(Stranger),
}

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) purpose: Purpose,
    /// The call that a page makes with it.
    pub(crate) call: Call,
    /// Whether it asks for permission.
    pub(crate) is_preflight: bool,
    pub(crate) method: String,
    /// Names in lower case.
    pub(crate) headers: Vec<(String, String)>,
}

impl Request {
    /// <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>
    pub(crate) fn preflight(endpoint: &Endpoint, call: &Call, purpose: Purpose) -> Self {
        let mut headers = browser_headers(endpoint, call);
        headers.push(("access-control-request-method".to_owned(), call.sent_method().to_owned()));
        let names = call.unsafe_header_names();
        if !names.is_empty() {
            headers.push(("access-control-request-headers".to_owned(), names.join(",")));
        }
        Self { purpose, call: call.clone(), is_preflight: true, method: "OPTIONS".to_owned(), headers }
    }

    /// The call of a page, with the headers of which a value is known.
    pub(crate) fn of_page(endpoint: &Endpoint, call: &Call, purpose: Purpose) -> Self {
        let mut headers = browser_headers(endpoint, call);
        for CallHeader { name, value } in &call.headers {
            let Some(value) = value else { continue };
            headers.retain(|(known, _)| known != name || name != "accept");
            headers.push((name.clone(), value.clone()));
        }
        let method = call.sent_method().to_owned();
        Self { purpose, call: call.clone(), is_preflight: false, method, headers }
    }

    /// What it is for, in words.
    pub(crate) fn told(&self) -> String {
        match &self.purpose {
            Purpose::Preflight => "to ask for permission".to_owned(),
            Purpose::Call => "the call itself".to_owned(),
            Purpose::StandIn => "harmless, instead of the call itself".to_owned(),
            Purpose::Audit(stranger) => format!("audit: {}", stranger.what),
        }
    }
}

/// A harmless call of the same page.
pub(crate) fn stand_in(call: &Call) -> Call {
    let method = if call.sent_method() == "HEAD" { "HEAD" } else { "GET" };
    Call { method: method.to_owned(), headers: Vec::new(), ..call.clone() }
}

/// What a browser sends with every CORS request: <https://w3c.github.io/webappsec-fetch-metadata/>.
fn browser_headers(endpoint: &Endpoint, call: &Call) -> Vec<(String, String)> {
    let mut headers = vec![
        ("origin", call.origin.as_str()),
        ("accept", "*/*"),
        // The one header that says who really asks.
        ("user-agent", concat!("proxy-wasm-cors-probe/", env!("CARGO_PKG_VERSION"))),
    ];
    if endpoint.is_trustworthy() {
        headers.extend([
            ("sec-fetch-mode", "cors"),
            ("sec-fetch-dest", "empty"),
            ("sec-fetch-site", endpoint.site(&call.origin)),
        ]);
    }
    headers.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}
