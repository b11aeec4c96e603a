//! The module in a host of its own, which has Envoy's callbacks and calls the hooks in every order in which they may come, and
//! in some in which they may not. `make test` runs it under valgrind as well: no byte is read or written that is not there,
//! and nothing is kept.

#![expect(unsafe_code, reason = "it is a host")]
#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![allow(missing_docs, reason = "the names are Envoy's")]

#[path = "hooks/callbacks.rs"]
mod callbacks;
#[path = "hooks/counted.rs"]
mod counted;
#[path = "hooks/counts.rs"]
mod counts;
#[path = "hooks/envoy.rs"]
mod envoy;
#[path = "hooks/scheduler.rs"]
mod scheduler;

use std::sync::atomic::Ordering;

use callbacks::LEVEL;
use envoy::{Config, Sent, Stream};

const APP: &str = "https://app.example.com";
const EVIL: &str = "https://evil.example";

const LISTED: &str = r#"{ "allow_origins": ["https://app.example.com"], "block_denied_requests": true }"#;
const OPEN: &str = r#"{ "name": "open", "allow_origins": ["*"] }"#;
const DENYING: &str = r#"{ "allow_origins": ["https://app.example.com"] }"#;
const ROUTED: &str = r#"{ "policies": [{ "name": "a", "match": { "routes": ["r"] }, "allow_origins": ["https://app.example.com"] }] }"#;

/// Header lines.
type Lines<'a> = &'a [(&'static str, &'static [u8])];

/// A step in the life of a stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Request,
    Response,
    RouteChanged,
    Collected,
    Others,
}

const STEPS: [Step; 5] = [Step::Request, Step::Response, Step::RouteChanged, Step::Collected, Step::Others];

/// Every order of so many steps, each of which may come several times or not at all.
fn orders(length: usize) -> Vec<Vec<Step>> {
    let longer = |order: &Vec<Step>| STEPS.map(|step| [order.as_slice(), &[step]].concat());
    (0..length).fold(vec![Vec::new()], |orders, _| orders.iter().flat_map(longer).collect())
}

/// Requests: the method, the origin, and the method that a preflight asks for.
fn requests() -> Vec<Vec<(&'static str, &'static [u8])>> {
    let mut requests = Vec::new();
    for method in [&b"GET"[..], b"HEAD", b"OPTIONS"] {
        for origins in [&[][..], &[APP.as_bytes()], &[EVIL.as_bytes()], &[&b"\xff\0"[..], b""], &[b""]] {
            for asked in [None, Some(&b"PUT"[..])] {
                let mut headers =
                    vec![(":method", method), (":path", b"/x?y"), (":authority", b"api.example.com")];
                headers.extend(origins.iter().map(|origin| ("origin", *origin)));
                headers.extend(asked.map(|asked| ("access-control-request-method", asked)));
                requests.push(headers);
            }
        }
    }
    requests
}

fn live(
    config: &Config,
    order: &[Step],
    request: &[(&'static str, &'static [u8])],
    routes: [Option<usize>; 2],
) {
    let mut stream = Stream::of(config, request);
    stream.set_route(routes[0]);
    for step in order {
        match step {
            Step::Request => stream.request_headers(),
            Step::Response => {
                let response: [(&str, &[u8]); 3] = [
                    (":status", b"200"),
                    ("access-control-allow-origin", b"https://evil.example"),
                    ("vary", b"accept"),
                ];
                stream.response_headers(&response);
            }
            Step::RouteChanged => stream.set_route(routes[1]),
            Step::Collected => config.scheduled(),
            Step::Others => stream.other_hooks(),
        }
    }
}

#[test]
fn every_hook_in_every_order() {
    envoy::with_host(|| {
        let routes = [envoy::route(OPEN), envoy::route(ROUTED)].map(|route| route.expect("it is valid"));
        let mut lives = 0;
        for config in [LISTED, OPEN, ROUTED] {
            let config = Config::new("cors", config.as_bytes()).expect("it is valid");
            for order in (0..=3).flat_map(orders) {
                for request in requests() {
                    let places = [[None, None], [None, Some(routes[0])], [Some(routes[1]), None]];
                    live(&config, &order, &request, places[lives % places.len()]);
                    lives += 1;
                }
            }
        }
        routes.into_iter().for_each(envoy::end_route);
        println!("{lives} streams");
    });
}

/// Envoy may never get a null filter, and none outlives its stream.
#[test]
fn a_configuration_comes_and_goes() {
    envoy::with_host(|| {
        for _ in 0..20 {
            let config = Config::new("cors", LISTED.as_bytes()).expect("it is valid");
            let other = Config::new("cors", OPEN.as_bytes()).expect("it is valid");
            config.scheduled();
            drop(config);
            drop(Stream::of(&other, &[]));
            other.scheduled();
        }
        for bad in
            [&b""[..], b"{", b"\xff", b"{\"allow_origins\": []}", br#"{"allow_origins":["https://a/"]}"#]
        {
            assert!(Config::new("cors", bad).is_none(), "{}", bad.escape_ascii());
            assert!(envoy::route(&String::from_utf8_lossy(bad)).is_none(), "{}", bad.escape_ascii());
        }
    });
}

/// What a stream asks Envoy for, and what it answers.
#[test]
fn a_preflight() {
    envoy::with_host(|| {
        let config = Config::new("cors", LISTED.as_bytes()).expect("it is valid");
        let request: [(&str, &[u8]); 3] =
            [(":method", b"OPTIONS"), ("origin", APP.as_bytes()), ("access-control-request-method", b"GET")];
        let mut stream = Stream::of(&config, &request);
        stream.request_headers();
        let sent = Sent {
            headers: [(":status", "204"), ("access-control-allow-origin", APP), ("vary", "Origin")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .to_vec(),
            content: String::new(),
            has_ended: true,
        };
        assert_eq!(stream.sent(), Some(&sent));
        assert_eq!(stream.filter_state(), Some("allowed"));
    });
}

/// However many lines there are, all are read, and what the upstream says of CORS is gone.
#[test]
fn many_lines() {
    envoy::with_host(|| {
        let config = Config::new("cors", LISTED.as_bytes()).expect("it is valid");
        let of_cors: [(&str, &[u8]); 4] = [
            ("access-control-allow-origin", b"*"),
            ("access-control-max-age", b"1"),
            ("access-control-max-age", b"2"),
            ("vary", b"accept"),
        ];
        for others in [0, 1, 59, 60, 61, 62, 63, 64, 65, 1_000] {
            let mut request: Vec<(&str, &[u8])> = vec![("x-other", b"1"); others];
            request.extend([(":method", &b"GET"[..]), ("origin", APP.as_bytes())]);
            let mut stream = Stream::of(&config, &request);
            stream.request_headers();
            let response: Vec<_> = vec![("x-other", &b"1"[..]); others].into_iter().chain(of_cors).collect();
            stream.response_headers(&response);
            let edited =
                [("access-control-allow-origin", APP), ("vary", "accept, Origin")].map(owned).into_iter();
            let expected: Vec<_> =
                edited.chain(std::iter::repeat_n(owned(("x-other", "1")), others)).collect();
            assert_eq!(stream.response(), expected, "{others} other lines");
        }
    });
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}

/// How many times memory is asked for: for the stream, for each header that is read, and for what is sent. In the last two
/// numbers is what this host keeps of it.
#[test]
fn allocations_of_a_stream() {
    let preflight: [(&'static str, &'static [u8]); 3] =
        [(":method", b"OPTIONS"), ("origin", APP.as_bytes()), ("access-control-request-method", b"GET")];
    let rows: [(&str, &str, Lines<'_>, u64); 4] = [
        ("no origin", LISTED, &[(":method", b"GET")], 1),
        ("allowed", LISTED, &[(":method", b"GET"), ("origin", APP.as_bytes())], 2),
        ("denied", DENYING, &[(":method", b"GET"), ("origin", EVIL.as_bytes())], 4),
        ("preflight", LISTED, &preflight, 13),
    ];
    envoy::with_host(|| {
        // Denials are not logged.
        LEVEL.store(2, Ordering::Relaxed);
        for (name, config, request, expected) in rows {
            let config = Config::new("cors", config.as_bytes()).expect("it is valid");
            let mut stream = Stream::prepared(request);
            // The first of a configuration shows its metrics, and notes an origin that is denied.
            stream.run(&config);
            let mut stream = Stream::prepared(request);
            let counted = allocation_counter::measure(|| stream.run(&config));
            assert_eq!(counted.count_total, expected, "{name}");
        }
        LEVEL.store(1, Ordering::Relaxed);
    });
}
