//! A cache between browsers and the filter: what it stored for one request it gives to every other that `Vary` lets it,
//! <https://www.rfc-editor.org/rfc/rfc9111#section-4.1>, and each page must still get what the policy means for it.

use super::browser::{Browser, Exchange, Server as _, cors_filtered};
use super::call::{Call, Credentials, HeaderSet, Method};
use super::cors_check::{cors_check, preflight_check};
use super::fetch_request::FetchRequest;
use super::judge::{LOOKED_AT, looked_at};
use super::meaning::{Meaning, Page};
use super::product::{header_sets, methods, policies};
use super::servers::CoreServer;
use super::support::expectation::vary_names;
use super::support::failures::Failures;
use super::support::http::Request;

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
    for policy in policies() {
        let meaning = Meaning::of(&policy);
        if meaning.is_shadow {
            continue;
        }
        let mut server = CoreServer::new(&policy);
        let entries = entries(&meaning, &methods, &header_sets, &mut server);
        let mut wrong = Vec::new();
        for stored in &entries {
            for asked in entries.iter().filter(|asked| may_reuse(&stored.exchange, &asked.exchange)) {
                reused += 1;
                for_others += usize::from(stored.call.origin != asked.call.origin);
                wrong.extend(difference(stored, asked));
            }
        }
        failures.row(policy.to_string(), wrong);
    }
    println!("oracle, answers from a cache: {reused} reused, {for_others} of them for another origin");
    assert!(for_others > 5_000, "hardly an answer is shared between origins");
    failures.finish();
}

/// A request that a page makes, and the answer that a cache may keep.
struct Entry<'a> {
    page: Page<'a>,
    call: Call<'a>,
    exchange: Exchange,
}

fn entries<'a>(
    meaning: &'a Meaning,
    methods: &'a [Method],
    header_sets: &'a [HeaderSet],
    server: &mut CoreServer,
) -> Vec<Entry<'a>> {
    let mut entries = Vec::new();
    for origin in ORIGINS {
        let page = meaning.page(origin.as_bytes());
        let mut add = |call: Call<'a>, is_preflight: bool, request: Request| {
            let reply = server.answer(&request);
            entries.push(Entry { page, call, exchange: Exchange { is_preflight, request, reply } });
        };
        for credentials in [Credentials::Omit, Credentials::Include] {
            let get = call(page.origin, &methods[0], &header_sets[0], credentials, false);
            let request = FetchRequest::new(&get).expect("a method that can be sent");
            add(get, false, request.to_http("cors"));
            // A navigation to the same URL, which no one checks, fills the cache too.
            add(get, false, request.to_http("basic"));
            for (method, headers) in METHODS.iter().flat_map(|at| HEADER_SETS.map(|headers| (*at, headers))) {
                for network in [false, true] {
                    let call =
                        call(page.origin, &methods[method], &header_sets[headers], credentials, network);
                    let request = FetchRequest::new(&call).expect("a method that can be sent");
                    add(call, true, request.to_preflight());
                }
            }
        }
    }
    entries
}

fn call<'a>(
    origin: &'a [u8],
    method: &'a Method,
    headers: &'a HeaderSet,
    credentials: Credentials,
    is_into_private_network: bool,
) -> Call<'a> {
    let (authority, path) = ("api.example.com", "/");
    Call { origin, authority, path, method, headers, credentials, is_into_private_network }
}

/// Whether what is stored may answer what is asked: the same method, and in both requests the same value of each
/// header that the stored response's `Vary` names.
fn may_reuse(stored: &Exchange, asked: &Exchange) -> bool {
    let value = |request: &Request, name: &str| {
        let line = request.headers.iter().find(|(known, _)| known.eq_ignore_ascii_case(name));
        line.map(|(_, value)| value.clone())
    };
    let is_same = |name: &String| value(&stored.request, name) == value(&asked.request, name);
    stored.is_preflight == asked.is_preflight && vary_names(&stored.reply.response).iter().all(is_same)
}

fn difference(stored: &Entry<'_>, asked: &Entry<'_>) -> Option<String> {
    let has_origin = asked.exchange.request.headers.iter().any(|(name, _)| name == "Origin");
    if !has_origin {
        return None;
    }
    let request = FetchRequest::new(&asked.call).expect("a method that can be sent");
    let response = &stored.exchange.reply.response;
    let expected = asked.page.may(&asked.call);
    let is_right = if asked.exchange.is_preflight {
        [Browser::Strict, Browser::Lenient]
            .iter()
            .all(|browser| preflight_check(*browser, &request, response) == expected)
    } else {
        cors_check(&request, response) == expected
            && (!expected || looked_at(&cors_filtered(&request, response)) == asked.page.readable(&LOOKED_AT))
    };
    let kind = if asked.exchange.is_preflight { "preflight" } else { "request" };
    (!is_right)
        .then(|| format!("{kind} {}: what is stored for {} gives it something else", asked.call, stored.call))
}
