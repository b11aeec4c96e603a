//! What `explain` prints for programs: one object. Its members keep their meaning; others may be added.

use serde_json::{Map, Value, json};

use crate::entries::{Entry, Standing};
use crate::page::call::Call;
use crate::page::course::{Answer, Course, Exchange};
use crate::page::summary::Summary;

/// A course as JSON.
pub(crate) fn of(course: &Course, summary: &Summary, standing: &Standing, call: Option<&Call>) -> Value {
    let (matched, nearest) = match standing {
        Standing::Matched(matched) => (entry(matched), Value::Null),
        Standing::Nearest(nearest, differs) => {
            (Value::Null, json!({ "at": nearest.at, "entry": nearest.text, "differs": differs }))
        }
        Standing::None => (Value::Null, Value::Null),
    };
    json!({
        "policy": summary.policy,
        "verdict": summary.verdict,
        "reason": summary.reason.map(|reason| reason.as_str()),
        "refused": summary.refused,
        "preflight": course.preflight.as_ref().map(preflight),
        "answer": course.request.as_ref().map(|request| json!({ "headers": headers(request) })),
        "page": summary.page.as_str(),
        "why": summary.why,
        "matched": matched,
        "nearest": nearest,
        "depends_on_value_of": call.map(Call::headers_that_depend).unwrap_or_default(),
    })
}

fn entry(entry: &Entry) -> Value {
    json!({ "at": entry.at, "entry": entry.text })
}

fn preflight(exchange: &Exchange) -> Value {
    let status = match exchange.answer {
        Answer::Known(status, _) => Some(status),
        Answer::Upstreams => None,
    };
    json!({ "status": status, "headers": headers(exchange) })
}

fn headers(exchange: &Exchange) -> Map<String, Value> {
    exchange.headers().into_iter().map(|(name, value)| (name, Value::String(value))).collect()
}
