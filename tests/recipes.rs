//! What `docs/recipes.md` shows of Envoy around the filter, read from the page and played in a real Envoy: each snippet
//! does what the page says, and without the line that it is about, what the page warns of happens.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

#[expect(dead_code, reason = "the tests of the command ask more of it")]
#[path = "command/binary.rs"]
mod binary;
#[path = "recipes/customers.rs"]
mod customers;
#[path = "recipes/edge.rs"]
mod edge;
#[path = "recipes/filters.rs"]
mod filters;
#[path = "recipes/page.rs"]
mod page;
#[path = "recipes/policies.rs"]
mod policies;
#[path = "recipes/recipe.rs"]
mod recipe;
#[path = "recipes/routes.rs"]
mod routes;
mod support;
#[path = "recipes/tls.rs"]
mod tls;
#[path = "recipes/unseen.rs"]
mod unseen;

use recipe::{ALLOW_APP, APP};
use support::bench::{Bench, Exchange};
use support::config::Bootstrap;
use support::envoy::Directory;
use support::expectation::Expectation;
use support::http::{Client, Request};

/// All of them in one Envoy, a listener for each, and for each without its point.
#[test]
fn around_the_filter() {
    let directory = Directory::new();
    let files = directory.path();
    let mut bench = Bench::start("recipes around the filter", |upstream_port, access_log| {
        let listeners = [
            policies::listeners(),
            routes::listeners(),
            filters::listeners(files),
            edge::listeners(),
            tls::listeners(files),
            unseen::listeners(),
        ];
        let bootstrap =
            Bootstrap::new(upstream_port).cluster("api", upstream_port).cluster("login", upstream_port);
        listeners
            .into_iter()
            .flatten()
            .fold(bootstrap, |bootstrap, listener| bootstrap.listener(&listener.access_log(access_log)))
    });
    policies::rows(&mut bench);
    routes::rows(&mut bench);
    filters::rows(&mut bench);
    edge::rows(&mut bench);
    tls::rows(&mut bench, files);
    let unseen = unseen::rows(&mut bench);
    bench.finish();
    unseen.finish();
}

/// A row whose answer leads to, or else says, what begins so.
fn check_telling(
    bench: &mut Bench,
    listener: &str,
    exchange: impl Into<Exchange>,
    expected: (&Expectation, &str),
    told: &str,
) {
    let send = |port, request: &Request| {
        let response = Client::new(port).send(request)?;
        let body = String::from_utf8_lossy(&response.body).into_owned();
        let found = response.head.value("location").unwrap_or(body);
        assert!(found.starts_with(told), "{listener}: {request}: `{found}` does not begin `{told}`");
        Ok(response)
    };
    bench.check_by(send, listener, exchange, expected.0, expected.1);
}

/// An answer that the page of [`APP`] can read.
fn readable(status: u16) -> Expectation {
    Expectation::new(status, ALLOW_APP, &["origin"])
}

/// An answer that no page can read, and that depends on the origin.
fn withheld(status: u16) -> Expectation {
    Expectation::new(status, &[], &["origin"])
}

/// An answer on which the filter had no say, and nobody else said anything of CORS.
fn untouched(status: u16) -> Expectation {
    Expectation::new(status, &[], &[])
}

/// An answer with what the upstream says of CORS.
fn of_upstream(status: u16) -> Expectation {
    Expectation::new(status, &[("access-control-allow-origin", "*")], &[])
}

/// The policy of the recipes that are not about one.
fn app() -> serde_json::Value {
    serde_json::json!({ "allow_origins": [APP] })
}
