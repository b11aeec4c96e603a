//! Traefik's middleware `headers`, by its published rules:
//! <https://github.com/traefik/traefik/blob/master/pkg/middlewares/headers/header.go>.

use serde_json::Value;

use super::super::case::texts;
use super::super::support::http::Request;
use super::rule;
use super::{Answer, Product, header, is_found, is_preflight};

/// Routers and their middlewares.
pub(crate) struct Traefik {
    /// The rule of each router, the longest first as Traefik has them, and its middleware.
    routers: Vec<(String, Option<Value>)>,
    /// The middleware of a file without routers.
    alone: Option<Value>,
}

impl Traefik {
    /// Dynamic files, and the Middlewares of Kubernetes.
    pub(crate) fn of(documents: &[Value]) -> Self {
        let mut traefik = Self { routers: Vec::new(), alone: None };
        for document in documents {
            if document["kind"] == "Middleware" {
                traefik.alone = Some(document["spec"]["headers"].clone());
            }
            let middlewares = &document["http"]["middlewares"];
            for router in
                document["http"]["routers"].as_object().into_iter().flatten().map(|(_, router)| router)
            {
                let names = texts(&router["middlewares"]);
                let mut headers =
                    names.iter().map(|name| &middlewares[name.trim_end_matches("@file")]["headers"]);
                let rule = router["rule"].as_str().unwrap_or_default().to_owned();
                traefik.routers.push((rule, headers.find(|headers| has_cors(headers)).cloned()));
            }
            if traefik.routers.is_empty() {
                let mut all =
                    middlewares.as_object().into_iter().flatten().map(|(_, it)| it["headers"].clone());
                traefik.alone = traefik.alone.take().or_else(|| all.find(has_cors));
            }
        }
        traefik.routers.sort_by_key(|(rule, _)| std::cmp::Reverse(rule.len()));
        traefik
    }
}

/// `hasCorsHeaders`
fn has_cors(headers: &Value) -> bool {
    headers.as_object().is_some_and(|members| members.keys().any(|name| name.starts_with("accessControl")))
}

impl Product for Traefik {
    fn answer(&self, request: &Request) -> Answer {
        let router = self.routers.iter().find(|(rule, _)| rule::matches(rule, request));
        let headers = router.map_or(self.alone.as_ref(), |(_, headers)| headers.as_ref());
        let Some(headers) = headers.filter(|headers| has_cors(headers)) else { return Answer::Untouched };
        let is_preflight = is_preflight(request);
        let answer = answer(headers, request, is_preflight);
        if is_preflight { Answer::Replied(answer) } else { Answer::Set(answer) }
    }
}

fn answer(headers: &Value, request: &Request, is_preflight: bool) -> Vec<(&'static str, String)> {
    let has_credentials = headers["accessControlAllowCredentials"] == true;
    let mut answer = Vec::new();
    if has_credentials {
        answer.push(("access-control-allow-credentials", "true".to_owned()));
    }
    if let Some(allowed) = allowed(headers, &header(request, "origin"), has_credentials) {
        answer.push(("access-control-allow-origin", allowed));
    }
    let listed = |field: &str, asked: &str| match texts(&headers[field]) {
        items if has_credentials && items.iter().any(|item| item == "*") => header(request, asked),
        items => items.join(","),
    };
    if is_preflight {
        let methods = listed("accessControlAllowMethods", "access-control-request-method");
        answer.push(("access-control-allow-methods", methods));
        let names = listed("accessControlAllowHeaders", "access-control-request-headers");
        answer.push(("access-control-allow-headers", names));
        if headers["accessControlMaxAge"].is_number() {
            answer.push(("access-control-max-age", headers["accessControlMaxAge"].to_string()));
        }
    } else {
        let exposed = texts(&headers["accessControlExposeHeaders"]).join(",");
        if !exposed.is_empty() && (!has_credentials || exposed != "*") {
            answer.push(("access-control-expose-headers", exposed));
        }
    }
    answer
}

/// `isOriginAllowed`
fn allowed(headers: &Value, origin: &str, has_credentials: bool) -> Option<String> {
    for item in texts(&headers["accessControlAllowOriginList"]) {
        if item == "*" && !has_credentials {
            return Some(item);
        }
        if item == "*" || item == origin {
            return Some(origin.to_owned());
        }
    }
    let regexes = texts(&headers["accessControlAllowOriginListRegex"]);
    let is_matched = regexes.iter().any(|regex| is_found(regex, origin));
    is_matched.then(|| origin.to_owned())
}
