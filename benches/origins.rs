//! What a decision costs with 1 to 100,000 configured origins, and what it costs to read a long list of them; the same
//! for 1 to 1,000 regexes, each for another tenant.
//!
//! `cargo bench --bench origins`

#![expect(clippy::expect_used, reason = "a benchmark fails by panicking")]

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, Throughput};
use proxy_wasm_cors::config;
use proxy_wasm_cors::policy::set::PolicySet;
use proxy_wasm_cors::request::RequestHead;
use serde_json::json;

const SIZES: [usize; 6] = [1, 10, 100, 1_000, 10_000, 100_000];

/// A CORS request from this origin.
struct Head(String);

impl RequestHead for Head {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        (name == "origin").then(|| self.0.clone().into_bytes())
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        None
    }
}

fn exact(number: usize) -> String {
    format!("https://app-{number}.example.com")
}

/// Under this name are all subdomains of a wildcard.
fn team(number: usize) -> String {
    format!("team-{number}.example.org")
}

/// A configuration with this many exact origins, and a tenth as many wildcards.
fn configuration(size: usize) -> Vec<u8> {
    let wildcards = (0..size.div_ceil(10)).map(|number| format!("https://*.{}", team(number)));
    let origins: Vec<String> = (0..size).map(exact).chain(wildcards).collect();
    json!({ "allow_origins": origins }).to_string().into_bytes()
}

fn policies(size: usize) -> PolicySet {
    config::load(Some(&configuration(size))).policies.expect("the configuration is valid")
}

/// Requests from origins all over the list, because a single one would stay in the processor's cache.
fn requests(count: usize, origin: impl Fn(usize) -> String) -> Vec<Head> {
    const MOST: usize = 4096;
    (0..count).step_by(count.div_ceil(MOST)).map(|number| Head(origin(number))).collect()
}

fn decide(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide");
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600));
    for size in SIZES {
        let policies = policies(size);
        for (kind, requests) in [
            ("exact", requests(size, exact)),
            ("wildcard", requests(size.div_ceil(10), |number| format!("https://pr-7.{}", team(number)))),
            ("miss", requests(size, |number| format!("https://app-{number}.stranger.example.net"))),
        ] {
            let mut next = requests.iter().cycle();
            group.bench_function(BenchmarkId::new(kind, size), |bencher| {
                bencher.iter(|| policies.decide(next.next().expect("there is a request")));
            });
        }
    }
    group.finish();
}

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(3)).sample_size(20);
    for size in [1_000, 10_000] {
        let configuration = configuration(size);
        group.throughput(Throughput::Bytes(u64::try_from(configuration.len()).expect("it is not that long")));
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| config::load(Some(black_box(&configuration))));
        });
    }
    group.finish();
}

const REGEXES: [usize; 4] = [1, 10, 100, 1_000];

/// This many tenants, with names that have nothing in common.
fn regexes(size: usize) -> Vec<u8> {
    let tenant = |number: usize| format!("{:08x}", number.wrapping_mul(0x9e37_79b1) & 0xffff_ffff);
    let regex = |number| json!({ "regex": format!(r"https://.*\.tenant-{}\.example\.com", tenant(number)) });
    let origins: Vec<_> = (0..size).map(regex).collect();
    json!({ "allow_origins": origins, "allow_credentials": true }).to_string().into_bytes()
}

/// The longest origins that a page can have, which no regex matches: by their end, and only by their start.
fn strangers() -> [(&'static str, Head); 2] {
    let labels = "a.".repeat(110);
    [
        ("stranger", Head(format!("https://{labels}stranger.example.net"))),
        ("stranger_at_the_start", Head(format!("http://{labels}tenant-00000000.example.com"))),
    ]
}

fn decide_by_regexes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("decide_by_regexes");
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_millis(600));
    for size in REGEXES {
        let policies = config::load(Some(&regexes(size))).policies.expect("the configuration is valid");
        for (kind, head) in strangers() {
            group.bench_function(BenchmarkId::new(kind, size), |bencher| {
                bencher.iter(|| policies.decide(black_box(&head)));
            });
        }
    }
    group.finish();
}

fn load_regexes(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load_regexes");
    group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(3)).sample_size(20);
    for size in REGEXES {
        let configuration = regexes(size);
        group.bench_function(BenchmarkId::from_parameter(size), |bencher| {
            bencher.iter(|| config::load(Some(black_box(&configuration))));
        });
    }
    group.finish();
}

// What criterion's macros make would be a public function without documentation.
fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    decide(&mut criterion);
    load(&mut criterion);
    decide_by_regexes(&mut criterion);
    load_regexes(&mut criterion);
    criterion.final_summary();
}
