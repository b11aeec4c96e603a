//! A cache between browsers and the filter: it gives what it stored for one request to every other request for which
//! `Vary` allows it, <https://www.rfc-editor.org/rfc/rfc9111#section-4.1>, and each page must still get what the policy
//! means for it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::browser::{Browser, Exchange, Server as _, cors_filtered};
use super::call::{API_HOST, Call, Credentials, HeaderSet, Method};
use super::cors_check::{cors_check, preflight_check, tao_check};
use super::fetch_request::FetchRequest;
use super::judge::{Direct, LOOKED_AT, UPSTREAM_TIMING, looked_at};
use super::page::Page;
use super::product::{header_sets, methods, policies};
use super::selection::Selection;
use super::servers::CoreServer;
use super::support::expectation::vary_names;
use super::support::failures::Failures;
use super::support::http::{Request, Response};

const ORIGINS: [&str; 9] = [
    "https://app.example.com",
    "https://app.example.com:8443",
    "https://a.dash.example.com",
    "https://a.dash.example.com:8443",
    "http://localhost:5173",
    "https://pr-7.example.com",
    "https://appxexample.com",
    "https://app.example.com/",
    "null",
];

/// The methods and header sets of the preflights, by their places in the product.
const METHODS: [usize; 2] = [2, 5];
const HEADER_SETS: [usize; 3] = [0, 2, 3];

#[test]
fn a_cache_gives_each_page_its_own_answer() {
    let mut failures = Failures::new("oracle, answers from a cache");
    let (methods, header_sets) = (methods(), header_sets());
    let (mut reused, mut for_others) = (0, 0);
    let single = policies().into_iter().filter(|policy| policy["mode"] != "shadow");
    for (config, path) in single.map(|policy| (policy, "/".to_owned())).chain(several()) {
        let (selection, mut server) = (Selection::of(&config), CoreServer::new(&config));
        let entries = entries(&selection, &path, &methods, &header_sets, &mut server);
        let mut wrong = Vec::new();
        for stored in &entries {
            let names = vary_names(&stored.exchange.reply.response);
            let may_reuse = |asked: &&Entry<'_>| may_reuse(&stored.exchange, &names, &asked.exchange);
            for asked in entries.iter().filter(may_reuse) {
                reused += 1;
                for_others += usize::from(stored.call.origin != asked.call.origin);
                wrong.extend(difference(stored, asked));
            }
        }
        failures.row(config.to_string(), wrong);
    }
    println!("oracle, answers from a cache: {reused} reused, {for_others} of them for another origin");
    assert!(for_others > 5_000, "hardly an answer is shared between origins");
    failures.finish();
}

/// Policies that are chosen by the origin, behind which something else is said to others, on paths of which some could be
/// under the first of them or not. Where all that could apply beside it leaves responses untouched, as the contract says,
/// a cache is not told either: `//x` is tried with a policy behind that is enforced.
fn several() -> Vec<(Value, String)> {
    let own = json!({
        "name": "own",
        "match": { "allowed_origins_only": true },
        "allow_origins": ["https://app.example.com", "https://*.dash.example.com"],
        "allow_credentials": true,
        "allow_timing": true,
    });
    let in_match = |field: &str, value: Value| {
        let mut policy = own.clone();
        policy["match"][field] = value;
        policy
    };
    let below_x = in_match("paths", json!(["/x"]));
    let open = json!({ "name": "open", "allow_origins": ["*"], "expose_headers": ["*"] });
    let shadow = json!({ "name": "shadow", "allow_origins": ["*"], "mode": "shadow" });
    let alone = json!({ "name": "alone", "mode": "passthrough" });
    let mut whoever = own.clone();
    whoever["allow_origins"] = json!(["*"]);
    whoever["allow_credentials"] = json!(false);
    let long = format!("/{}", "/x".repeat(1100));
    let mut several = Vec::new();
    for (first, paths) in
        [(&own, vec!["/x"]), (&whoever, vec!["/x"]), (&below_x, vec!["/x", "/y", "//x", &long])]
    {
        for rest in [vec![], vec![&open], vec![&shadow], vec![&alone]] {
            let policies: Vec<&Value> = [first].into_iter().chain(rest).collect();
            let config = json!({ "policies": policies });
            let is_told = |path: &&&str| **path != "//x" || config["policies"][1]["name"] == "open";
            several.extend(paths.iter().filter(is_told).map(|path| (config.clone(), (*path).to_owned())));
        }
    }
    several
}

/// A request that a page makes, and the answer that a cache may keep.
struct Entry<'a> {
    page: Page<'a>,
    call: Call<'a>,
    exchange: Exchange,
}

fn entries<'a>(
    selection: &'a Selection,
    path: &'a str,
    methods: &'a [Method],
    header_sets: &'a [HeaderSet],
    server: &mut CoreServer,
) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    for origin in ORIGINS {
        let origin = origin.as_bytes();
        let call = |method, headers, credentials, is_into_private_network| Call {
            authority: API_HOST,
            origin,
            path,
            method,
            headers,
            credentials,
            is_into_private_network,
        };
        let mut add = |call: Call<'a>, is_preflight: bool, request: Request| {
            let (page, reply) = (selection.page(&call), server.answer(&request));
            entries.push(Entry { page, call, exchange: Exchange { is_preflight, request, reply } });
        };
        for credentials in [Credentials::Omit, Credentials::Include] {
            let get = call(&methods[0], &header_sets[0], credentials, false);
            let request = FetchRequest::new(&get).expect("a method that can be sent");
            add(get, false, request.to_http("cors"));
            // A navigation to the same URL, which nobody checks, fills the cache too.
            add(get, false, request.to_http("basic"));
            for (method, headers) in METHODS.iter().flat_map(|at| HEADER_SETS.map(|headers| (*at, headers))) {
                for network in [false, true] {
                    let call = call(&methods[method], &header_sets[headers], credentials, network);
                    let request = FetchRequest::new(&call).expect("a method that can be sent");
                    add(call, true, request.to_preflight());
                }
            }
        }
    }
    entries
}

/// Whether what is stored may answer what is asked: the same method, and in both requests the same value of each
/// header that the stored response's `Vary` names.
fn may_reuse(stored: &Exchange, vary: &[String], asked: &Exchange) -> bool {
    let value = |request: &Request, name: &str| {
        let line = request.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        line.map(|(_, value)| value.clone())
    };
    let is_same = |name: &String| value(&stored.request, name) == value(&asked.request, name);
    stored.is_preflight == asked.is_preflight && vary.iter().all(is_same)
}

fn difference(stored: &Entry<'_>, asked: &Entry<'_>) -> Option<String> {
    let has_origin = asked.exchange.request.headers.iter().any(|(name, _)| name == "Origin");
    if !has_origin {
        return None;
    }
    let request = FetchRequest::new(&asked.call).expect("a method that can be sent");
    let response = &stored.exchange.reply.response;
    let is_right = match (asked.exchange.is_preflight, asked.page.is_enforced()) {
        (true, true) => may_go_on(&request, response) == [asked.page.may(&asked.call); 2],
        (false, true) => reads(&request, response) == means(asked),
        // Without a policy that is enforced a page gets what the upstream says.
        (is_preflight, false) => {
            let direct = Direct.answer(&asked.exchange.request).response;
            match is_preflight {
                true => may_go_on(&request, response) == may_go_on(&request, &direct),
                false => reads(&request, response) == reads(&request, &direct),
            }
        }
    };
    let kind = if asked.exchange.is_preflight { "preflight" } else { "request" };
    (!is_right)
        .then(|| format!("{kind} {}: what is stored for {} gives it something else", asked.call, stored.call))
}

/// Whether browsers of both kinds send the request after this answer to its preflight.
fn may_go_on(request: &FetchRequest<'_>, response: &Response) -> [bool; 2] {
    [Browser::Strict, Browser::Lenient].map(|browser| preflight_check(browser, request, response))
}

/// What a page reads of a response, and whether also how long that took; nothing if it may not read it.
fn reads(request: &FetchRequest<'_>, response: &Response) -> Option<(BTreeSet<String>, bool)> {
    let names = || looked_at(&cors_filtered(request, response));
    cors_check(request, response).then(|| (names(), tao_check(request, response)))
}

/// What it is meant to.
fn means(asked: &Entry<'_>) -> Option<(BTreeSet<String>, bool)> {
    let timing = asked.page.may_read_timing().unwrap_or(asked.page.origin == UPSTREAM_TIMING.as_bytes());
    asked.page.may(&asked.call).then(|| (asked.page.readable(&LOOKED_AT), timing))
}
