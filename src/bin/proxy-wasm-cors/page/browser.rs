//! What a browser makes of the filter's answers, step by step from the Fetch Standard.

use std::collections::BTreeSet;

use proxy_wasm_cors::origin::Origin;
use proxy_wasm_cors::origin::own::is_own_origin;
use proxy_wasm_cors::origin::same_site::is_same_site;
use proxy_wasm_cors::policy::selector::host_of;
use proxy_wasm_cors::request::method::{is_cors_safelisted, normalize};

/// The headers of an answer.
pub(crate) type Headers<'a> = [(&'a str, String)];

/// Headers that Fetch allows to all, but for values that hardly any script gives them:
/// <https://fetch.spec.whatwg.org/#cors-safelisted-request-header>. For `content-type` the usual value, that of JSON,
/// is none of those allowed.
const SAFELISTED: [&str; 3] = ["accept", "accept-language", "content-language"];

/// A call that a page's script makes.
pub(crate) struct Call<'a> {
    pub(crate) origin: &'a str,
    method: &'a str,
    /// CORS-unsafe request-header names, in lower case, sorted.
    pub(crate) headers: Vec<String>,
    credentials: bool,
}

impl<'a> Call<'a> {
    /// A call with the headers that the script sets, in lower case.
    pub(crate) fn new(origin: &'a str, method: &'a str, headers: &[String], credentials: bool) -> Self {
        let is_unsafe = |name: &&String| !SAFELISTED.contains(&name.as_str());
        let headers: BTreeSet<String> = headers.iter().filter(is_unsafe).cloned().collect();
        Self { origin, method, headers: headers.into_iter().collect(), credentials }
    }

    /// The method as the browser sends it.
    pub(crate) fn sent_method(&self) -> &str {
        normalize(self.method)
    }

    /// Why the browser sends a preflight first, if it does: <https://fetch.spec.whatwg.org/#main-fetch>.
    pub(crate) fn needs_preflight(&self) -> Option<String> {
        if !is_cors_safelisted(self.sent_method().as_bytes()) {
            return Some(format!("`{}` is not a CORS-safelisted method", self.sent_method()));
        }
        (!self.headers.is_empty()).then(|| format!("the script sets `{}`", self.headers.join("`, `")))
    }
}

/// How the page stands to the API: <https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header>.
pub(crate) fn site(origin: &str, scheme: &str, authority: &str) -> &'static str {
    if is_own_origin(origin.as_bytes(), scheme.as_bytes(), authority.as_bytes()) {
        return "same-origin";
    }
    let api = host_of(authority.as_bytes().to_vec());
    let is_at_host = |page: &Origin<'_>| host_of(after_scheme(page.as_str()).into()) == api;
    let is_of_site =
        |page: &Origin<'_>| page.scheme() == scheme && (is_at_host(page) || is_same_site(page, &api));
    match Origin::parse(origin) {
        Some(page) if is_of_site(&page) => "same-site",
        _ => "cross-site",
    }
}

fn after_scheme(origin: &str) -> &str {
    origin.split_once("://").map_or(origin, |(_, authority)| authority)
}

/// <https://fetch.spec.whatwg.org/#cors-check>: why the page does not get the answer.
pub(crate) fn cors_check(call: &Call<'_>, headers: &Headers<'_>) -> Result<(), String> {
    let Some(allowed) = value(headers, "access-control-allow-origin") else {
        return Err("there is no `Access-Control-Allow-Origin`".to_owned());
    };
    if allowed == "*" && !call.credentials {
        return Ok(());
    }
    if allowed == "*" {
        return Err("`Access-Control-Allow-Origin` is `*`, and the script sends credentials".to_owned());
    }
    if allowed != call.origin {
        return Err(format!("`Access-Control-Allow-Origin` is `{allowed}`, not the page's origin"));
    }
    if call.credentials && value(headers, "access-control-allow-credentials") != Some("true") {
        return Err(
            "the script sends credentials, and `Access-Control-Allow-Credentials` is not `true`".to_owned()
        );
    }
    Ok(())
}

/// <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, step 7: why the call is not made.
pub(crate) fn preflight_check(call: &Call<'_>, status: u16, headers: &Headers<'_>) -> Result<(), String> {
    cors_check(call, headers)?;
    if !(200..300).contains(&status) {
        return Err(format!("the preflight was answered with {status}"));
    }
    let method = call.sent_method();
    let methods = list(headers, "access-control-allow-methods");
    let is_any = |names: &[&str]| names.contains(&"*") && !call.credentials;
    if !is_cors_safelisted(method.as_bytes()) && !methods.contains(&method) && !is_any(&methods) {
        return Err(format!("`{method}` is not in `Access-Control-Allow-Methods`"));
    }
    let names = list(headers, "access-control-allow-headers");
    let is_listed = |header: &str| names.iter().any(|name| name.eq_ignore_ascii_case(header));
    for header in &call.headers {
        let is_covered = is_any(&names) && header != "authorization";
        if !is_covered && !is_listed(header) {
            return Err(format!("`{header}` is not in `Access-Control-Allow-Headers`"));
        }
    }
    Ok(())
}

fn value<'a>(headers: &'a Headers<'_>, name: &str) -> Option<&'a str> {
    headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

fn list<'a>(headers: &'a Headers<'_>, name: &str) -> Vec<&'a str> {
    value(headers, name)
        .unwrap_or_default()
        .split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .collect()
}
