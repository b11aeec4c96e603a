//! What a browser looks at in an answer, step by step from the Fetch Standard.

use std::fmt;

use proxy_wasm_cors::request::header_name::is_token;
use proxy_wasm_cors::request::method::is_cors_safelisted;

use super::call::Call;

/// The headers of an answer, each line by itself; names in lower case.
pub(crate) type Headers = [(String, String)];

/// A step of an algorithm of the Fetch Standard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    algorithm: &'static str,
    anchor: &'static str,
    number: &'static str,
}

impl Step {
    /// Of <https://fetch.spec.whatwg.org/#cors-check>.
    const fn of_cors_check(number: &'static str) -> Self {
        Self { algorithm: "CORS check", anchor: "cors-check", number }
    }

    /// Of <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>.
    const fn of_preflight(number: &'static str) -> Self {
        Self { algorithm: "CORS-preflight fetch", anchor: "cors-preflight-fetch-0", number }
    }

    /// Where the algorithm stands.
    pub(crate) fn link(self) -> String {
        format!("https://fetch.spec.whatwg.org/#{}", self.anchor)
    }
}

impl fmt::Display for Step {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}, step {}", self.algorithm, self.number)
    }
}

/// A check that fails.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) step: Step,
    pub(crate) why: String,
}

impl Failure {
    fn new(step: Step, why: impl Into<String>) -> Self {
        Self { step, why: why.into() }
    }
}

/// <https://fetch.spec.whatwg.org/#cors-check>: why the page does not get the answer.
pub(crate) fn cors_check(call: &Call, headers: &Headers) -> Result<(), Failure> {
    let fails = |step: &'static str, why: &str| Err(Failure::new(Step::of_cors_check(step), why));
    let Some(allowed) = value(headers, "access-control-allow-origin") else {
        return fails("2", "there is no `Access-Control-Allow-Origin`");
    };
    if allowed == "*" && !call.credentials {
        return Ok(());
    }
    if allowed == "*" {
        return fails("4", "`Access-Control-Allow-Origin` is `*`, and the script sends credentials");
    }
    if allowed != call.origin {
        return fails("4", &format!("`Access-Control-Allow-Origin` is `{allowed}`, not the page's origin"));
    }
    if call.credentials && value(headers, "access-control-allow-credentials").as_deref() != Some("true") {
        return fails(
            "8",
            "the script sends credentials, and `Access-Control-Allow-Credentials` is not `true`",
        );
    }
    Ok(())
}

/// <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, step 7: why the call is not made.
pub(crate) fn preflight_check(call: &Call, status: u16, headers: &Headers) -> Result<(), Failure> {
    cors_check(call, headers)?;
    if !(200..300).contains(&status) {
        return Err(Failure::new(
            Step::of_preflight("8"),
            format!("the preflight was answered with {status}"),
        ));
    }
    let read = |name| list(headers, name).map_err(|why| Failure::new(Step::of_preflight("7.3"), why));
    let methods = read("Access-Control-Allow-Methods")?;
    let names = read("Access-Control-Allow-Headers")?;
    check_method(call, &methods)?;
    check_headers(call, &names)
}

fn check_method(call: &Call, methods: &[String]) -> Result<(), Failure> {
    let method = call.sent_method();
    if is_cors_safelisted(method.as_bytes()) || is_any(call, methods) || methods.iter().any(|it| it == method)
    {
        return Ok(());
    }
    Err(Failure::new(
        Step::of_preflight("7.5"),
        format!("`{method}` is not in `Access-Control-Allow-Methods`"),
    ))
}

fn check_headers(call: &Call, names: &[String]) -> Result<(), Failure> {
    let is_listed = |header: &str| names.iter().any(|name| name.eq_ignore_ascii_case(header));
    for header in call.unsafe_header_names() {
        // <https://fetch.spec.whatwg.org/#cors-non-wildcard-request-header-name>
        let is_by_name_alone = header == "authorization";
        let is_covered = is_any(call, names) && !is_by_name_alone;
        if !is_covered && !is_listed(header) {
            let step = Step::of_preflight(if is_by_name_alone { "7.6" } else { "7.7" });
            return Err(Failure::new(step, format!("`{header}` is not in `Access-Control-Allow-Headers`")));
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
pub(crate) fn list(headers: &Headers, name: &str) -> Result<Vec<String>, String> {
    let value = value(headers, &name.to_ascii_lowercase()).unwrap_or_default();
    let items = value.split(',').map(|item| item.trim_matches([' ', '\t'])).filter(|item| !item.is_empty());
    let names: Vec<String> = items.map(str::to_owned).collect();
    match names.iter().find(|item| !is_token(item.as_bytes())) {
        Some(item) => Err(format!("`{name}` has `{}` in it, which is not a name", item.escape_debug())),
        None => Ok(names),
    }
}
