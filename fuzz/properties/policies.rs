//! Several policies, grown from the bytes so that they are nearly always accepted, and a request on a path that servers
//! read in many ways: however it is spelled, no page gets more than by each reading's policy.

use arbitrary::{Result, Unstructured};
use proxy_wasm_cors::config;
use serde_json::{Map, Value, json};

use super::naive_set;
use super::request::Request;

const HOSTS: [&str; 4] = ["api.example.com", "*.example.com", "www.example.co.uk", "*.t.github.io"];

const PATHS: [&str; 9] = ["/a", "/a/b", "/b", "/b/", "/", "/a%20b", "/b/%2561", "/a/%252F", "/a;x"];

/// What paths are made of: segments, and what parts them or is read as if it did.
const SEGMENTS: [&str; 20] = [
    "a", "a", "b", "b", "c", "a%20b", "a b", "%61", "%2561", "a;x", ";x", "..", "..;y", "%2e%2e", "%252E.",
    ".", "%2e", "%252F", "%", "",
];
const BOUNDARIES: [&str; 12] = ["/", "/", "/", "/", "//", "/./", "\\", "%2f", "%252F", "%5c", "%255C", "%3b"];

const ORIGINS: [&str; 16] = [
    "https://a.example",
    "https://a.example",
    "https://a.example",
    "https://b.example",
    "https://b.example",
    "https://www.example.com",
    "https://www.example.com",
    "https://www.example.com:8443",
    "https://x.t.github.io",
    "https://api.example.com",
    "https://example.com.evil.org",
    "http://www.example.com",
    "file://",
    "null",
    "https://a.example/",
    "",
];

const ORIGIN_LISTS: [&[&str]; 6] = [
    &["https://a.example"],
    &["*"],
    &["https://a.example", "https://b.example"],
    &["same-site"],
    &["file://", "https://b.example"],
    &["https://*.example.com:*", "null"],
];

const HEADER_LISTS: [&[&str]; 4] = [&[], &["x-amz-*", "x-a"], &["*"], &["x-*", "authorization"]];

const REQUESTED: [&str; 7] =
    ["", "x-amz-date,x-a", "x-amz-", "authorization,x-b", "x-amz-b c,y", "X-AMZ-Date, content-type", "*"];

const AUTHORITIES: [&str; 6] = [
    "api.example.com",
    "API.example.com:443",
    "www.example.co.uk",
    "t.github.io",
    "x.t.github.io.",
    "127.0.0.1",
];

/// Grows policies and a request, and holds the outcome.
pub fn check(input: &[u8]) {
    let mut grower = Grower(Unstructured::new(input));
    let Ok((config, request)) = grower.configuration().and_then(|config| Ok((config, grower.request()?)))
    else {
        return;
    };
    if let Some(set) = config::load(Some(config.to_string().as_bytes())).policies {
        naive_set::check(&config, &set, &request);
    }
}

struct Grower<'a>(Unstructured<'a>);

impl Grower<'_> {
    /// Only the last policy may be for every request: one behind it could never apply.
    fn configuration(&mut self) -> Result<Value> {
        let count = self.0.int_in_range(1..=4)?;
        let policy = |at| self.policy(at, at + 1 == count);
        let policies = (0..count).map(policy).collect::<Result<Vec<Value>>>()?;
        Ok(json!({ "policies": policies }))
    }

    fn policy(&mut self, at: usize, is_last: bool) -> Result<Value> {
        let mut policy = Map::from_iter([("name".to_owned(), json!(at.to_string()))]);
        let mut set = |field: &str, value: Value| policy.insert(field.to_owned(), value);
        let origins = *self.0.choose(&ORIGIN_LISTS)?;
        set("allow_origins", json!(origins));
        set("mode", json!(self.0.choose(&["enforce", "enforce", "enforce", "shadow", "passthrough"])?));
        let blocking = [json!(false), json!(true), json!("websockets")];
        set("block_denied_requests", self.0.choose(&blocking)?.clone());
        set("allow_timing", json!(self.0.arbitrary::<bool>()?));
        set("allow_credentials", json!(self.0.ratio(1, 3)?));
        set("allow_headers", json!(self.0.choose(&HEADER_LISTS)?));
        set("allow_methods", json!(self.0.choose(&[&["PUT"][..], &["*"]])?));
        set("dangerously_allow", json!(["any-origin-with-credentials", "null-origin", "file-origin"]));
        set("match", self.selector(is_last)?);
        Ok(policy.into())
    }

    fn selector(&mut self, is_last: bool) -> Result<Value> {
        let mut selector = Map::new();
        let is_for_allowed_origins = self.0.ratio(1, 3)?;
        let is_free = is_last || is_for_allowed_origins;
        if !is_free || self.0.ratio(1, 2)? {
            selector.insert("paths".to_owned(), self.some_of(&PATHS)?);
        }
        if self.0.ratio(1, 6)? {
            selector.insert("hosts".to_owned(), self.some_of(&HOSTS)?);
        }
        if self.0.ratio(1, 12)? {
            selector.insert("routes".to_owned(), json!([self.0.choose(&["shop", "shop/*"])?]));
        }
        if is_for_allowed_origins {
            selector.insert("allowed_origins_only".to_owned(), json!(true));
        }
        Ok(selector.into())
    }

    fn some_of(&mut self, texts: &[&str]) -> Result<Value> {
        let count = self.0.int_in_range(1..=2)?;
        (0..count).map(|_| Ok(json!(self.0.choose(texts)?))).collect()
    }

    fn request(&mut self) -> Result<Request> {
        let mut request = Request::default();
        let mut set =
            |name: &str, value: Option<&str>| request = request.with(name, value.map(str::as_bytes));
        set(":authority", Some(self.0.choose(&AUTHORITIES)?));
        set(":scheme", Some(self.0.choose(&["https", "http"])?));
        set("(route)", *self.0.choose(&[None, Some("shop"), Some("shop/api")])?);
        set("origin", self.chosen(&ORIGINS)?);
        if self.0.ratio(1, 3)? {
            set(":method", Some("OPTIONS"));
            set("access-control-request-method", Some(self.0.choose(&["PUT", "GET", "PATCH", "P UT"])?));
            set("access-control-request-headers", self.chosen(&REQUESTED)?);
        }
        if self.0.ratio(1, 4)? {
            set("sec-fetch-site", Some(self.0.choose(&["same-origin", "same-site", "cross-site", "none"])?));
        }
        if self.0.ratio(1, 4)? {
            set("upgrade", Some(self.0.choose(&["websocket", "h2c, WebSocket", "h2c", "websockets"])?));
        }
        set(":path", Some(&self.path()?));
        Ok(request)
    }

    /// One of the texts, mostly.
    fn chosen<'t>(&mut self, texts: &[&'t str]) -> Result<Option<&'t str>> {
        Ok(if self.0.ratio(7, 8)? { Some(*self.0.choose(texts)?) } else { None })
    }

    /// Now and then one at the limit of what is read in every way, or one past it.
    fn path(&mut self) -> Result<String> {
        let mut path = if self.0.ratio(15, 16)? { "/".to_owned() } else { String::new() };
        for _ in 0..self.0.int_in_range(1..=6)? {
            path.push_str(self.0.choose(&SEGMENTS)?);
            path.push_str(self.0.choose(&BOUNDARIES)?);
        }
        if self.0.ratio(1, 16)? {
            let filler = self.0.choose(&["c", "/"])?.repeat(2048_usize.saturating_sub(path.len()));
            path.insert_str(0, "/a/".get(..self.0.int_in_range(0..=3)?).unwrap_or_default());
            path.push_str(&filler);
        }
        path.push_str(self.0.choose(&["", "", "?x=//"])?);
        Ok(path)
    }
}
