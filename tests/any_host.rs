//! A host may lack metrics, timers, properties, filter state, a log or its level, or refuse a call for them by any
//! status: then these are missing and nothing else. Each such call is refused in turn by each status, and all at once;
//! the plugin starts, and decides and answers as on a host that has everything.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::BTreeMap;

use support::cases::Headers;
use support::host::{Host, Lacks};

/// The statuses of the ABI but `OK`, 12 (Unimplemented) of newer hosts, and some that no host has yet.
const STATUSES: [u32; 14] = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 99, u32::MAX];

/// How many judged requests may pass until counters arrive on a host without timers.
const UNTOLD: usize = 256;

/// One policy by its route, which blocks, one that echoes what is asked for, and others.
const CONFIG: &str = r#"{"policies":[
    {"name":"blocking","match":{"routes":["blocking"]},"allow_origins":["https://b.example"],"block_denied_requests":true},
    {"name":"echo","match":{"hosts":["echo.example"]},"allow_origins":["https://a.example"],"allow_credentials":true,
        "allow_methods":["*"],"allow_headers":["*"],"allow_private_network":true,"max_age":600},
    {"name":"star","match":{"hosts":["star.example"]},"allow_origins":["*"],"expose_headers":["x-a"]},
    {"name":"rest","allow_origins":["https://a.example"],"allow_methods":["PUT"]}]}"#;

/// The host of which the route is `blocking`.
const BY_ROUTE: &str = "blocking.example";

/// What a host tells by a call, and what is lost without it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lost {
    /// All lines of the log.
    Log,
    /// The lines at level `debug`.
    DebugLines,
    /// Nothing that these few requests show.
    Ticks,
    Counters,
    /// Nothing that is looked at here.
    Gauges,
    Route,
    Record,
}

const OPTIONAL: [(&str, Lost); 8] = [
    ("proxy_log", Lost::Log),
    ("proxy_get_log_level", Lost::DebugLines),
    ("proxy_set_tick_period_milliseconds", Lost::Ticks),
    ("proxy_define_metric", Lost::Counters),
    ("proxy_increment_metric", Lost::Counters),
    ("proxy_record_metric", Lost::Gauges),
    ("proxy_get_property", Lost::Route),
    ("proxy_set_property", Lost::Record),
];

/// Everything that results from the requests below.
#[derive(Debug, PartialEq, Eq)]
struct Seen {
    outcomes: Vec<Outcome>,
    records: Vec<Option<String>>,
    counters: BTreeMap<String, u64>,
    lines: Vec<String>,
    debug_lines: Vec<String>,
}

/// What the client and the upstream see of a request.
#[derive(Debug, PartialEq, Eq)]
struct Outcome {
    is_forwarded: bool,
    status: u16,
    headers: Headers,
    body: Vec<u8>,
}

fn requests() -> Vec<Headers> {
    let origins = [None, Some("https://a.example"), Some("https://b.example"), Some("null")];
    let asked: [&[(&str, &str)]; 4] = [
        &[],
        &[(":method", "OPTIONS"), ("access-control-request-method", "PUT")],
        &[
            (":method", "OPTIONS"),
            ("access-control-request-method", "DELETE"),
            ("access-control-request-headers", "x-b,authorization"),
        ],
        &[
            (":method", "OPTIONS"),
            ("access-control-request-method", "PUT"),
            ("access-control-request-private-network", "true"),
        ],
    ];
    let mut requests = Vec::new();
    for host in [BY_ROUTE, "echo.example", "star.example", "rest.example"] {
        for origin in origins {
            for asked in asked {
                let common = [(":authority", host), (":path", "/"), (":scheme", "https"), (":method", "GET")];
                let common = common.into_iter().filter(|(name, _)| asked.iter().all(|it| it.0 != *name));
                let origin = origin.map(|origin| ("origin", origin));
                let lines = common.chain(origin).chain(asked.iter().copied());
                requests
                    .push(lines.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).collect());
            }
        }
    }
    requests
}

fn verbose(refused: &[(&'static str, u32)]) -> Lacks {
    Lacks { refused: refused.to_vec(), is_verbose: true, ..Lacks::default() }
}

fn seen(lacks: &Lacks) -> Seen {
    seen_with_routes(lacks, true)
}

fn seen_with_routes(lacks: &Lacks, has_routes: bool) -> Seen {
    let mut host = Host::start_without(lacks, CONFIG).unwrap_or_else(|errors| panic!("{errors:?}"));
    let upstream = vec![("vary".to_owned(), b"accept".to_vec()), ("x-a".to_owned(), b"1".to_vec())];
    let (mut outcomes, mut records) = (Vec::new(), Vec::new());
    for request in requests() {
        let is_by_route = request.iter().any(|(_, value)| value == BY_ROUTE.as_bytes());
        let route = if is_by_route { "blocking" } else { "other" };
        host.state_mut().route = has_routes.then(|| route.as_bytes().to_vec());
        let played = host.play(&request, (200, &upstream));
        let mut headers = played.response.head.headers;
        headers.sort();
        let (is_forwarded, status, body) =
            (played.is_forwarded, played.response.status, played.response.body);
        outcomes.push(Outcome { is_forwarded, status, headers, body });
        records.push(played.recorded.map(|it| it.escape_ascii().to_string()));
    }
    host.tick();
    host.delete();
    let counters = host.state().counters().into_iter().map(|(name, n)| (name.to_owned(), n)).collect();
    let lines = (2..=5).flat_map(|level| host.state().lines(level)).collect();
    Seen { outcomes, records, counters, lines, debug_lines: host.state().lines(1) }
}

/// What is seen on a host that has everything else.
fn expected(lost: &[Lost]) -> Seen {
    let lacks = |what| lost.contains(&what);
    let mut seen = seen_with_routes(&verbose(&[]), !lacks(Lost::Route));
    if lacks(Lost::Record) {
        seen.records.fill(None);
    }
    if lacks(Lost::Counters) {
        seen.counters.clear();
    }
    if lacks(Lost::Log) {
        seen.lines.clear();
    }
    if lacks(Lost::Log) || lacks(Lost::DebugLines) {
        seen.debug_lines.clear();
    }
    seen
}

#[test]
fn a_host_that_has_everything_shows_each_kind() {
    let all = expected(&[]);
    let answered = all.outcomes.iter().filter(|outcome| !outcome.is_forwarded);
    let statuses: Vec<u16> = answered.map(|outcome| outcome.status).collect();
    assert!(statuses.contains(&204) && statuses.contains(&403), "{statuses:?}");
    assert!(all.outcomes.iter().any(|outcome| outcome.is_forwarded));
    assert!(all.records.iter().flatten().any(|it| it == "allowed"), "{:?}", all.records);
    assert!(all.records.iter().flatten().any(|it| it.starts_with("denied:")), "{:?}", all.records);
    assert!(all.counters.keys().any(|name| name.starts_with("proxy_wasm_cors.blocking.")));
    assert!(!all.lines.is_empty() && !all.debug_lines.is_empty());
    assert_ne!(all.outcomes, expected(&[Lost::Route]).outcomes, "routes choose policies");
}

#[test]
fn each_call_is_refused_by_each_status() {
    for (call, lost) in OPTIONAL {
        let expected = expected(&[lost]);
        for status in STATUSES {
            let refused = verbose(&[(call, status)]);
            assert_eq!(seen(&refused), expected, "`{call}` answers {status}");
        }
    }
}

#[test]
fn all_calls_are_refused_at_once() {
    let expected = expected(&OPTIONAL.map(|(_, lost)| lost));
    for status in STATUSES {
        let refused = verbose(&OPTIONAL.map(|(call, _)| (call, status)));
        assert_eq!(seen(&refused), expected, "all answer {status}");
    }
}

/// Where the plugin does not see its own replies, they have all their headers from the start, `Vary` too.
#[test]
fn replies_are_whole_from_the_start() {
    let hiding = Lacks { hides_replies: true, ..verbose(&[]) };
    assert_eq!(seen(&hiding), expected(&[]));
}

/// The removal of a header that is not there may be refused.
#[test]
fn removals_are_refused() {
    let expected = expected(&[]);
    for status in STATUSES {
        let refused = verbose(&[("proxy_remove_header_map_value", status)]);
        assert_eq!(seen(&refused), expected, "a removal answers {status}");
    }
}

/// As its tester is built: <https://github.com/GoogleCloudPlatform/service-extensions/tree/main/plugins>.
#[test]
fn google_cloud_service_extensions() {
    let refused = [
        ("proxy_define_metric", 12),
        ("proxy_increment_metric", 12),
        ("proxy_set_property", 12),
        ("proxy_get_property", 1),
    ];
    let google = Lacks { hides_replies: true, ..verbose(&refused) };
    let lost = [Lost::Counters, Lost::Record, Lost::Route];
    assert_eq!(seen(&google), expected(&lost));
}

/// Counters arrive without a tick, but not with each request.
#[test]
fn a_host_without_timers() {
    let refused = [("proxy_set_tick_period_milliseconds", 12)];
    let config = r#"{"allow_origins":["https://a.example"]}"#;
    let mut host = Host::start_without(&verbose(&refused), config).expect("it is valid");
    let line = |origin: &str| vec![("origin".to_owned(), origin.as_bytes().to_vec())];
    let (allowed, upstream) = (line("https://a.example"), Headers::new());
    let name = "proxy_wasm_cors.default.request_allowed";
    for round in 1..=3 {
        for _ in 1..UNTOLD {
            let calls = host.play(&allowed, (200, &upstream)).calls;
            assert!(calls.iter().all(|call| call.what != "count"), "{calls:?}");
        }
        // What is not judged is not counted.
        host.play(&Headers::new(), (200, &upstream));
        assert_eq!(host.state().counters().get(name).copied().unwrap_or(0) as usize, (round - 1) * UNTOLD);
        host.play(&allowed, (200, &upstream));
        assert_eq!(host.state().counters(), BTreeMap::from([(name, (round * UNTOLD) as u64)]));
    }
}

/// With timers, requests tell nothing however many there are.
#[test]
fn a_host_with_timers() {
    let config = r#"{"allow_origins":["https://a.example"]}"#;
    let mut host = Host::start(config).expect("it is valid");
    let allowed = vec![("origin".to_owned(), b"https://a.example".to_vec())];
    for _ in 0..4 * UNTOLD {
        host.play(&allowed, (200, &Headers::new()));
    }
    assert_eq!(host.state().counters(), BTreeMap::new());
}
