//! What each source makes of a file itself: written from the source's side, without a look at the converter.

mod apisix;
pub(crate) mod envoy;
mod envoy_gateway;
mod gateway_api;
mod istio;
mod kong;
pub(crate) mod nginx;
mod rule;
mod traefik;

use std::cell::RefCell;
use std::collections::HashMap;

use regex::Regex;

use super::case::Case;
use super::service::Service;
use super::side::Side;
use super::support::cases::Headers;
use super::support::http::{Head, Request, Response};

/// What a product adds to a response, or answers itself.
pub(crate) enum Answer {
    /// The service decides.
    Untouched,
    /// The service answers, and these headers replace its own; an empty value removes one.
    Set(Vec<(&'static str, String)>),
    /// The product answers with these headers.
    Replied(Vec<(&'static str, String)>),
}

/// The product of a file, by its published rules.
pub(crate) fn modelled(case: &Case) -> Side<'static> {
    match case.source {
        "kong" => side(kong::Kong::of(&case.documents)),
        "traefik" => side(traefik::Traefik::of(&case.documents)),
        "apisix" => side(apisix::Apisix::of(&case.documents)),
        source => panic!("{source} has no model"),
    }
}

/// A product that decides by the request.
trait Product {
    fn answer(&self, request: &Request) -> Answer;
}

fn side(product: impl Product + 'static) -> Side<'static> {
    Side::new(move |request, service: Service| match product.answer(request) {
        Answer::Untouched => service.answer(request),
        Answer::Set(headers) => {
            let mut response = service.answer(request);
            headers.iter().for_each(|(name, value)| set(&mut response.head.headers, name, value));
            response
        }
        Answer::Replied(headers) => {
            let headers = headers.into_iter().filter(|(_, value)| !value.is_empty());
            let headers = headers.map(|(name, value)| (name.to_owned(), value.into_bytes())).collect();
            Response { status: 200, head: Head { start: String::new(), headers }, body: Vec::new() }
        }
    })
}

fn set(headers: &mut Headers, name: &str, value: &str) {
    headers.retain(|(known, _)| known != name);
    if !value.is_empty() {
        headers.push((name.to_owned(), value.as_bytes().to_vec()));
    }
}

/// The value of a header of a request, or nothing.
fn header(request: &Request, name: &str) -> String {
    let found = request.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
    found.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).unwrap_or_default()
}

/// Whether a request is a CORS-preflight request.
fn is_preflight(request: &Request) -> bool {
    request.method == "OPTIONS"
        && !header(request, "origin").is_empty()
        && !header(request, "access-control-request-method").is_empty()
}

/// Whether a host is in a list, in which `*.` stands for one or more labels.
fn is_host_of(request: &Request, hosts: &[String]) -> bool {
    let host = String::from_utf8_lossy(&request.authority).into_owned();
    hosts.is_empty()
        || hosts.iter().any(|pattern| match pattern.strip_prefix('*') {
            Some(suffix) => host.len() > suffix.len() && host.ends_with(suffix),
            None => host == *pattern,
        })
}

/// Whether an expression of a file is found anywhere in a text; compiled once, for calls are many.
fn is_found(regex: &str, text: &str) -> bool {
    thread_local!(static COMPILED: RefCell<HashMap<String, Regex>> = RefCell::default());
    COMPILED.with_borrow_mut(|compiled| {
        let new = || Regex::new(regex).expect("the expressions of the files are such as Rust knows");
        compiled.entry(regex.to_owned()).or_insert_with(new).is_match(text)
    })
}
