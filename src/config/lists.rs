//! `allow_methods`, `allow_headers` and `expose_headers`.

use std::collections::HashSet;

use super::finding::{Findings, Path};
use super::object::Object;
use super::value::Quoted;
use crate::origin::fnv::BuildFnv;
use crate::policy::allow_headers::{AllowHeaders, ListedHeaders};
use crate::policy::allow_methods::{AllowMethods, ListedMethods};
use crate::policy::response_edits::HeaderValue;
use crate::request::header_name::{
    AUTHORIZATION, is_forbidden_request_header, is_forbidden_response_header, is_of_the_cors_protocol,
    is_safelisted_response_header, is_token,
};
use crate::request::method::{is_forbidden, normalize};

/// Reads `allow_methods`.
pub fn allow_methods(object: &Object<'_>, allow_credentials: bool, findings: &mut Findings) -> AllowMethods {
    let list = List::read(object, "allow_methods", "[\"PUT\", \"DELETE\"]", findings);
    let methods = list.accepted(findings, |text| {
        if is_forbidden(text.as_bytes()) {
            return Err("is a method that no script may use; remove it");
        }
        Ok(normalize(text).to_owned())
    });
    for (at, method) in &methods {
        if method.bytes().any(|b| b.is_ascii_lowercase()) {
            let upper = method.to_ascii_uppercase();
            let message = format!(
                "{} is not `{upper}`: case matters in methods; write `{upper}` if you mean it",
                Quoted(method)
            );
            findings.warning(&list.place.item(*at), message);
        }
    }
    match (list.has_any, allow_credentials) {
        (true, true) => AllowMethods::AnyWithCredentials,
        (true, false) => AllowMethods::Any,
        (false, _) => AllowMethods::Listed(ListedMethods::new(&values(&methods))),
    }
}

/// Reads `allow_headers`.
pub fn allow_headers(object: &Object<'_>, allow_credentials: bool, findings: &mut Findings) -> AllowHeaders {
    let mut list = List::read(object, "allow_headers", "[\"Authorization\"]", findings);
    list.beside_any = Some(AUTHORIZATION);
    let names = list.accepted(findings, |text| {
        let name = text.to_ascii_lowercase();
        if is_of_the_cors_protocol(&name) {
            return Err("belongs to the CORS protocol, no script may send it; remove it");
        }
        if is_forbidden_request_header(&name) {
            return Err("is a header that browsers let no script send; remove it");
        }
        Ok(name)
    });
    match (list.has_any, allow_credentials) {
        (true, true) => AllowHeaders::AnyWithCredentials,
        (true, false) if names.is_empty() => AllowHeaders::AnyButAuthorization,
        (true, false) => AllowHeaders::AnyAndAuthorization,
        (false, _) => AllowHeaders::Listed(ListedHeaders::new(&values(&names))),
    }
}

/// Reads `expose_headers`.
pub fn expose_headers(
    object: &Object<'_>,
    allow_credentials: bool,
    findings: &mut Findings,
) -> Option<HeaderValue> {
    let list = List::read(object, "expose_headers", "[\"X-Job-Id\"]", findings);
    let names = list.accepted(findings, |text| {
        let name = text.to_ascii_lowercase();
        if is_forbidden_response_header(&name) {
            return Err("is a header that browsers let no script read; remove it");
        }
        if is_of_the_cors_protocol(&name) || name == "origin" {
            return Err("tells a script nothing; remove it");
        }
        if is_safelisted_response_header(&name) {
            return Err("can be read by scripts anyway; remove it");
        }
        Ok(name)
    });
    if !list.has_any {
        return (!names.is_empty()).then(|| HeaderValue::prepared(&values(&names).join(",")));
    }
    if allow_credentials {
        for (at, text) in &list.entries {
            if *text == "*" {
                let message =
                    "`*` with `allow_credentials` is only the name of a header; write the names to expose";
                findings.problem(&list.place.item(*at), message);
            }
        }
    }
    Some(HeaderValue::Static("*"))
}

fn values(entries: &[(usize, String)]) -> Vec<&str> {
    entries.iter().map(|(_, value)| value.as_str()).collect()
}

/// A list of tokens, one of which may be `*`.
struct List<'a> {
    place: Path<'a>,
    entries: Vec<(usize, &'a str)>,
    has_any: bool,
    /// What means something beside `*`.
    beside_any: Option<&'static str>,
}

impl<'a> List<'a> {
    fn read(object: &'a Object<'a>, name: &'static str, example: &str, findings: &mut Findings) -> Self {
        let entries = object.texts(name, example, findings);
        let has_any = entries.iter().any(|(_, text)| *text == "*");
        Self { place: object.place(name), entries, has_any, beside_any: None }
    }

    /// The entries but `*`, each with its place, as `read` gives them: a problem for what is no token, a warning for
    /// what `read` finds useless and for what is there twice or means nothing beside `*`.
    fn accepted(
        &self,
        findings: &mut Findings,
        read: impl Fn(&str) -> Result<String, &'static str>,
    ) -> Vec<(usize, String)> {
        let mut accepted: Vec<(usize, String)> = Vec::new();
        let mut seen = HashSet::<Box<str>, BuildFnv>::default();
        let mut stars = 0_usize;
        for (at, text) in &self.entries {
            let path = self.place.item(*at);
            let quoted = Quoted(text);
            if *text == "*" && stars == 0 {
                stars = 1;
                continue;
            }
            if !is_token(text.as_bytes()) {
                let remedy = match text.contains(',') {
                    true => "write each name as an entry of its own",
                    false => "write letters, digits and `-` only",
                };
                findings.problem(&path, format_args!("{quoted} is not a token; {remedy}"));
                continue;
            }
            match read(text) {
                Err(useless) => findings.warning(&path, format_args!("{quoted} {useless}")),
                Ok(value) if *text == "*" || !seen.insert(value.as_str().into()) => {
                    findings.warning(&path, format_args!("{quoted} is there twice; remove one"));
                }
                Ok(value) if self.has_any && self.beside_any != Some(value.as_str()) => {
                    findings.warning(
                        &path,
                        format_args!("{quoted} stands beside `*`, which covers it; remove it"),
                    );
                }
                Ok(value) => accepted.push((*at, value)),
            }
        }
        accepted
    }
}
