//! Where a request is counted, and when Envoy has it.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use crate::envoy::{self, Config, Stream};
use crate::scheduler::IS_OLD;
use crate::{APP, DENYING, EVIL, Lines, OPEN, ROUTED, counted};

/// A policy that denies for each reason that a request can have without a second policy.
const STRICT: &str =
    r#"{ "name": "strict", "allow_origins": ["https://app.example.com"], "allow_methods": ["PUT"] }"#;
const INVALID: &str = r#"{ "name": "i", "on_invalid": "deny", "allow_origins": ["a/"] }"#;

const ALLOWED: Lines<'_> = &[GET, OF_APP];
const DENIED: Lines<'_> = &[GET, OF_EVIL];

type Header = (&'static str, &'static [u8]);

const GET: Header = (":method", b"GET");
const OPTIONS: Header = (":method", b"OPTIONS");
const OF_APP: Header = ("origin", APP.as_bytes());
const OF_EVIL: Header = ("origin", EVIL.as_bytes());
const PUT: Header = ("access-control-request-method", b"PUT");
const PATCH: Header = ("access-control-request-method", b"PATCH");
const OTHER: Header = ("access-control-request-headers", b"x-other");
const PRIVATE: Header = ("access-control-request-private-network", b"true");

/// Policy, request, and the counters in which it counts: its outcome, and its reason and kind if it is denied.
const VERDICTS: [(&str, Lines<'_>, &[&str]); 12] = [
    (STRICT, &[GET], &[]),
    (STRICT, &[GET, OF_APP], &["request_allowed/strict"]),
    (STRICT, &[OPTIONS, OF_APP, PUT], &["preflight_allowed/strict"]),
    (STRICT, &[GET, OF_EVIL], &["request_denied/strict", "denied/strict/origin-not-allowed/request"]),
    (
        STRICT,
        &[OPTIONS, OF_EVIL, PUT],
        &["preflight_denied/strict", "denied/strict/origin-not-allowed/preflight"],
    ),
    (STRICT, &[GET, ("origin", b"null")], &["request_denied/strict", "denied/strict/origin-null/request"]),
    (STRICT, &[GET, ("origin", b"x")], &["request_denied/strict", "denied/strict/origin-malformed/request"]),
    (
        STRICT,
        &[OPTIONS, OF_APP, PATCH],
        &["preflight_denied/strict", "denied/strict/method-not-allowed/preflight"],
    ),
    (
        STRICT,
        &[OPTIONS, OF_APP, PUT, OTHER],
        &["preflight_denied/strict", "denied/strict/header-not-allowed/preflight"],
    ),
    (
        STRICT,
        &[OPTIONS, OF_APP, PUT, PRIVATE],
        &["preflight_denied/strict", "denied/strict/private-network-not-allowed/preflight"],
    ),
    (INVALID, &[GET, OF_APP], &["request_denied/default", "denied/default/config-invalid/request"]),
    (
        INVALID,
        &[OPTIONS, OF_APP, PUT],
        &["preflight_denied/default", "denied/default/config-invalid/preflight"],
    ),
];

fn send(config: &Config, request: Lines<'_>, route: Option<usize>) {
    let mut stream = Stream::prepared(request);
    stream.set_route(route);
    stream.run(config);
}

#[track_caller]
fn check(expected: &[(&str, u64)]) {
    let expected = expected.iter().map(|(series, count)| ((*series).to_owned(), *count));
    assert_eq!(counted::take(), expected.collect::<BTreeMap<_, _>>());
}

fn new(config: &str) -> Config {
    Config::new("cors", config.as_bytes()).expect("it is valid")
}

fn with_release(is_old: bool, test: impl FnOnce()) {
    envoy::with_host(|| {
        // It takes what an earlier test has left.
        drop(new(DENYING));
        counted::take();
        IS_OLD.store(is_old, Ordering::Relaxed);
        test();
        IS_OLD.store(false, Ordering::Relaxed);
    });
}

/// A newer release has a count when it collects it, an older one at once.
#[test]
fn each_verdict() {
    for is_old in [false, true] {
        with_release(is_old, || {
            for (config, request, expected) in VERDICTS {
                let config = new(config);
                for _ in 0..3 {
                    send(&config, request, None);
                }
                if !is_old {
                    check(&[]);
                    config.scheduled();
                }
                check(&expected.iter().map(|series| (*series, 3)).collect::<Vec<_>>());
                config.scheduled();
                check(&[]);
            }
        });
    }
}

/// A policy of a route has no configuration that could collect for it.
#[test]
fn a_policy_of_a_route_counts_at_once() {
    with_release(false, || {
        let route = envoy::route(OPEN).expect("it is valid");
        let config = new(DENYING);
        send(&config, DENIED, Some(route));
        check(&[("request_allowed/open", 1)]);
        drop(config);
        envoy::end_route(route);
    });
}

/// What a configuration had counted when it ended goes to the next one that is made, and to one that is there already.
#[test]
fn the_end_of_a_configuration_loses_nothing() {
    let expected = [
        ("request_allowed/default", 1),
        ("request_denied/default", 2),
        ("denied/default/origin-not-allowed/request", 2),
    ];
    let count = |config: &Config| [ALLOWED, DENIED, DENIED].map(|request| send(config, request, None));
    with_release(false, || {
        let old = new(DENYING);
        count(&old);
        drop(old);
        check(&[]);
        let next = new(DENYING);
        check(&expected);
        // One with other policies collects it too.
        let other = new(ROUTED);
        count(&next);
        drop(next);
        check(&[]);
        other.scheduled();
        check(&expected);
        other.scheduled();
        check(&[]);
    });
}

/// The module asks within a second or two, and only if there is something to collect: of the configuration itself, or of one
/// that has ended.
#[test]
fn the_module_asks_for_its_hook() {
    let patience = Duration::from_secs(10);
    let wait = |config: &Config| {
        let begin = Instant::now();
        while !config.was_asked_for() {
            assert!(begin.elapsed() < patience, "the module does not ask");
            thread::sleep(Duration::from_millis(50));
        }
    };
    with_release(false, || {
        let (config, idle) = (new(DENYING), new(OPEN));
        send(&config, ALLOWED, None);
        wait(&config);
        assert!(!idle.was_asked_for());
        config.scheduled();
        config.was_asked_for();
        thread::sleep(Duration::from_millis(1_500));
        assert!(!config.was_asked_for(), "nothing is left to collect");
        send(&config, ALLOWED, None);
        drop(config);
        wait(&idle);
        idle.scheduled();
        check(&[("request_allowed/default", 2)]);
    });
}

/// All of a policy's counters are there from the start, in an older release from the first request on.
#[test]
fn counters_are_shown_before_anything_is_counted() {
    for (is_old, at_first) in [(false, 22), (true, 0)] {
        with_release(is_old, || {
            let config = new(DENYING);
            assert_eq!(counted::shown(), at_first);
            send(&config, &[GET], None);
            assert_eq!(counted::shown(), 22);
            check(&[]);
        });
    }
}
