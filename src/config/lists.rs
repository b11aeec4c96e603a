//! `allow_methods`, `allow_headers` and `expose_headers`.

use super::finding::{Findings, Path};
use super::object::Object;
use super::value::Quoted;
use super::written::{Written, items};
use crate::origin::numbering::Numbering;
use crate::policy::allow_headers::{AllowHeaders, ListedHeaders};
use crate::policy::allow_methods::{AllowMethods, ListedMethods};
use crate::policy::response_edits::HeaderValue;
use crate::request::header_name::{
    AUTHORIZATION, is_forbidden_request_header, is_forbidden_response_header, is_of_the_cors_protocol,
    is_safelisted_response_header, is_token,
};
use crate::request::method::{is_forbidden, normalize};

/// From this length on, in bytes, some clients do not accept a header.
const MAX_HEADER_BYTES: usize = 4096;

/// Reads `allow_methods`.
pub fn allow_methods(object: &Object<'_>, allow_credentials: bool, findings: &mut Findings) -> AllowMethods {
    let list = List::read(object, "allow_methods", "[\"PUT\", \"DELETE\"]", findings);
    let methods = list.accepted(findings, |text| {
        if is_forbidden(text.as_bytes()) {
            return Err("is a method that no script may use; remove it");
        }
        Ok(normalize(text).to_owned())
    });
    list.warn_of_words("method", findings, &methods);
    list.warn_of_length(findings, &methods);
    for (at, method) in &methods {
        if method.bytes().any(|b| b.is_ascii_lowercase()) && !means_every_one(method) {
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
    list.takes_prefixes = true;
    let names = list.accepted(findings, |text| {
        let name = text.to_ascii_lowercase();
        if name.starts_with("access-control-request-") {
            return Err("belongs to preflights, into which browsers write it; remove it");
        }
        if is_forbidden_request_header(&name) {
            return Err("is a header that browsers let no script send; remove it");
        }
        Ok(name)
    });
    list.warn_of_words("header", findings, &names);
    list.warn_of_length(findings, &names);
    for (at, _) in names.iter().filter(|(_, name)| is_of_the_cors_protocol(name)) {
        let message = format!(
            "{} is a header of responses, and a page that sends it does so by mistake; remove it once none does",
            Quoted(list.written(*at))
        );
        findings.warning(&list.place.item(*at), message);
    }
    list.warn_of_prefixes(findings, &names);
    match (list.has_any, allow_credentials) {
        (true, true) => AllowHeaders::AnyWithCredentials,
        (true, false) if names.is_empty() => AllowHeaders::AnyButAuthorization,
        (true, false) => AllowHeaders::AnyAndAuthorization,
        (false, _) => {
            let (prefixes, names): (Vec<_>, Vec<_>) =
                values(&names).into_iter().partition(|name| prefix(name).is_some());
            let prefixes: Vec<&str> = prefixes.into_iter().filter_map(prefix).collect();
            AllowHeaders::Listed(ListedHeaders::new(&names, &prefixes))
        }
    }
}

/// The prefix of the names that an entry stands for, if it stands for several.
fn prefix(name: &str) -> Option<&str> {
    name.strip_suffix('*').filter(|begin| !begin.is_empty() && !begin.contains('*'))
}

fn doubt_of_prefix(begin: &str) -> Option<&'static str> {
    if begin != AUTHORIZATION && AUTHORIZATION.starts_with(begin) {
        return Some("takes in `Authorization` too");
    }
    (begin.len() == 1).then_some("takes in every header that begins with this letter")
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
    list.warn_of_words("header", findings, &names);
    list.warn_of_length(findings, &names);
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
    /// The names that still mean something beside `*`.
    beside_any: Option<&'static str>,
    /// Whether a `*` at the end of an entry stands for any continuation.
    takes_prefixes: bool,
}

impl<'a> List<'a> {
    fn read(object: &'a Object<'a>, name: &'static str, example: &str, findings: &mut Findings) -> Self {
        let entries = object.texts(name, example, findings);
        let has_any = entries.iter().any(|(_, text)| *text == "*");
        Self { place: object.place(name), entries, has_any, beside_any: None, takes_prefixes: false }
    }

    /// The entries except `*`, each with its place, as `read` returns them. Reports a problem for an entry that is not
    /// a token, and a warning for one that `read` finds useless, that is listed twice, or that means nothing beside
    /// `*`.
    fn accepted(
        &self,
        findings: &mut Findings,
        read: impl Fn(&str) -> Result<String, &'static str>,
    ) -> Vec<(usize, String)> {
        let mut accepted: Vec<(usize, String)> = Vec::new();
        let mut seen = Numbering::default();
        let mut stars = 0_usize;
        for (at, text) in &self.entries {
            let path = self.place.item(*at);
            let quoted = Quoted(text);
            if *text == "*" && stars == 0 {
                stars = 1;
                continue;
            }
            if let Some(fault) = fault(text, self.takes_prefixes) {
                findings.problem(&path, format_args!("{quoted} {fault}"));
                continue;
            }
            match read(text) {
                Err(useless) => findings.warning(&path, format_args!("{quoted} {useless}")),
                Ok(value) if *text == "*" || !seen.set(value.as_bytes(), 0) => {
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

    /// Warns about names that mean "everything" to other gateways; a script may use them literally.
    fn warn_of_words(&self, noun: &str, findings: &mut Findings, accepted: &[(usize, String)]) {
        for (at, _) in accepted.iter().filter(|(_, name)| means_every_one(name)) {
            let written = Quoted(self.written(*at));
            let message =
                format!("{written} is only the {noun} of that name; write `*` if you mean every {noun}");
            findings.warning(&self.place.item(*at), message);
        }
    }

    /// Warns about prefixes that cover more names than anyone can have in mind.
    fn warn_of_prefixes(&self, findings: &mut Findings, accepted: &[(usize, String)]) {
        for (at, name) in accepted {
            if let Some(doubt) = prefix(name).and_then(doubt_of_prefix) {
                let written = Quoted(self.written(*at));
                let message =
                    format!("{written} {doubt}; write more of the names that you mean, as in `x-amz-*`");
                findings.warning(&self.place.item(*at), message);
            }
        }
    }

    /// The entry at a place of the list.
    fn written(&self, at: usize) -> &'a str {
        self.entries.iter().find(|(place, _)| *place == at).map(|(_, text)| *text).unwrap_or_default()
    }

    fn warn_of_length(&self, findings: &mut Findings, accepted: &[(usize, String)]) {
        let commas = accepted.len().saturating_sub(1);
        let bytes = accepted.iter().map(|(_, name)| name.len()).sum::<usize>().saturating_add(commas);
        if bytes > MAX_HEADER_BYTES {
            findings.warning(
                &self.place,
                format_args!("makes a header of {bytes} bytes, and some proxies and clients refuse a response with more than {MAX_HEADER_BYTES}; list only what scripts need"),
            );
        }
    }
}

/// What is wrong with an entry, and what to write instead.
fn fault(text: &str, takes_prefixes: bool) -> Option<String> {
    if !is_token(text.as_bytes()) {
        let names = items(text);
        let remedy = match text.contains(',')
            && !names.is_empty()
            && names.iter().all(|name| is_token(name.as_bytes()))
        {
            true => format!("write each as an entry of its own: {}", Written(&names)),
            false => "write letters, digits and `-` only".to_owned(),
        };
        return Some(format!("is not a token; {remedy}"));
    }
    let literal = if takes_prefixes { text.strip_suffix('*').unwrap_or(text) } else { text };
    (literal.contains('*') && !means_every_one(text)).then(|| {
        let remedy = if takes_prefixes { " or end it with the `*` (`x-amz-*`)," } else { "" };
        format!("has a `*`, which stands for nothing but itself there; write out each name,{remedy} or write `*` alone for every one")
    })
}

/// Whether a name is meant as `*`, as other gateways have it.
fn means_every_one(name: &str) -> bool {
    name.eq_ignore_ascii_case("all") || name.eq_ignore_ascii_case("any") || name.bytes().all(|b| b == b'*')
}
