//! Small servers. An honest one has no fault; each other is the honest one with one thing wrong.

use std::sync::{Arc, Mutex};

use crate::probed::{PAGE, Probed};
use crate::support::failures::Failures;
use crate::support::upstream::{Answer, Seen, serve};

/// What the honest server answers, and a fault then spoils.
fn honest(request: &Seen, allows: &dyn Fn(&str) -> bool) -> Answer {
    let origin = request.value("origin").unwrap_or_default();
    let is_preflight = request.method() == "OPTIONS";
    let mut answer = Answer::new(if is_preflight { 204 } else { 200 }).header("vary", "Origin");
    if !allows(&origin) {
        return answer;
    }
    answer = answer.header("access-control-allow-origin", &origin);
    answer = answer.header("access-control-allow-credentials", "true");
    if is_preflight {
        answer = answer.header("access-control-allow-methods", "PUT, DELETE");
        answer = answer.header("access-control-allow-headers", "authorization, x-debug");
        answer = answer.header("access-control-max-age", "600");
    }
    answer
}

/// The same but for one header.
fn with(mut answer: Answer, name: &str, value: &str) -> Answer {
    answer.headers.retain(|(known, _)| known != name);
    if value.is_empty() { answer } else { answer.header(name, value) }
}

type Spoil = fn(&Seen, Answer) -> Answer;
type Allows = fn(&str) -> bool;

fn is_preflight(request: &Seen) -> bool {
    request.method() == "OPTIONS"
}

struct Row {
    name: &'static str,
    spoil: Spoil,
    findings: &'static [&'static str],
    page: &'static str,
    code: i32,
}

const READS: &str = "reads";

/// Faults in what an allowed page gets, as a call with `PUT` and an `authorization` shows them.
const FAULTS: [Row; 20] = [
    Row { name: "honest", spoil: |_, it| it, findings: &[], page: READS, code: 0 },
    Row {
        name: "without Vary",
        spoil: |_, it| with(it, "vary", ""),
        findings: &["warning vary-missing"],
        page: READS,
        code: 0,
    },
    Row {
        name: "without Vary but not stored",
        spoil: |_, it| with(with(it, "vary", ""), "cache-control", "private, no-store"),
        findings: &[],
        page: READS,
        code: 0,
    },
    Row {
        name: "headers twice",
        spoil: |_, it| it.header("access-control-allow-origin", PAGE),
        findings: &["warning header-twice"],
        page: "blocked: CORS check, step 4",
        code: 1,
    },
    Row {
        name: "a redirected preflight",
        spoil: |request, it| match is_preflight(request) {
            true => Answer { status: 307, ..it.header("location", "https://api.example.com/login") },
            false => it,
        },
        findings: &["warning preflight-redirected"],
        page: "blocked: CORS-preflight fetch, step 8",
        code: 1,
    },
    Row {
        name: "a preflight that has to log in",
        spoil: |request, it| if is_preflight(request) { Answer { status: 401, ..it } } else { it },
        findings: &["warning preflight-unauthorized"],
        page: "blocked: CORS-preflight fetch, step 8",
        code: 1,
    },
    Row {
        name: "a preflight that meets no route",
        spoil: |request, it| if is_preflight(request) { Answer::new(405) } else { it },
        findings: &["warning preflight-not-routed"],
        page: "blocked: CORS check, step 2",
        code: 1,
    },
    Row {
        name: "a preflight that fails",
        spoil: |request, it| if is_preflight(request) { Answer { status: 500, ..it } } else { it },
        findings: &["warning preflight-fails"],
        page: "blocked: CORS-preflight fetch, step 8",
        code: 1,
    },
    Row {
        name: "a preflight with content",
        spoil: |request, it| if is_preflight(request) { Answer { status: 200, ..it } } else { it },
        findings: &["note preflight-with-content"],
        page: READS,
        code: 0,
    },
    Row {
        name: "an error without headers",
        spoil: |request, it| if is_preflight(request) { it } else { Answer::new(503) },
        findings: &["warning no-headers-on-error"],
        page: "blocked: CORS check, step 2",
        code: 1,
    },
    Row {
        name: "any origin and credentials",
        spoil: |_, it| with(it, "access-control-allow-origin", "*"),
        findings: &["warning wildcard-with-credentials"],
        page: READS,
        code: 0,
    },
    Row {
        name: "any header",
        spoil: |request, it| match is_preflight(request) {
            true => with(it, "access-control-allow-headers", "*"),
            false => it,
        },
        findings: &["warning wildcard-misses-authorization"],
        page: "blocked: CORS-preflight fetch, step 7.6",
        code: 1,
    },
    Row {
        name: "methods that are none",
        spoil: |request, it| match is_preflight(request) {
            true => with(it, "access-control-allow-methods", "PUT; DELETE"),
            false => it,
        },
        findings: &["warning list-not-of-names"],
        page: "blocked: CORS-preflight fetch, step 7.3",
        code: 1,
    },
    Row {
        name: "another method",
        spoil: |request, it| match is_preflight(request) {
            true => with(it, "access-control-allow-methods", "put"),
            false => it,
        },
        findings: &[],
        page: "blocked: CORS-preflight fetch, step 7.5",
        code: 1,
    },
    Row {
        name: "a week",
        spoil: |request, it| match is_preflight(request) {
            true => with(it, "access-control-max-age", "604800"),
            false => it,
        },
        findings: &["note max-age-too-long"],
        page: READS,
        code: 0,
    },
    Row {
        name: "ten minutes",
        spoil: |request, it| match is_preflight(request) {
            true => with(it, "access-control-max-age", "10m"),
            false => it,
        },
        findings: &["warning max-age-not-seconds"],
        page: READS,
        code: 0,
    },
    Row {
        name: "a slash behind the origin",
        spoil: |_, it| with(it, "access-control-allow-origin", "https://app.example.com/"),
        findings: &["warning origin-written-otherwise"],
        page: "blocked: CORS check, step 4",
        code: 1,
    },
    Row {
        name: "several origins",
        spoil: |_, it| with(it, "access-control-allow-origin", "https://a.example, https://app.example.com"),
        findings: &["warning several-origins"],
        page: "blocked: CORS check, step 4",
        code: 1,
    },
    Row {
        name: "null for everyone",
        spoil: |_, it| with(it, "access-control-allow-origin", "null"),
        findings: &["warning null-named"],
        page: "blocked: CORS check, step 4",
        code: 1,
    },
    Row {
        name: "True",
        spoil: |_, it| with(it, "access-control-allow-credentials", "True"),
        findings: &["warning credentials-not-true"],
        page: READS,
        code: 0,
    },
];

#[test]
fn each_fault_is_found() {
    let mut failures = Failures::new("faults of an answer");
    for Row { name, spoil, findings, page, code } in FAULTS {
        let port = serve(move |request| Some(spoil(request, honest(request, &|origin| origin == PAGE))));
        let probed = Probed::at(port, &["--method", "put", "--header", "authorization: secret"]);
        let found = (probed.findings(), probed.page(), probed.code);
        let expected = (findings.iter().map(|it| (*it).to_owned()).collect(), page.to_owned(), code);
        let difference = format!("{found:?}, not {expected:?}");
        failures.row(name, if found == expected { Vec::new() } else { vec![difference] });
    }
    failures.finish();
}

/// Rules that allow more than the page, as an audit shows them.
const RULES: [(&str, Allows, &[&str], i32); 11] = [
    ("honest", |origin| origin == PAGE, &[], 0),
    ("anyone", |_| true, &["severe any-origin-reflected", "severe null-accepted"], 1),
    ("null too", |origin| origin == PAGE || origin == "null", &["severe null-accepted"], 1),
    ("beginning", |origin| origin.starts_with(PAGE), &["severe port-accepted", "severe prefix-accepted"], 1),
    (
        "end of the domain",
        |origin| origin.starts_with("https://") && origin.ends_with("example.com"),
        &["note siblings-accepted", "severe dot-accepted", "severe suffix-accepted"],
        1,
    ),
    (
        "end of the host",
        |origin| origin == PAGE || origin == "https://evilapp.example.com",
        &["severe suffix-accepted"],
        1,
    ),
    (
        "all below the domain",
        |origin| origin.starts_with("https://") && origin.ends_with(".example.com"),
        &["note siblings-accepted"],
        0,
    ),
    (
        "a dot for any character",
        |origin| origin == PAGE || origin == "https://appxexample.com",
        &["severe dot-accepted"],
        1,
    ),
    ("any scheme", |origin| origin.ends_with("://app.example.com"), &["severe scheme-accepted"], 1),
    (
        "any port",
        |origin| origin == PAGE || origin.starts_with("https://app.example.com:"),
        &["severe port-accepted"],
        1,
    ),
    ("nobody", |_| false, &[], 1),
];

#[test]
fn each_careless_rule_is_found() {
    let mut failures = Failures::new("rules for origins");
    for (name, allows, findings, code) in RULES {
        let port = serve(move |request| Some(honest(request, &allows)));
        for (with, severity) in [(true, "severe"), (false, "warning")] {
            let port = if with { port } else { without_credentials(allows) };
            let probed = Probed::at(port, &["--audit"]);
            let mut expected: Vec<String> =
                findings.iter().map(|it| it.replace("severe", severity)).collect();
            expected.sort();
            // What is only read without cookies is a warning.
            let code = if with || name == "nobody" { code } else { 0 };
            let found = (probed.findings(), probed.code);
            let difference = format!("{found:?}, not {:?}", (&expected, code));
            let name = format!("{name}, {}", if with { "with credentials" } else { "without" });
            failures.row(name, if found == (expected, code) { Vec::new() } else { vec![difference] });
        }
    }
    failures.finish();
}

fn without_credentials(allows: Allows) -> u16 {
    serve(move |request| Some(with(honest(request, &allows), "access-control-allow-credentials", "")))
}

/// An origin that is named to everyone depends on nothing; one that is named only to whom it is does.
#[test]
fn an_audit_tells_whether_the_answer_depends_on_the_origin() {
    let named = |_: &Seen| Some(Answer::new(200).header("access-control-allow-origin", PAGE));
    let port = serve(named);
    assert_eq!(Probed::at(port, &[]).findings(), ["warning vary-missing"]);
    assert_eq!(Probed::at(port, &["--audit"]).findings(), [""; 0]);
}

/// What credentials change.
#[test]
fn wildcards_are_literal_with_credentials() {
    let port = serve(|request| {
        let it = honest(request, &|origin| origin == PAGE);
        Some(if is_preflight(request) { with(it, "access-control-allow-methods", "*") } else { it })
    });
    let probed = Probed::at(port, &["--method", "PUT"]);
    assert_eq!((probed.findings(), probed.page()), (Vec::new(), READS.to_owned()));
    let probed = Probed::at(port, &["--method", "PUT", "--credentials"]);
    let found = (probed.findings(), probed.page());
    assert_eq!(
        found,
        (
            vec!["warning wildcard-is-literal".to_owned()],
            "blocked: CORS-preflight fetch, step 7.5".to_owned()
        )
    );
}

/// Nothing but what a page sends, and nothing that does anything unless it is asked for.
#[test]
fn what_is_sent() {
    let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
    let kept = Arc::clone(&seen);
    let port = serve(move |request| {
        kept.lock().expect("no holder panics").push(request.clone());
        Some(honest(request, &|origin| origin == PAGE))
    });
    let sent = |args: &[&str]| {
        Probed::at(port, args);
        let seen = std::mem::take(&mut *seen.lock().expect("no holder panics"));
        let told = |it: &Seen| {
            let value = |name: &str| it.value(name).unwrap_or_default();
            format!(
                "{} {} {} {}",
                it.method(),
                value("origin"),
                value("x-debug"),
                value("access-control-request-headers")
            )
        };
        seen.iter().map(|it| told(it).trim_end().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(sent(&[]), ["GET https://app.example.com"]);
    assert_eq!(sent(&["--method", "head"]), ["HEAD https://app.example.com"]);
    assert_eq!(sent(&["--method", "post"]), ["GET https://app.example.com"]);
    assert_eq!(sent(&["--method", "post", "--send"]), ["POST https://app.example.com"]);
    let debug = ["--method", "PUT", "--header", "X-Debug: 1"];
    let preflight = "OPTIONS https://app.example.com  x-debug";
    assert_eq!(sent(&debug), [preflight, "GET https://app.example.com"]);
    assert_eq!(sent(&[&debug[..], &["--send"]].concat()), [preflight, "PUT https://app.example.com 1"]);
    let refused = ["--method", "PATCH", "--send"];
    assert_eq!(sent(&refused), ["OPTIONS https://app.example.com", "GET https://app.example.com"]);
    assert_eq!(sent(&["--method", "TRACE"]), [""; 0]);
}

/// A redirect is reported and not followed.
#[test]
fn a_redirect_is_not_followed() {
    let port = serve(|request| {
        let it = honest(request, &|origin| origin == PAGE);
        Some(Answer { status: 302, ..it.header("location", "http://127.0.0.1:1/elsewhere") })
    });
    let probed = Probed::at(port, &[]);
    assert_eq!((probed.page().as_str(), probed.code), ("blocked: HTTP-redirect fetch", 1));
    assert_eq!(probed.requests(), ["call GET HTTP/1.1"]);
}
