//! Policies that differ in their answers, and requests that show the difference.

use serde_json::{Value, json};

use crate::support::expectation::Expectation;
use crate::support::http::Request;

const ORIGINS: [&str; 2] = ["https://a.example", "https://b.example"];

/// Policy `number` allows one of the origins, and its number shows in what it answers.
pub(crate) fn policy(number: usize) -> Value {
    json!({
        "allow_origins": [ORIGINS[number % ORIGINS.len()]],
        "expose_headers": [format!("x-policy-{number}")],
        "max_age": number,
    })
}

/// A policy with problems that no other has, and what the log says of them.
pub(crate) fn bad_policy(number: usize) -> (Value, Vec<String>) {
    let mut policy = policy(number);
    let reasons = match number % 3 {
        0 => {
            policy["allow_origins"] = json!([format!("https://bad-{number}.example/")]);
            vec![format!("allow_origins[0]: `https://bad-{number}.example/` has a path")]
        }
        1 => {
            policy[format!("field_{number}")] = json!(true);
            vec![format!("field_{number}: `field_{number}` is not a known field")]
        }
        _ => {
            policy["max_age"] = json!(-1 - i64::try_from(number).expect("a few"));
            policy["allow_methods"] = json!([format!("P {number}")]);
            vec![
                format!("max_age: is the number `-{}`", number + 1),
                format!("allow_methods[0]: `P {number}`"),
            ]
        }
    };
    (policy, reasons)
}

/// A request that the clients send again and again.
pub(crate) struct Case {
    pub(crate) request: Request,
    pub(crate) origin: Option<&'static str>,
    is_preflight: bool,
}

impl Case {
    fn non_cors() -> Self {
        Self { request: Request::new("GET", "/").case(0), origin: None, is_preflight: false }
    }

    fn cors(origin: &'static str) -> Self {
        let request = Request::new("PUT", "/").header("Origin", origin).case(0);
        Self { request, origin: Some(origin), is_preflight: false }
    }

    fn preflight(origin: &'static str) -> Self {
        let request = Request::preflight("/", origin, "GET").case(0);
        Self { request, origin: Some(origin), is_preflight: true }
    }

    /// A request that a policy never answers as the one before it.
    pub(crate) fn probe() -> Self {
        Self::preflight(ORIGINS[0])
    }

    pub(crate) fn all() -> Vec<Self> {
        let [a, b] = ORIGINS;
        vec![Self::non_cors(), Self::cors(a), Self::preflight(a), Self::cors(b), Self::preflight(b)]
    }

    /// What policy `number` makes of it.
    pub(crate) fn expectation(&self, number: usize) -> Expectation {
        let exposed = format!("x-policy-{number}");
        let max_age = number.to_string();
        let allowed = ORIGINS[number % ORIGINS.len()];
        let mut headers =
            vec![("access-control-allow-origin", allowed), ("access-control-expose-headers", &exposed)];
        if self.is_preflight {
            headers.push(("access-control-max-age", &max_age));
        }
        match (self.origin == Some(allowed), self.is_preflight) {
            (true, true) => Expectation::new(204, &headers, &["origin"]),
            (true, false) => Expectation::new(200, &headers, &["origin"]),
            (false, true) => Expectation::denial("origin-not-allowed", &["origin"]),
            (false, false) => Expectation::new(200, &[], &["origin"]),
        }
    }
}
