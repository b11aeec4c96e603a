//! An expectations file: a configuration, and what pages should get under it.

use std::path::{Path, PathBuf};

use proxy_wasm_cors::policy::decision::Reason;

use super::fields::{Fault, Faults, Fields, guess, text};
use crate::commands::arguments::{self, DEFAULT_METHOD};
use crate::files::document::{self, Node};
use crate::page::call::Call;
use crate::page::head::{DEFAULT_HOST, DEFAULT_PATH, Target};
use crate::page::summary::Page;

/// The fields of a file.
pub(super) const FIELDS: [&str; 3] = ["configuration", "filter", "calls"];
/// The fields of a call.
pub(super) const CALL_FIELDS: [&str; 11] = [
    "name",
    "origin",
    "method",
    "headers",
    "credentials",
    "host",
    "path",
    "route",
    "expect",
    "reason",
    "policy",
];

/// A configuration and the calls that are made under it.
pub(super) struct Expectations {
    /// The file that holds the configuration.
    pub(super) configuration: PathBuf,
    /// Which one, if it holds several.
    pub(super) filter: Option<String>,
    pub(super) all: Vec<Expectation>,
}

/// A call and its expected result.
pub(super) struct Expectation {
    pub(super) line: usize,
    pub(super) name: Option<String>,
    pub(super) call: Call,
    pub(super) target: Target,
    pub(super) page: Page,
    pub(super) reason: Option<Reason>,
    pub(super) policy: Option<String>,
}

/// Reads a file, or returns everything that is wrong with it.
pub(super) fn read(file: &Path) -> Result<Vec<Expectations>, Vec<Fault>> {
    let documents = document::read(file)
        .map_err(|unreadable| vec![Fault { line: unreadable.line, text: unreadable.message }])?;
    let mut faults = Faults::default();
    if documents.is_empty() {
        faults.add(1, "(whole)", "is empty; write `configuration` and `calls`");
    }
    let all: Vec<Expectations> =
        documents.iter().filter_map(|document| of_document(document, file, &mut faults)).collect();
    faults.0.sort_by_key(|fault| fault.line);
    if faults.0.is_empty() { Ok(all) } else { Err(faults.0) }
}

fn of_document(document: &Node, file: &Path, faults: &mut Faults) -> Option<Expectations> {
    let fields = Fields::read(document, "", &FIELDS, faults)?;
    fields.needed("configuration", "envoy.yaml", faults);
    let configuration = fields.text("configuration", "envoy.yaml", some, faults);
    let filter = fields.text("filter", "cors", some, faults);
    let is_there =
        fields.needed("calls", "[{ origin: \"https://app.example.com\", expect: reads }]", faults).is_some();
    let items = fields.items("calls", "[{ origin: \"https://app.example.com\", expect: reads }]", faults);
    if is_there && items.is_empty() {
        faults.add(document.line, "calls", "has no calls; write what pages should get");
    }
    let all = items.into_iter().filter_map(|(at, item)| of_call(item, &at, faults)).collect();
    let configuration = file.parent().unwrap_or(Path::new("")).join(configuration?);
    Some(Expectations { configuration, filter, all })
}

fn of_call(node: &Node, at: &str, faults: &mut Faults) -> Option<Expectation> {
    let fields = Fields::read(node, at, &CALL_FIELDS, faults)?;
    fields.needed("origin", "\"https://app.example.com\"", faults);
    fields.needed("expect", "reads", faults);
    let origin = fields.text("origin", "https://app.example.com", some, faults);
    let method = fields.text("method", "PUT", |it| said(arguments::method(it)), faults);
    let headers: Vec<_> = fields
        .items("headers", "[content-type]", faults)
        .into_iter()
        .filter_map(|(at, item)| text(item, &at, "content-type", |it| said(arguments::header(it)), faults))
        .collect();
    let credentials = fields.flag("credentials", faults);
    let host = fields.text("host", "api.example.com", |it| said(arguments::host(it)), faults);
    let path = fields.text("path", "/jobs", |it| said(arguments::path(it)), faults);
    let target = Target {
        host: host.unwrap_or_else(|| DEFAULT_HOST.to_owned()),
        path: path.unwrap_or_else(|| DEFAULT_PATH.to_owned()),
        route: fields.text("route", "admin", some, faults),
    };
    let method = method.unwrap_or_else(|| DEFAULT_METHOD.to_owned());
    let (name, policy) =
        (fields.text("name", "the app reads", some, faults), fields.text("policy", "default", some, faults));
    let page = fields.text("expect", "reads", page, faults);
    let reason = fields.text("reason", "origin-not-allowed", reason, faults);
    let call = arguments::call(&origin?, &method, &headers, credentials);
    Some(Expectation { line: node.line, name, call, target, page: page?, reason, policy })
}

fn some(text: &str) -> Result<String, String> {
    if text.is_empty() { Err("it is empty".to_owned()) } else { Ok(text.to_owned()) }
}

fn said<T>(result: Result<T, &'static str>) -> Result<T, String> {
    result.map_err(str::to_owned)
}

fn page(text: &str) -> Result<Page, String> {
    let found = Page::ALL.into_iter().find(|page| page.as_str() == text);
    found.ok_or_else(|| format!("it is not an outcome; {}", guess(text, &Page::ALL.map(Page::as_str))))
}

fn reason(text: &str) -> Result<Reason, String> {
    let found = Reason::ALL.into_iter().find(|reason| reason.as_str() == text);
    found.ok_or_else(|| format!("it is not a reason; {}", guess(text, &Reason::ALL.map(Reason::as_str))))
}
