//! What a browser looks at in an answer, step by step from the Fetch Standard.

use proxy_wasm_cors::request::header_name::is_token;
use proxy_wasm_cors::request::method::is_cors_safelisted;

use super::call::Call;

/// The headers of an answer, each line by itself; names in lower case.
pub(crate) type Headers = [(String, String)];

/// <https://fetch.spec.whatwg.org/#cors-check>: why the page does not get the answer.
pub(crate) fn cors_check(call: &Call, headers: &Headers) -> Result<(), String> {
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
    if call.credentials && value(headers, "access-control-allow-credentials").as_deref() != Some("true") {
        return Err(
            "the script sends credentials, and `Access-Control-Allow-Credentials` is not `true`".to_owned()
        );
    }
    Ok(())
}

/// <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, step 7: why the call is not made.
pub(crate) fn preflight_check(call: &Call, status: u16, headers: &Headers) -> Result<(), String> {
    cors_check(call, headers)?;
    if !(200..300).contains(&status) {
        return Err(format!("the preflight was answered with {status}"));
    }
    let methods = list(headers, "Access-Control-Allow-Methods")?;
    let names = list(headers, "Access-Control-Allow-Headers")?;
    check_method(call, &methods)?;
    check_headers(call, &names)
}

fn check_method(call: &Call, methods: &[String]) -> Result<(), String> {
    let method = call.sent_method();
    if is_cors_safelisted(method.as_bytes()) || is_any(call, methods) || methods.iter().any(|it| it == method)
    {
        return Ok(());
    }
    Err(format!("`{method}` is not in `Access-Control-Allow-Methods`"))
}

fn check_headers(call: &Call, names: &[String]) -> Result<(), String> {
    let is_listed = |header: &str| names.iter().any(|name| name.eq_ignore_ascii_case(header));
    for header in call.unsafe_header_names() {
        // <https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name>
        let is_covered = is_any(call, names) && header != "authorization";
        if !is_covered && !is_listed(header) {
            return Err(format!("`{header}` is not in `Access-Control-Allow-Headers`"));
        }
    }
    Ok(())
}

/// Whether a list has the `*` that stands for everything.
fn is_any(call: &Call, names: &[String]) -> bool {
    !call.credentials && names.iter().any(|name| name == "*")
}

/// <https://fetch.spec.whatwg.org/#concept-header-list-get>: all lines of a header as one.
pub(crate) fn value(headers: &Headers, name: &str) -> Option<String> {
    let lines: Vec<&str> =
        headers.iter().filter(|(known, _)| known == name).map(|(_, value)| value.as_str()).collect();
    (!lines.is_empty()).then(|| lines.join(", "))
}

/// <https://fetch.spec.whatwg.org/#extract-header-list-values>
fn list(headers: &Headers, name: &str) -> Result<Vec<String>, String> {
    let value = value(headers, &name.to_ascii_lowercase()).unwrap_or_default();
    let items = value.split(',').map(|item| item.trim_matches([' ', '\t'])).filter(|item| !item.is_empty());
    let names: Vec<String> = items.map(str::to_owned).collect();
    match names.iter().find(|item| !is_token(item.as_bytes())) {
        Some(item) => Err(format!("`{name}` has `{}` in it, which is not a name", item.escape_debug())),
        None => Ok(names),
    }
}
