//! An oracle: browsers written step by step from the Fetch Standard, and what policies mean, said without the filter's
//! help. Over a product of policies, origins, methods, request headers and credentials modes, a page must be able to do
//! exactly what the policy means, be the browser strict or lenient, natively and through a real Envoy.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[path = "oracle/browser.rs"]
mod browser;
#[path = "oracle/cache.rs"]
mod cache;
#[path = "oracle/call.rs"]
mod call;
#[path = "oracle/cors_check.rs"]
mod cors_check;
#[path = "oracle/fetch_request.rs"]
mod fetch_request;
#[path = "oracle/handshakes.rs"]
mod handshakes;
#[path = "oracle/header_list.rs"]
mod header_list;
#[path = "oracle/invariants.rs"]
mod invariants;
#[path = "oracle/judge.rs"]
mod judge;
#[path = "oracle/meaning.rs"]
mod meaning;
#[path = "oracle/origin_list.rs"]
mod origin_list;
#[path = "oracle/page.rs"]
mod page;
#[path = "oracle/product.rs"]
mod product;
#[path = "oracle/request_header.rs"]
mod request_header;
/// What a path may be taken for, as the fuzz targets know it.
#[path = "../fuzz/properties/rewrites.rs"]
mod rewrites;
#[path = "oracle/selection.rs"]
mod selection;
#[path = "oracle/servers.rs"]
mod servers;
#[path = "oracle/several.rs"]
mod several;
mod support;
#[path = "oracle/tally.rs"]
mod tally;

use std::sync::Mutex;
use std::thread;

use browser::Browser;
use call::{API_HOST, Call, HeaderSet, Method};
use meaning::Meaning;
use page::Page;
use product::{PATHS, WAYS, header_sets, large_header_sets, methods, origins, policies};
use serde_json::Value;
use servers::{CoreServer, Proxy};
use support::failures::Failures;
use tally::Tally;

#[test]
fn product_in_the_core() {
    let total = in_the_core("oracle, product in the core", &origins(), &methods(), &header_sets());
    assert!(total.allowed > 20_000 && total.refused > 20_000, "the product has become one-sided");
}

/// What is echoed has a limit; configured lists, which are sent as a whole, have none.
#[test]
fn many_request_headers() {
    let origins = ["https://app.example.com", "https://a.dash.example.com", "http://localhost:5173"];
    let origins = origins.map(|origin| origin.as_bytes().to_vec());
    let suite = "oracle, many request headers";
    let total = in_the_core(suite, &origins, &methods()[..2], &large_header_sets());
    assert!(total.allowed > 50 && total.refused > 1_000, "the product has become one-sided");
}

/// Judges every call under every policy.
#[track_caller]
fn in_the_core(
    suite: &'static str,
    origins: &[Vec<u8>],
    methods: &[Method],
    header_sets: &[HeaderSet],
) -> Tally {
    let tallies = in_two_threads(policies(), |policy| {
        let mut server = CoreServer::new(policy);
        let meaning = Meaning::of(policy);
        let mut tally = Tally::default();
        for origin in origins {
            let page = meaning.page(origin);
            for call in calls(origin, methods, header_sets) {
                judge(&page, &call, &mut server, &mut tally);
            }
        }
        tally
    });
    finish(suite, tallies)
}

/// A part of the product, in which calls of allowed pages are frequent.
#[test]
fn product_through_envoy() {
    let policies = policies();
    let proxy = Proxy::start(&policies);
    let (origins, methods, header_sets) = (origins(), methods(), header_sets());
    let mut next_case = 0;
    let mut tallies = Vec::new();
    for (place, policy) in policies.into_iter().enumerate() {
        let meaning = Meaning::of(&policy);
        let mut server = proxy.listener(place, next_case);
        let mut tally = Tally::default();
        let all = origins.iter().flat_map(|origin| calls(origin, &methods, &header_sets));
        for (number, call) in all.filter(|call| call.method.passes_envoy).enumerate() {
            let page = meaning.page(call.origin);
            let one_in = if page.refusal.is_none() { 47 } else { 619 };
            if (number + place) % one_in == 0 {
                judge(&page, &call, &mut server, &mut tally);
            }
        }
        next_case = server.next_case;
        tallies.push((policy, tally));
    }
    let total = finish("oracle, product through Envoy", tallies);
    assert!(total.allowed > 300 && total.refused > 300, "the product has become one-sided");
}

/// Judges what browsers make of a call. Only with `Authorization` does the lenient one differ.
fn judge(page: &Page<'_>, call: &Call<'_>, server: &mut impl browser::Server, tally: &mut Tally) {
    let is_lenience_asked = call.headers.needing_permission.iter().any(|name| name == "authorization");
    let browsers: &[Browser] =
        if is_lenience_asked { &[Browser::Strict, Browser::Lenient] } else { &[Browser::Strict] };
    for browser in browsers.iter().copied() {
        let fetched = browser.fetch(call, server);
        let differences = judge::differences(page, call, browser, &fetched);
        tally.add(call, browser, &fetched, differences);
    }
}

/// Every call that a page of the origin may try.
fn calls<'a>(
    origin: &'a [u8],
    methods: &'a [Method],
    header_sets: &'a [HeaderSet],
) -> impl Iterator<Item = Call<'a>> {
    let pairs =
        methods.iter().flat_map(move |method| header_sets.iter().map(move |headers| (method, headers)));
    // Where no policy is chosen by its path, none matters.
    pairs.zip(PATHS.iter().cycle()).flat_map(move |((method, headers), path)| {
        WAYS.map(|(credentials, is_into_private_network)| Call {
            origin,
            authority: API_HOST,
            path,
            method,
            headers,
            credentials,
            is_into_private_network,
        })
    })
}

/// A tally for each policy.
fn in_two_threads(policies: Vec<Value>, judge: impl Fn(&Value) -> Tally + Sync) -> Vec<(Value, Tally)> {
    let queue = Mutex::new(policies.into_iter());
    let tallies = Mutex::new(Vec::new());
    let work = || {
        loop {
            let next = queue.lock().expect("no judge panics").next();
            let Some(policy) = next else { return };
            let tally = judge(&policy);
            tallies.lock().expect("no judge panics").push((policy, tally));
        }
    };
    thread::scope(|scope| {
        scope.spawn(work);
        scope.spawn(work);
    });
    tallies.into_inner().expect("no judge panics")
}

/// Prints the counts, and panics if a call went wrong.
#[track_caller]
fn finish(suite: &'static str, tallies: Vec<(Value, Tally)>) -> Tally {
    let mut failures = Failures::new(suite);
    let mut total = Tally::default();
    for (policy, tally) in tallies {
        total.count(&tally);
        failures.row(format!("{policy}: {} calls", tally.wrong), tally.differences);
    }
    println!("{suite}: {total}");
    failures.finish();
    total
}
