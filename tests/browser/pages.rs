//! The server of the pages, and the upstream behind Envoy.

use std::sync::Mutex;
use std::time::Duration;

use serde_json::{Value, json};

use super::row::{Row, Step};
use crate::support::upstream::{Answer, Seen};

/// How the pages run.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Pace {
    /// Some beside each other, each removed in the end.
    #[default]
    Together,
    /// One after the other, and all stay open, so that console messages can be told apart and are kept.
    OneByOne,
}

/// More would only wait for each other.
const AT_A_TIME: usize = 8;

/// What the pages run with, and what they report.
#[derive(Default)]
pub(crate) struct Pages {
    pub(crate) rows: Vec<Row>,
    pace: Pace,
    /// The port of each row's listener; empty until Envoy runs.
    pub(crate) ports: Mutex<Vec<u16>>,
    /// The port of this server; 0 until it runs.
    pub(crate) own_port: Mutex<u16>,
    outcomes: Mutex<Option<Value>>,
}

/// Far more than any page takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// The path of a page, which names its row and the number of its request.
pub(crate) const PAGE: &str = "/page/";

impl Pages {
    /// Pages of these rows, which are not served yet.
    pub(crate) fn new(rows: Vec<Row>, pace: Pace) -> Self {
        Self { rows, pace, ..Self::default() }
    }

    /// What the pages say came of all their requests, once they are done.
    pub(crate) fn outcomes(&self) -> Option<Value> {
        self.outcomes.lock().expect("no holder panics").clone()
    }

    /// The answer of the server of pages.
    pub(crate) fn answer(&self, request: &Seen) -> Option<Answer> {
        Some(match request.path() {
            "/" => html(include_str!("pages/run.html")),
            "/cookie" => Answer::new(200).header("Set-Cookie", "sid=s3cret; Path=/"),
            "/cases" => {
                let is_together = self.pace == Pace::Together;
                let at_a_time = if is_together { AT_A_TIME } else { 1 };
                let plan =
                    json!({ "cases": self.plan(), "at_a_time": at_a_time, "removes_frames": is_together });
                Answer::new(200).body(plan.to_string())
            }
            "/outcomes" => {
                let posted = serde_json::from_slice(&request.body).expect("the page posts JSON");
                *self.outcomes.lock().expect("no holder panics") = Some(posted);
                Answer::new(204)
            }
            path if path.starts_with(PAGE) => html(&self.page(path)),
            _ => Answer::new(404),
        })
    }

    /// The answer of the upstream of a row: also the page itself, where the API's own pages call it.
    pub(crate) fn answer_of_upstream(&self, index: usize, request: &Seen) -> Option<Answer> {
        if request.path().starts_with(PAGE) {
            return Some(html(&self.page(request.path())));
        }
        let path = request.path().split('?').next().unwrap_or_default();
        let answer = self.rows[index].answer_at(path);
        let status = u16::try_from(answer["status"].as_u64()?).expect("a status");
        let base = self.rows[index].base(self.port(index));
        let other = base.replace("//api.", "//api2.");
        let told = |value: &str| value.replace("{base}", &base).replace("{other}", &other);
        Some(answer_as_said(answer, status, &told, request))
    }

    /// The port of the listener of a row.
    pub(crate) fn port(&self, row: usize) -> u16 {
        self.ports.lock().expect("no holder panics")[row]
    }

    /// Every row's pages, as the page that opens them needs them.
    fn plan(&self) -> Value {
        let of_step = |row: usize, number: usize, step: &Step| match step.page_origin {
            "null" => {
                json!({ "url": format!("http://app.example.com{PAGE}{row}/{number}"), "sandbox": true })
            }
            "null:data" => json!({ "url": data_url(&self.page_of(row, number)) }),
            "self" => {
                json!({ "url": format!("{}{PAGE}{row}/{number}", self.rows[row].base(self.port(row))) })
            }
            origin => {
                let port = self.own_port.lock().expect("no holder panics").to_string();
                json!({ "url": format!("{}{PAGE}{row}/{number}", origin.replace("@PAGE@", &port)) })
            }
        };
        let of_row = |(index, row): (usize, &Row)| {
            let steps: Vec<_> =
                row.steps().enumerate().map(|(number, step)| of_step(index, number, &step)).collect();
            let patience = if row.opens_no_page() { Duration::from_secs(5) } else { PATIENCE };
            json!({ "index": index, "steps": steps, "patience": patience.as_millis() })
        };
        self.rows.iter().enumerate().map(of_row).collect()
    }

    fn page(&self, path: &str) -> String {
        let (row, number) = path.strip_prefix(PAGE).and_then(|rest| rest.split_once('/')).expect("a page");
        self.page_of(row.parse().expect("a row"), number.parse().expect("a step"))
    }

    fn page_of(&self, index: usize, number: usize) -> String {
        let row = &self.rows[index];
        let step = row.steps().nth(number).expect("a step");
        let told = json!({
            "id": format!("{index}/{number}"),
            "base": row.base(self.port(index)),
            "request": step.request,
        });
        let policy = step.request["referrerPolicy"].as_str();
        let referrer = policy.map(|policy| format!("<meta name=\"referrer\" content=\"{policy}\">"));
        // Within a script element `</script` would end it.
        let told = told.to_string().replace('<', "\\u003c");
        include_str!("pages/frame.html")
            .replace("{referrer}", &referrer.unwrap_or_default())
            .replace("{step}", &told)
    }
}

fn html(text: &str) -> Answer {
    Answer::new(200).header("Content-Type", "text/html; charset=utf-8").body(text)
}

fn data_url(page: &str) -> String {
    let encoded: String = page.bytes().map(|byte| format!("%{byte:02X}")).collect();
    format!("data:text/html;charset=utf-8,{encoded}")
}

/// The answer of a row, with the headers that any API would send beside those that the row names.
fn answer_as_said(answer: &Value, status: u16, told: &dyn Fn(&str) -> String, request: &Seen) -> Answer {
    let named: Vec<(&String, &Value)> = answer["headers"].as_object().into_iter().flatten().collect();
    let is_named = |name: &str| named.iter().any(|(known, _)| known.eq_ignore_ascii_case(name));
    let usual = [("Content-Type", "text/plain"), ("Cache-Control", "no-store")];
    let etag = answer["etag"].as_str();
    let is_fresh = etag.is_some() && request.value("if-none-match").as_deref() == etag;
    let mut made = Answer::new(if is_fresh { 304 } else { status });
    for (name, value) in usual.into_iter().filter(|(name, _)| !is_named(name)) {
        made = made.header(name, value);
    }
    for (name, value) in &named {
        made = made.header(name, told(value.as_str().expect("a text")));
    }
    if let Some(etag) = etag {
        made = made.header("ETag", etag);
    }
    match answer["body"].as_str() {
        Some(body) => made.body(body),
        None => made,
    }
}
