//! What one policy makes of a request, by the contract's text and with no regard to speed.

use proxy_wasm_cors::policy::decision::Kind;
use serde_json::Value;

use super::allowed::NaiveOrigins;
use super::request::Request;
use super::requested_headers::NaiveHeaders;
use super::told::{Strictness, Told, denied, proxy_status, refused, withheld};
use super::{decide, field};

/// A policy as it is written.
#[derive(Clone, Copy)]
pub struct NaivePolicy<'a>(pub &'a Value);

impl<'a> NaivePolicy<'a> {
    /// A field, in either of its spellings.
    pub fn field(&self, snake: &str) -> &'a Value {
        let mut camel = String::new();
        for part in snake.split('_') {
            match part.chars().next().filter(|_| !camel.is_empty()) {
                Some(first) => camel.extend(first.to_uppercase().chain(part.chars().skip(1))),
                None => camel.push_str(part),
            }
        }
        self.0.get(snake).or_else(|| self.0.get(&camel)).unwrap_or(&Value::Null)
    }

    /// Whether it carries its decisions out.
    pub fn is_enforced(&self) -> bool {
        !self.is_shadow() && !self.is_passthrough()
    }

    /// Whether it only tells.
    pub fn is_shadow(&self) -> bool {
        self.field("mode") == "shadow"
    }

    /// Whether it does nothing.
    pub fn is_passthrough(&self) -> bool {
        self.field("mode") == "passthrough"
    }

    /// What it says itself.
    pub fn strictness(&self) -> Strictness {
        let blocking = match self.field("block_denied_requests") {
            Value::Bool(true) => 2,
            Value::String(_) => 1,
            _ => 0,
        };
        Strictness { blocking, timing: self.flag("allow_timing") }
    }

    fn flag(&self, name: &str) -> bool {
        self.field(name) == &Value::Bool(true)
    }

    /// Why the request's origin is denied; `None` where that is not known.
    pub fn refusal(&self, request: &Request) -> Option<Option<String>> {
        let origin = request.value("origin")?;
        let reason =
            NaiveOrigins::of(self.0).refusal(origin, request.value(":authority").unwrap_or_default())?;
        Some(reason.map(|reason| reason.to_string()))
    }

    /// What becomes of a request; `None` where something of the policy is beyond this.
    pub fn tell(&self, request: &Request) -> Option<Told> {
        let refusal = if decide::kind_of(request).is_some() { self.refusal(request)? } else { None };
        self.tell_as(request, refusal.as_deref(), self.strictness())
    }

    /// The same as if its origins were those that are refused for `refusal`.
    pub fn tell_as(&self, request: &Request, refusal: Option<&str>, strict: Strictness) -> Option<Told> {
        if self.is_passthrough() {
            return Some(Told::default());
        }
        let told = match (decide::kind_of(request), refusal) {
            (None, Some(_)) => withheld(strict),
            (None, None) if self.is_open() => self.shared(request)?,
            (None, None) => withheld(strict),
            (Some(Kind::Preflight), Some(reason)) => refused(reason, strict),
            (Some(Kind::Preflight), None) => self.preflight(request)?,
            (Some(Kind::Cors), None) => Told { verdict: "allowed".to_owned(), ..self.shared(request)? },
            (Some(Kind::Cors), Some(_)) if decide::is_own(request) => withheld(strict),
            (Some(Kind::Cors), Some(reason)) => denied(request, reason, strict),
        };
        let shadow = Told { verdict: told.verdict.clone(), ..Told::default() };
        Some(if self.is_shadow() { shadow } else { told })
    }

    /// Whether it allows every origin alike.
    fn is_open(&self) -> bool {
        !self.flag("allow_credentials")
            && self
                .field("allow_origins")
                .as_array()
                .is_some_and(|all| all.iter().any(|it| it == "*" || it["exact"] == "*"))
    }

    /// What every response to an allowed origin says.
    fn shared(&self, request: &Request) -> Option<Told> {
        let mut told = withheld(Strictness::default());
        let origin = String::from_utf8_lossy(request.value("origin").unwrap_or_default()).into_owned();
        let named = if self.is_open() { "*" } else { &origin };
        told.set("access-control-allow-origin", Some(named));
        if self.flag("allow_credentials") {
            told.set("access-control-allow-credentials", Some("true"));
        }
        told.set("access-control-expose-headers", joined(&self.names("expose_headers")?).as_deref());
        if self.flag("allow_timing") {
            told.set("timing-allow-origin", Some(named));
        }
        if self.is_open() {
            told.vary.clear();
        }
        Some(told)
    }

    fn preflight(&self, request: &Request) -> Option<Told> {
        let mut told = self.shared(request)?;
        let asked = request.value("access-control-request-private-network") == Some(b"true");
        let is_network_allowed = self.flag("allow_private_network");
        let (is_method_allowed, methods, echoes_method) = self.methods(request)?;
        let headers = NaiveHeaders::new(&self.names("allow_headers")?, self.flag("allow_credentials"));
        let requested = request.value("access-control-request-headers").unwrap_or_default();
        let (are_headers_allowed, names) = headers.answer(requested);
        told.set("access-control-allow-methods", methods.as_deref());
        told.set("access-control-allow-headers", names.as_deref());
        told.set("access-control-allow-private-network", (asked && is_network_allowed).then_some("true"));
        told.set("access-control-max-age", self.max_age()?.as_deref());
        if self.flag("allow_timing") {
            told.set("timing-allow-origin", None);
        }
        let dependencies = [
            (echoes_method, "access-control-request-method"),
            (headers.is_echo(), "access-control-request-headers"),
            (is_network_allowed, "access-control-request-private-network"),
        ];
        told.vary
            .extend(dependencies.into_iter().filter(|(is_so, _)| *is_so).map(|(_, name)| name.to_owned()));
        let method = request.value("access-control-request-method").unwrap_or_default();
        let denial = match (is_method_allowed, are_headers_allowed, !asked || is_network_allowed) {
            (true, true, true) => None,
            (false, _, _) => Some(("method-not-allowed", method.to_vec())),
            (true, false, _) => Some(("header-not-allowed", headers.first_refused(requested))),
            (true, true, false) => Some(("private-network-not-allowed", Vec::new())),
        };
        told.verdict = denial.as_ref().map_or("allowed".to_owned(), |(reason, _)| format!("denied:{reason}"));
        if let Some((reason, refused)) = denial {
            told.set("proxy-status", Some(&proxy_status(reason, false, &refused)));
        }
        let status = match self.field("preflight_status") {
            Value::Null => 204,
            status => u16::try_from(status.as_u64()?).ok()?,
        };
        Some(Told { reply: Some((status, None)), ..told })
    }

    /// Whether the method is allowed, what the answer says, and whether that depends on it.
    fn methods(&self, request: &Request) -> Option<(bool, Option<String>, bool)> {
        let asked = request.value("access-control-request-method").unwrap_or_default();
        let is_forbidden =
            ["CONNECT", "TRACE", "TRACK"].iter().any(|name| asked.eq_ignore_ascii_case(name.as_bytes()));
        let is_sendable = field::is_token(asked) && !is_forbidden;
        let listed = self.names("allow_methods")?;
        match (listed.iter().any(|name| name == "*"), self.flag("allow_credentials")) {
            (true, false) => Some((is_sendable, Some("*".to_owned()), false)),
            (true, true) => {
                let is_echoed = is_sendable && asked.len() <= 4096;
                let echo = String::from_utf8_lossy(asked).into_owned();
                Some((is_echoed, is_echoed.then_some(echo), true))
            }
            (false, _) => {
                let is_free = [&b"GET"[..], b"HEAD", b"POST"].contains(&asked);
                let is_listed = listed.iter().any(|name| name.as_bytes() == asked);
                Some((is_free || is_listed, joined(&listed), false))
            }
        }
    }

    /// The entries of a list as they mean something; `None` for one that has others.
    fn names(&self, list: &str) -> Option<Vec<String>> {
        let entries = self.field(list).as_array().map_or(&[][..], Vec::as_slice);
        let texts: Vec<&str> = entries.iter().filter_map(Value::as_str).collect();
        let is_methods = list == "allow_methods";
        let is_known = |text: &&str| match is_methods {
            true => ["*", "GET", "POST", "PUT", "PATCH", "DELETE", "patch", "PURGE"].contains(text),
            false => {
                ["*", "authorization", "content-type"].contains(text)
                    || text.strip_prefix("x-").is_some_and(|rest| {
                        let rest = rest.strip_suffix('*').filter(|_| list == "allow_headers").unwrap_or(rest);
                        rest.chars().all(|c| c.is_ascii_lowercase() || c == '-')
                    })
            }
        };
        let has_more = list == "allow_headers" && texts == ["*", "authorization"];
        let is_star_alone = !texts.contains(&"*") || texts.len() == 1 || has_more;
        let is_exposable = list != "expose_headers" || !texts.contains(&"content-type");
        let mut names: Vec<String> = Vec::new();
        for text in &texts {
            if !names.contains(&(*text).to_owned()) {
                names.push((*text).to_owned());
            }
        }
        (texts.iter().all(is_known) && is_star_alone && is_exposable).then_some(names)
    }

    fn max_age(&self) -> Option<Option<String>> {
        match self.field("max_age") {
            Value::Null => Some(None),
            value => value.as_u64().map(|seconds| Some(seconds.to_string())),
        }
    }
}

fn joined(names: &[String]) -> Option<String> {
    (!names.is_empty()).then(|| names.join(","))
}
