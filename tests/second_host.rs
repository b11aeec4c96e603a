//! The built plugin in a second host, so that nothing depends on Envoy alone: every row of `cases/requests.jsonl` and
//! `cases/configs.jsonl` passes there too, as do checks of the counters, the log, and what the plugin exports and
//! imports.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use support::cases::{Headers, RequestRow, configs, requests};
use support::failures::Failures;
use support::host::{Host, compiled};
use support::{plugin, wasm_log};

/// The largest that the module may be: 300 KiB.
const MAX_BYTES: u64 = 300 * 1024;

/// A host calls whatever it finds exported, for each stream.
#[test]
fn the_module_exports_only_what_it_needs() {
    let exports: Vec<&str> = compiled().exports().map(|export| export.name()).collect();
    assert_eq!(
        BTreeSet::from_iter(exports),
        BTreeSet::from([
            "_initialize",
            "memory",
            "proxy_abi_version_0_2_1",
            "proxy_on_configure",
            "proxy_on_context_create",
            "proxy_on_delete",
            "proxy_on_memory_allocate",
            "proxy_on_request_headers",
            "proxy_on_response_headers",
            "proxy_on_tick",
            "proxy_on_vm_start",
        ])
    );
}

/// What a host lacks of these, the module does not link with: the SDK has many more.
#[test]
fn the_module_imports_only_what_it_calls() {
    let imports: Vec<String> =
        compiled().imports().map(|import| format!("{} {}", import.module(), import.name())).collect();
    assert_eq!(
        imports.iter().map(String::as_str).collect::<BTreeSet<_>>(),
        BTreeSet::from([
            "env proxy_add_header_map_value",
            "env proxy_define_metric",
            "env proxy_get_buffer_bytes",
            "env proxy_get_header_map_value",
            "env proxy_get_log_level",
            "env proxy_get_property",
            "env proxy_increment_metric",
            "env proxy_log",
            "env proxy_record_metric",
            "env proxy_remove_header_map_value",
            "env proxy_replace_header_map_value",
            "env proxy_send_local_response",
            "env proxy_set_property",
            "env proxy_set_tick_period_milliseconds",
            // The standard library's: where it makes a table of names, and where it panics.
            "wasi_snapshot_preview1 fd_write",
            "wasi_snapshot_preview1 random_get",
        ])
    );
}

#[test]
fn the_module_is_small() {
    let bytes = std::fs::metadata(plugin::module()).expect("cargo has built it").len();
    println!("the plugin has {bytes} bytes, of at most {MAX_BYTES}");
    assert!(
        bytes <= MAX_BYTES,
        "is wasm-opt there? `make plugin` fetches it as root (Debian: apt-get install binaryen)"
    );
}

#[test]
fn requests_hold() {
    let mut failures = Failures::new("requests in the second host");
    let mut hosts = HashMap::new();
    for row in requests() {
        let host = hosts.entry(row.config.to_string()).or_insert_with_key(|config| {
            Host::start(config).unwrap_or_else(|errors| panic!("{}: {errors:?}", row.config))
        });
        failures.row(format!("{} under {}", row.name, row.config), differences(&row, host));
    }
    failures.finish();
}

fn differences(row: &RequestRow, host: &mut Host) -> Vec<String> {
    let wasi_calls = host.state().wasi_calls;
    let played = host.play(&head(row), (row.upstream.status, &row.upstream.headers));
    let mut differences = row.expectation().differences(&played.response);
    let recorded = played.recorded.map_or("-".to_owned(), |it| it.escape_ascii().to_string());
    if recorded != row.recorded() {
        differences.push(format!("recorded: expected {}, got {recorded}", row.recorded()));
    }
    if played.is_forwarded != row.expect.is_forwarded {
        differences
            .push(format!("forwarded: expected {}, got {}", row.expect.is_forwarded, played.is_forwarded));
    }
    if host.state().wasi_calls != wasi_calls {
        differences.push("WASI was called for a request".to_owned());
    }
    differences
}

fn head(row: &RequestRow) -> Headers {
    let request = &row.request;
    let pseudo =
        [(":method", &*request.method), (":path", &request.path), (":authority", &request.authority)];
    let pseudo = pseudo.into_iter().chain([(":scheme", "http")]);
    let pseudo = pseudo.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec()));
    pseudo.chain(request.headers.iter().cloned()).collect()
}

#[test]
fn configs_hold() {
    let mut failures = Failures::new("configs in the second host");
    for row in configs() {
        let errors = Host::start(&row.config.to_string()).err();
        let mut differences = Vec::new();
        if errors.is_none() != row.is_valid {
            differences.push(format!("expected accepted = {}", row.is_valid));
        }
        let found: BTreeSet<&str> =
            errors.iter().flatten().filter_map(|line| wasm_log::problem_path(line)).collect();
        if found != row.problems.iter().map(String::as_str).collect() {
            differences.push(format!("expected problems at {:?}, got {errors:?}", row.problems));
        }
        failures.row(format!("{}: {}", row.name, row.config), differences);
    }
    failures.finish();
}

fn get(origin: &str) -> Headers {
    let lines = [(":method", "GET"), (":path", "/"), (":authority", "a.example"), ("origin", origin)];
    lines.map(|(name, value)| (name.to_owned(), value.as_bytes().to_vec())).to_vec()
}

/// Between two ticks, and when the plugin goes, nothing is lost.
#[test]
fn counters() {
    let mut host = Host::start(r#"{"allow_origins":["https://a.example"]}"#).expect("it is valid");
    let upstream = Headers::new();
    let mut expected = BTreeMap::new();
    let all = "proxy_wasm_cors.default.request_allowed";
    for _ in 0..3 {
        host.play(&get("https://a.example"), (200, &upstream));
    }
    assert_eq!(host.state().counters(), expected, "nothing is told before the tick");
    host.tick();
    expected.insert(all, 3);
    assert_eq!(host.state().counters(), expected);
    host.play(&get("https://a.example"), (200, &upstream));
    host.delete();
    expected.insert(all, 4);
    assert_eq!(host.state().counters(), expected);
}

/// A line is only made if the host logs it.
#[test]
fn log_levels() {
    let mut host = Host::start(r#"{"allow_origins":["https://a.example"]}"#).expect("it is valid");
    for (level, lines) in [(2, 0), (1, 1), (0, 2)] {
        host.state_mut().log_level = level;
        host.tick();
        host.play(&get("https://b.example"), (200, &Headers::new()));
        assert_eq!(host.state().lines(1).len(), lines, "at level {level}");
    }
    assert_eq!(
        host.state().lines(1)[0],
        "denied: policy `default`, request, origin-not-allowed, origin `https://b.example`, host `a.example`, path `/`, method `GET`"
    );
}
