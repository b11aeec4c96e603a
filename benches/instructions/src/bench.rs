//! How many instructions the core takes, which valgrind counts: unlike times, they are the same in every run.
//!
//! `make bench-instructions` compares them with those in `counts.json`.

#![expect(clippy::expect_used, reason = "a benchmark fails by panicking")]

mod call;
mod rival;

use std::hint::black_box;

use call::{Call, Head};
use gungraun::{library_benchmark, library_benchmark_group, main};
use http::{Request, Response};
use proxy_wasm_cors::origin::Origin;
use proxy_wasm_cors::origin::pattern::OriginPattern;
use proxy_wasm_cors::origin::set::OriginSet;
use proxy_wasm_cors::policy::allow_headers::{AllowHeaders, ListedHeaders};
use proxy_wasm_cors::policy::response_edits::Answer;
use proxy_wasm_cors::policy::set::{Outcome, PolicySet};
use proxy_wasm_cors::request::RequestKind;
use rival::{Answering as _, Filter, Layer, filter_and_request, layer_and_request};

/// Origins that are looked up in one count: positions in a set are random, so a single look-up varies.
const LOOKUPS: usize = 64;

#[library_benchmark]
#[bench::no_origin(Call::NoOrigin.head())]
#[bench::cors(Call::Allowed.head())]
#[bench::preflight(Call::Preflight.head())]
fn classify(head: Head) -> (RequestKind, Head) {
    (RequestKind::of(black_box(&head)), head)
}

fn exact(number: usize) -> String {
    format!("https://app-{number}.example.com")
}

fn set_and(size: usize, origin: fn(usize) -> String) -> (OriginSet, Vec<String>) {
    let mut set = OriginSet::default();
    for number in 0..size {
        set.insert(&OriginPattern::parse(&exact(number)).expect("a pattern"));
    }
    // From all over the set, again and again if it is small.
    let numbers = (0..size).step_by(size.div_ceil(LOOKUPS)).cycle();
    (set, numbers.take(LOOKUPS).map(origin).collect())
}

fn set_and_members(size: usize) -> (OriginSet, Vec<String>) {
    set_and(size, exact)
}

fn set_and_strangers(size: usize) -> (OriginSet, Vec<String>) {
    set_and(size, |number| format!("https://app-{number}.example.com.evil.org"))
}

#[library_benchmark]
#[bench::member_of_1(set_and_members(1))]
#[bench::member_of_100(set_and_members(100))]
#[bench::member_of_10_000(set_and_members(10_000))]
#[bench::stranger_to_1(set_and_strangers(1))]
#[bench::stranger_to_100(set_and_strangers(100))]
#[bench::stranger_to_10_000(set_and_strangers(10_000))]
fn match_64_origins((set, origins): (OriginSet, Vec<String>)) -> (usize, OriginSet, Vec<String>) {
    let is_member = |origin: &&String| Origin::parse(origin).is_some_and(|origin| set.contains(&origin));
    (black_box(&origins).iter().filter(is_member).count(), set, origins)
}

fn listed(requested: Vec<u8>) -> (AllowHeaders, Vec<u8>) {
    (
        AllowHeaders::Listed(ListedHeaders::new(&["content-type", "x-0", "x-1", "x-2", "x-request-id"], &[])),
        requested,
    )
}

fn echoed(requested: Vec<u8>) -> (AllowHeaders, Vec<u8>) {
    (AllowHeaders::AnyWithCredentials, requested)
}

/// This many names that the policy allows.
fn names(count: usize) -> Vec<u8> {
    (0..count).map(|number| format!("x-{}", number % 3)).collect::<Vec<_>>().join(",").into_bytes()
}

/// The most work that a value of this length can cause: as many names as it can hold, all different, all allowed.
fn hostile(bytes: usize) -> Vec<u8> {
    let mut value = (0..bytes).map(|number| format!("{number:x}")).collect::<Vec<_>>().join(",").into_bytes();
    value.truncate(bytes);
    value
}

#[library_benchmark]
#[bench::listed_1(listed(names(1)))]
#[bench::listed_10(listed(names(10)))]
#[bench::listed_4_kib(listed(names(1024)))]
#[bench::listed_64_kib(listed(names(16384)))]
#[bench::echoed_1(echoed(names(1)))]
#[bench::echoed_10(echoed(hostile(20)))]
#[bench::echoed_4_kib(echoed(hostile(4096)))]
#[bench::echoed_64_kib(echoed(hostile(65536)))]
fn requested_headers((allow, requested): (AllowHeaders, Vec<u8>)) -> (Answer, AllowHeaders, Vec<u8>) {
    (black_box(&allow).answer(black_box(&requested)), allow, requested)
}

fn policies_and(call: Call) -> (PolicySet, Head) {
    (call.policies(), call.head())
}

#[library_benchmark]
#[bench::no_origin(policies_and(Call::NoOrigin))]
#[bench::allowed(policies_and(Call::Allowed))]
#[bench::denied(policies_and(Call::Denied))]
#[bench::preflight(policies_and(Call::Preflight))]
#[bench::denied_preflight(policies_and(Call::DeniedPreflight))]
#[bench::any_origin(policies_and(Call::AnyOrigin))]
fn decide((policies, head): (PolicySet, Head)) -> (Outcome, PolicySet, Head) {
    (black_box(&policies).decide(black_box(&head)), policies, head)
}

#[library_benchmark]
#[bench::no_origin(filter_and_request(Call::NoOrigin))]
#[bench::allowed(filter_and_request(Call::Allowed))]
#[bench::denied(filter_and_request(Call::Denied))]
#[bench::preflight(filter_and_request(Call::Preflight))]
fn answer_by_this_core((mut filter, request): (Filter, Request<()>)) -> (Response<()>, Filter) {
    (filter.answer(black_box(request)), filter)
}

#[library_benchmark]
#[bench::no_origin(layer_and_request(Call::NoOrigin))]
#[bench::allowed(layer_and_request(Call::Allowed))]
#[bench::denied(layer_and_request(Call::Denied))]
#[bench::preflight(layer_and_request(Call::Preflight))]
fn answer_by_tower_http((mut layer, request): (Layer, Request<()>)) -> (Response<()>, Layer) {
    (layer.answer(black_box(request)), layer)
}

library_benchmark_group!(
    name = core,
    benchmarks =
        [classify, match_64_origins, requested_headers, decide, answer_by_this_core, answer_by_tower_http]
);

main!(library_benchmark_groups = [core]);
