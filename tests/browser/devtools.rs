//! What the network panel of the developer tools shows of each answer: its `Proxy-Status`, where the filter says why it
//! denied a call. Bodies of preflights are not shown there.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::engines::Opened;
use crate::pages::Pages;
use crate::support::failures::Failures;

/// Events come at once; the rest is patience with a busy machine.
const PATIENCE: Duration = Duration::from_secs(5);

/// Holds what the panel shows to the `proxy_status` of each row: of all its answers, in order.
pub(crate) fn check(browser: &Opened, pages: &Pages, failures: &mut Failures) {
    let end = Instant::now() + PATIENCE;
    let mut events = Vec::new();
    loop {
        events.extend(browser.network_events());
        let shown: Vec<_> = (0..pages.rows.len()).map(|row| shown(&events, pages.port(row))).collect();
        let differences: Vec<_> = pages
            .rows
            .iter()
            .zip(shown)
            .map(|(row, shown)| difference(&row.expect["proxy_status"], &shown))
            .collect();
        if differences.iter().all(Option::is_none) || Instant::now() > end {
            for (row, difference) in pages.rows.iter().zip(differences) {
                failures.row(row.name.as_str(), difference.into_iter().collect());
            }
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn difference(expected: &Value, shown: &[Value]) -> Option<String> {
    let shown = json!(shown);
    (*expected != shown).then(|| format!("proxy_status: expected {expected}, got {shown}"))
}

/// The `Proxy-Status` of the answers of an API, `null` where there is none. The panel takes headers from these events:
/// of an answer that the page must not read there is no `Network.responseReceived`.
fn shown(events: &[Value], port: u16) -> Vec<Value> {
    let host = format!(".example.com:{port}/");
    let of = |method: &'static str| events.iter().filter(move |event| event["method"] == method);
    let sent = of("Network.requestWillBeSent").map(|event| &event["params"]);
    let of_api = sent.filter(|sent| sent["request"]["url"].as_str().is_some_and(|url| url.contains(&host)));
    let ids: Vec<_> = of_api.map(|sent| &sent["requestId"]).collect();
    let received = of("Network.responseReceivedExtraInfo").map(|event| &event["params"]);
    let answers = received.filter(|received| ids.contains(&&received["requestId"]));
    answers.map(|answer| header(&answer["headers"], "proxy-status")).collect()
}

fn header(headers: &Value, name: &str) -> Value {
    let named = headers.as_object().into_iter().flatten().find(|(known, _)| known.eq_ignore_ascii_case(name));
    named.map(|(_, value)| value.clone()).unwrap_or_default()
}
