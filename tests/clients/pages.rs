//! The server of the pages, and of what they load from their own origin.

use crate::support::upstream::{Answer, Seen};

/// The clients, each by hand but for those that a browser has.
const CLIENTS: [&str; 5] = [
    include_str!("page/play.js"),
    include_str!("page/grpc.js"),
    include_str!("page/protocols.js"),
    include_str!("page/browser.js"),
    include_str!("page/worker.js"),
];

/// A service worker that passes on what its pages fetch, and says how often it did.
const WORKER: &str = r#"
    let passed = 0;
    addEventListener("fetch", (event) => {
      const is_asked = event.request.url.endsWith("/passed");
      if (!is_asked) passed += 1;
      event.respondWith(is_asked ? new Response(String(passed)) : fetch(event.request));
    });
"#;

pub(crate) fn answer(request: &Seen) -> Answer {
    let (path, query) = request.path().split_once('?').unwrap_or((request.path(), ""));
    let typed = |kind: &str, body: &str| Answer::new(200).header("Content-Type", kind).body(body);
    let html = |body: &str| typed("text/html; charset=utf-8", body);
    match path {
        "/" | "/worked/" => html(&format!("<!doctype html><script>{}</script>", CLIENTS.concat())),
        "/worker.js" => typed("text/javascript", WORKER),
        // Its policy forbids its image; the query is where it reports that to.
        "/violates" => html("<!doctype html><img src=/forbidden.png>")
            .header("Content-Security-Policy", format!("img-src 'none'; report-uri {query}")),
        "/violates-anew" => html("<!doctype html><img src=/forbidden.png>")
            .header("Reporting-Endpoints", format!("here=\"{query}\""))
            .header("Content-Security-Policy", "img-src 'none'; report-to here"),
        _ => Answer::new(404),
    }
}
