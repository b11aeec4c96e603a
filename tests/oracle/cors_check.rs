//! Whether a response lets a page go on.

use super::browser::Browser;
use super::call::Credentials;
use super::fetch_request::FetchRequest;
use super::header_list::{extract_header_list_values, get};
use super::support::http::{Head, Response};

/// <https://fetch.spec.whatwg.org/#concept-cors-check>
pub(crate) fn cors_check(request: &FetchRequest<'_>, response: &Response) -> bool {
    let is_include = request.call.credentials == Credentials::Include;
    // 1. "Let origin be the result of getting `Access-Control-Allow-Origin` from response's header list."
    // 2. "If origin is null, then return failure."
    let Some(origin) = get("access-control-allow-origin", &response.head) else { return false };
    // 3. "If request's credentials mode is not `include` and origin is `*`, then return success."
    if !is_include && origin == b"*" {
        return true;
    }
    // 4. "If the result of byte-serializing a request origin with request is not origin, then return failure."
    if request.call.origin != origin {
        return false;
    }
    // 5. "If request's credentials mode is not `include`, then return success."
    if !is_include {
        return true;
    }
    // 6. "Let credentials be the result of getting `Access-Control-Allow-Credentials` from response's header list."
    // 7. "If credentials is `true`, then return success." 8. "Return failure."
    get("access-control-allow-credentials", &response.head).is_some_and(|credentials| credentials == b"true")
}

/// <https://fetch.spec.whatwg.org/#concept-tao-check>
pub(crate) fn tao_check(request: &FetchRequest<'_>, response: &Response) -> bool {
    // 3. "Let values be the result of getting, decoding, and splitting `Timing-Allow-Origin` from response's header list."
    let values = get("timing-allow-origin", &response.head).unwrap_or_default();
    let values: Vec<&[u8]> = values.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).collect();
    // 4. "If values contains `*`, then return success." 5. "If values contains the result of serializing a request origin
    // with request, then return success."
    let is_named = values.contains(&&b"*"[..]) || values.contains(&request.call.origin);
    // 7. "If request's response tainting is `basic`, then return success." 8. "Return failure."
    is_named || request.is_same_origin()
}

/// <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, steps 7 and 8: whether the request may be sent.
pub(crate) fn preflight_check(browser: Browser, request: &FetchRequest<'_>, response: &Response) -> bool {
    // 7. "If a CORS check for request and response returns success and response's status is an ok status, then: [...]
    // The CORS check is done on request rather than preflight to ensure the correct credentials mode is used."
    if !cors_check(request, response) || !(200..=299).contains(&response.status) {
        return false;
    }
    // 7.1. "Let methods be the result of extracting header list values given `Access-Control-Allow-Methods`".
    let methods = extract_header_list_values("access-control-allow-methods", &response.head);
    // 7.2. "Let headerNames be [...] given `Access-Control-Allow-Headers`".
    let header_names = extract_header_list_values("access-control-allow-headers", &response.head);
    // 7.3. "If either methods or headerNames is failure, return a network error."
    let (Ok(methods), Ok(header_names)) = (methods.transpose(), header_names.transpose()) else {
        return false;
    };
    // 7.4 is about the use-CORS-preflight flag, which upload listeners set.
    allows_method(request, &methods.unwrap_or_default())
        && allows_headers(browser, request, &header_names.unwrap_or_default())
        && allows_network(request, &response.head)
}

/// 7.5. "If request's method is not in methods, request's method is not a CORS-safelisted method, and request's
/// credentials mode is `include` or methods does not contain `*`, then return a network error."
fn allows_method(request: &FetchRequest<'_>, methods: &[String]) -> bool {
    let is_include = request.call.credentials == Credentials::Include;
    let is_in_methods = methods.contains(&request.method);
    let has_wildcard = methods.iter().any(|method| method == "*");
    let is_covered = !is_include && has_wildcard;
    is_in_methods || request.is_method_cors_safelisted() || is_covered
}

fn allows_headers(browser: Browser, request: &FetchRequest<'_>, header_names: &[String]) -> bool {
    let is_item = |name: &str| header_names.iter().any(|item| item.eq_ignore_ascii_case(name));
    // 7.6. "If one of request's header list's names is a CORS non-wildcard request-header name and is not a
    // byte-case-insensitive match for an item in headerNames, then return a network error."
    let mut non_wildcard =
        request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("Authorization"));
    if browser == Browser::Strict && non_wildcard.any(|(name, _)| !is_item(name)) {
        return false;
    }
    // 7.7. "For each unsafeName of the CORS-unsafe request-header names with request's header list, if unsafeName is
    // not a byte-case-insensitive match for an item in headerNames and request's credentials mode is `include` or
    // headerNames does not contain `*`, return a network error."
    let has_wildcard = header_names.iter().any(|item| item == "*");
    let is_covered = request.call.credentials != Credentials::Include && has_wildcard;
    request.cors_unsafe_request_header_names().iter().all(|name| is_item(name) || is_covered)
}

/// <https://wicg.github.io/private-network-access/#cors-preflight>: "If allow is not `true`, return a network error."
fn allows_network(request: &FetchRequest<'_>, head: &Head) -> bool {
    !request.call.is_into_private_network
        || get("access-control-allow-private-network", head).is_some_and(|allow| allow == b"true")
}
