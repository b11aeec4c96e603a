//! Which origins a policy allows, read from its JSON once more and judged by the second implementations.

use proxy_wasm_cors::policy::decision::Reason;
use serde_json::Value;

use super::origin::{self, NaiveOrigin};
use super::pattern;
use super::regex::NaiveRegex;
use super::same_site::is_same_site;

/// `allow_origins` of one accepted policy.
pub struct NaiveOrigins<'a> {
    policy: &'a Value,
}

/// Whether an entry allows an origin; unknown where an expression is beyond the second implementation.
type Answer = Option<bool>;

impl<'a> NaiveOrigins<'a> {
    /// The origins of one policy.
    pub fn of(policy: &'a Value) -> Self {
        Self { policy }
    }

    /// Why the origin is denied at an authority, `Some(None)` if it is not; `None` where that is not known.
    pub fn refusal(&self, origin: &[u8], authority: &[u8]) -> Option<Option<Reason>> {
        let is_listed_text = |text| self.entries().iter().any(|entry| text_of(entry) == Some(text));
        let is_any = is_listed_text("*");
        if is_any && !self.has_credentials() {
            return Some(None);
        }
        if origin == b"null" {
            return Some((!is_listed_text("null")).then_some(Reason::OriginNull));
        }
        if origin == b"file://" {
            return Some((!is_listed_text("file://")).then_some(Reason::OriginNotAllowed));
        }
        let Some(read) = origin::read(origin) else { return Some(Some(Reason::OriginMalformed)) };
        let text = String::from_utf8_lossy(origin);
        let answers: Vec<Answer> =
            self.entries().iter().map(|entry| self.allows(entry, &text, &read, authority)).collect();
        let is_allowed = is_any || answers.contains(&Some(true));
        (is_allowed || !answers.contains(&None)).then(|| (!is_allowed).then_some(Reason::OriginNotAllowed))
    }

    fn allows(&self, entry: &Value, text: &str, origin: &NaiveOrigin, authority: &[u8]) -> Answer {
        if text_of(entry) == Some("same-site") {
            return is_same_site(origin, authority);
        }
        match entry.get("regex").and_then(Value::as_str) {
            Some(source) => {
                let is_unprotected = self.needs_protection() && origin.is_insecure();
                NaiveRegex::parse(source).map(|regex| !is_unprotected && regex.is_whole_match(text))
            }
            None => Some(text_of(entry).and_then(pattern::read).is_some_and(|it| it.matches(origin))),
        }
    }

    fn entries(&self) -> &[Value] {
        self.field("allow_origins", "allowOrigins").and_then(Value::as_array).map_or(&[], Vec::as_slice)
    }

    fn has_credentials(&self) -> bool {
        self.field("allow_credentials", "allowCredentials") == Some(&Value::Bool(true))
    }

    fn needs_protection(&self) -> bool {
        let switches = self.field("dangerously_allow", "dangerouslyAllow").and_then(Value::as_array);
        let lifts = |switch: &Value| switch == "insecure-origins-with-credentials";
        self.has_credentials() && !switches.is_some_and(|switches| switches.iter().any(lifts))
    }

    fn field(&self, snake: &str, camel: &str) -> Option<&Value> {
        self.policy.get(snake).or_else(|| self.policy.get(camel))
    }
}

fn text_of(entry: &Value) -> Option<&str> {
    entry.as_str().or_else(|| entry.get("exact")?.as_str())
}
