//! What `diff` says to programs.

use serde_json::{Map, Value, json};

use super::Difference;
use super::changes::{Change, Field, Kind};
use super::outcomes::Turned;
use crate::page::summary::Summary;

/// Everything that changes, as one object.
pub(super) fn of(difference: &Difference) -> Value {
    let side = |at: usize| {
        let file = difference.files.get(at).map(|file| file.display().to_string());
        json!({ "file": file, "fingerprint": difference.fingerprints.get(at) })
    };
    let pair =
        |pair: &Option<(String, String)>| pair.as_ref().map(|(old, new)| json!({ "old": old, "new": new }));
    json!({
        "same": difference.is_none(),
        "old": side(0),
        "new": side(1),
        "policies": Value::from_iter(difference.policies.iter().map(policy)),
        "order": difference.order.as_ref().map(|(old, new)| json!({ "old": old, "new": new })),
        "on_invalid": pair(&difference.on_invalid),
        "calls": Value::from_iter(difference.calls.iter().map(call)),
        "more_calls": difference.more,
    })
}

fn policy(change: &Change) -> Value {
    let (mut gained, mut lost, mut changed, mut covered) = (Map::new(), Map::new(), Map::new(), Map::new());
    for field in &change.fields {
        match field {
            Field::List { name, gained: came, lost: went, covered: needless } => {
                let all = [(&mut gained, came), (&mut lost, went)];
                for (map, items) in all.into_iter().filter(|(_, items)| !items.is_empty()) {
                    map.insert((*name).to_owned(), json!(items));
                }
                if !needless.is_empty() {
                    let items = needless.iter().map(|(item, by)| json!({ "entry": item, "by": by }));
                    covered.insert((*name).to_owned(), Value::from_iter(items));
                }
            }
            Field::Value { name, old, new } => {
                changed.insert((*name).to_owned(), json!({ "old": old, "new": new }));
            }
        }
    }
    let kind = match change.kind {
        Kind::Added => "added",
        Kind::Removed => "removed",
        Kind::Changed => "changed",
    };
    json!({
        "name": change.name, "change": kind, "was": change.was,
        "gained": gained, "lost": lost, "covered": covered, "changed": changed,
    })
}

fn call(turned: &Turned) -> Value {
    let Turned { call, target, old, new } = turned;
    let names: Vec<&str> = call.headers.iter().map(|header| header.name.as_str()).collect();
    json!({
        "origin": call.origin,
        "method": call.sent_method(),
        "headers": names,
        "credentials": call.credentials,
        "websocket": call.way == crate::page::call::Way::WebSocket,
        "host": target.host,
        "path": target.path,
        "route": target.route,
        "old": outcome(old),
        "new": outcome(new),
    })
}

fn outcome(summary: &Summary) -> Value {
    json!({
        "page": summary.page.as_str(),
        "verdict": summary.verdict,
        "reason": summary.reason.map(|reason| reason.as_str()),
        "policy": summary.policy,
        "why": summary.why,
    })
}
