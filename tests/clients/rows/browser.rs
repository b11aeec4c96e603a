//! What a browser does by itself: event streams, WebSockets, fonts, service workers.

use crate::row::Page::{App, Dashboard, Stranger};
use crate::row::Row;

pub(crate) const ROWS: &[Row] = &[
    (
        "events: the client comes again for the rest, without a preflight",
        App,
        "events",
        "events(api)",
        "one | two | the rest after 2",
        &["GET 200", "GET 200"],
    ),
    (
        "events: with cookies, where there are none",
        App,
        "events",
        "events(api, { withCredentials: true })",
        "closed",
        &["GET 200"],
    ),
    (
        "events: with cookies",
        Dashboard,
        "dashboard",
        "events(api, { withCredentials: true })",
        "one | two | the rest after 2",
        &["GET 200", "GET 200"],
    ),
    ("events: another page", Stranger, "events", "events(api)", "closed", &["GET 200 origin-not-allowed"]),
    ("WebSockets: the page", App, "websockets", "socket(api)", "ping", &["GET 101"]),
    (
        "WebSockets: another page",
        Stranger,
        "websockets",
        "socket(api)",
        "refused",
        &["GET 403 origin-not-allowed"],
    ),
    (
        "WebSockets: another page that nothing blocks",
        Stranger,
        "websockets-unblocked",
        "socket(api)",
        "ping",
        &["GET 101"],
    ),
    ("fonts: for everybody", Stranger, "public", "font(api)", "loaded", &["GET 200"]),
    ("fonts: for the listed page", App, "downloads", "font(api)", "loaded", &["GET 200"]),
    (
        "fonts: for another page",
        Stranger,
        "downloads",
        "font(api)",
        "NetworkError",
        &["GET 200 origin-not-allowed"],
    ),
    (
        "service worker: passes a call on",
        App,
        "downloads",
        "throughWorker(`${api}/alphabet`)",
        "abcdefghijklmnopqrstuvwxyz, 1 passed on",
        &["GET 200"],
    ),
    (
        "service worker: of another page",
        Stranger,
        "downloads",
        "throughWorker(`${api}/alphabet`)",
        "refused, 1 passed on",
        &["GET 200 origin-not-allowed"],
    ),
];
