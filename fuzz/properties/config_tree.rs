//! Configurations that are nearly right, grown from the bytes: deep in the reader where random text never comes.

use arbitrary::{Result, Unstructured};
use proxy_wasm_cors::config::{FIELDS, MATCH_FIELDS, Switch, camel_case};
use serde_json::{Map, Value, json};

use super::configuration;

const ORIGINS: [&str; 26] = [
    "*",
    "null",
    "same-site",
    "file://",
    "https://a.example",
    "https://a.example/",
    "https://*.example.com",
    "https://*.example.com:*",
    "https://*.com",
    "https://*.github.io",
    "http://a.example",
    "http://localhost:3000",
    "http://127.0.0.1",
    "http://[::1]:8080",
    "https://[::0:1]",
    "HTTPS://A.example:443",
    "https://user@a.example",
    "https://ex\u{e4}mple.com",
    "a.example",
    "file:///x",
    r"https://a\.example",
    r"https://.*\.example\.com",
    r"https?://(a|b)\.example(:[0-9]+)?",
    ".*",
    "(",
    "(?x)a #",
];

const NAMES: [&str; 17] = [
    "*",
    "x-amz-*",
    "x-*-a",
    "ANY",
    "GET",
    "put",
    "patch",
    "TRACE",
    "P UT",
    "Authorization",
    "X-A",
    "x-a",
    "Origin",
    "Sec-A",
    "Set-Cookie",
    "Content-Type",
    "Access-Control-Max-Age",
];

const TEXTS: [&str; 14] = [
    "",
    "shadow",
    "passthrough",
    "/a%20b",
    "enforce",
    "600s",
    "1h1m1s",
    "99999999999h",
    "a",
    "/api",
    "/a/../b",
    "*.a",
    "a.b",
    "A b",
];

const NUMBERS: [f64; 9] = [0.0, 1.0, -1.0, 0.5, 200.0, 299.0, 300.0, 2_147_483_648.0, 1e300];

/// Grows a configuration and holds it in both of its forms.
pub fn check(input: &[u8]) {
    let mut source = Grower(Unstructured::new(input));
    // Where the bytes end, every choice is the first: a tree always comes of it.
    if let Ok(value) = source.configuration() {
        configuration::check(value.to_string().as_bytes());
    }
}

struct Grower<'a>(Unstructured<'a>);

impl Grower<'_> {
    fn configuration(&mut self) -> Result<Value> {
        let is_one = self.0.ratio(3, 4)?;
        let mut tree =
            if is_one { self.policy()? } else { json!({ "policies": self.several(Self::policy)? }) };
        if self.0.ratio(1, 8)? {
            let name = *self.0.choose(&["on_invalid", "onInvalid"])?;
            tree[name] = if self.0.ratio(3, 4)? { "deny".into() } else { self.text()?.into() };
        }
        Ok(tree)
    }

    fn policy(&mut self) -> Result<Value> {
        let mut policy = Map::new();
        for field in FIELDS {
            if field == "allow_origins" || self.0.ratio(1, 3)? {
                let name = if self.0.ratio(1, 8)? { camel_case(field) } else { field.to_owned() };
                policy.insert(name, self.field(field)?);
            }
        }
        if self.0.ratio(1, 16)? {
            policy.insert(self.text()?, self.anything(2)?);
        }
        Ok(policy.into())
    }

    fn field(&mut self, name: &str) -> Result<Value> {
        if self.0.ratio(1, 16)? {
            return self.anything(3);
        }
        match name {
            "allow_origins" => self.several(Self::origin),
            "allow_methods" | "allow_headers" | "expose_headers" => self.several(Self::name),
            "dangerously_allow" => self.several(|grower| Ok(grower.0.choose(&Switch::ALL)?.as_str().into())),
            "match" => self.selector(),
            "mode" | "name" => Ok(self.text()?.into()),
            "block_denied_requests" if self.0.ratio(1, 4)? => Ok("websockets".into()),
            "max_age" | "preflight_status" => Ok((*self.0.choose(&NUMBERS)?).into()),
            _ => Ok(self.0.arbitrary::<bool>()?.into()),
        }
    }

    fn selector(&mut self) -> Result<Value> {
        let mut selector = Map::new();
        for field in MATCH_FIELDS {
            if self.0.arbitrary()? {
                let is_flag = field == "allowed_origins_only" && self.0.ratio(7, 8)?;
                let value =
                    if is_flag { true.into() } else { self.several(|grower| Ok(grower.text()?.into()))? };
                selector.insert(field.to_owned(), value);
            }
        }
        Ok(selector.into())
    }

    fn origin(&mut self) -> Result<Value> {
        let text = *self.0.choose(&ORIGINS)?;
        Ok(match self.0.int_in_range(0..=7)? {
            0 => json!({ "exact": text }),
            1 | 2 => json!({ "regex": text }),
            3 => json!({ "prefix": text }),
            _ => text.into(),
        })
    }

    fn name(&mut self) -> Result<Value> {
        Ok((*self.0.choose(&NAMES)?).into())
    }

    fn text(&mut self) -> Result<String> {
        if self.0.ratio(3, 4)? { Ok((*self.0.choose(&TEXTS)?).to_owned()) } else { self.0.arbitrary() }
    }

    fn several(&mut self, one: impl Fn(&mut Self) -> Result<Value>) -> Result<Value> {
        let count = self.0.int_in_range(0..=3)?;
        (0..count).map(|_| one(self)).collect()
    }

    fn anything(&mut self, depth: u8) -> Result<Value> {
        Ok(match (self.0.int_in_range(0..=6)?, depth.checked_sub(1)) {
            (0, _) => Value::Null,
            (1, _) => self.0.arbitrary::<bool>()?.into(),
            (2, _) => self.0.arbitrary::<i64>()?.into(),
            (3, _) => (*self.0.choose(&NUMBERS)?).into(),
            (4, Some(depth)) => self.several(|grower| grower.anything(depth))?,
            (5, Some(depth)) => json!({ self.text()?: self.anything(depth)? }),
            _ => self.text()?.into(),
        })
    }
}
