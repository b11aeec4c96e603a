//! What becomes of a request, as far as anyone can see it: what the second implementation of policies makes, and what is
//! read out of the filter's decisions.

use std::collections::{BTreeMap, BTreeSet};

use proxy_wasm_cors::policy::decision::{Action, Decision, Verdict};

use super::field;
use super::request::Request;

const CORS_HEADERS: [&str; 7] = [
    "access-control-allow-origin",
    "access-control-allow-credentials",
    "access-control-allow-methods",
    "access-control-allow-headers",
    "access-control-allow-private-network",
    "access-control-expose-headers",
    "access-control-max-age",
];

/// What a policy can be stricter in than another, where the path does not say which is meant.
#[derive(Clone, Copy, Debug, Default)]
pub struct Strictness {
    /// 0 blocks nothing, 1 WebSockets, 2 everything.
    pub blocking: u8,
    /// Whether the upstream's `Timing-Allow-Origin` goes.
    pub timing: bool,
}

/// A verdict and its effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// What is recorded, whatever the mode: empty, `allowed`, or `denied:` and the reason; `not-blocked:` for a WebSocket.
    pub verdict: String,
    /// The status and the body of an answer of the filter's own.
    pub reply: Option<(u16, Option<String>)>,
    /// The headers that the response leaves with; `None` for one that is taken from it. The others stay as they are.
    pub headers: BTreeMap<String, Option<String>>,
    /// What `Vary` names.
    pub vary: BTreeSet<String>,
}

impl Told {
    /// Reads a decision.
    pub fn of(decision: &Decision) -> Self {
        let verdict = match &decision.verdict {
            Verdict::NotCrossOrigin => String::new(),
            Verdict::Allowed(_) => "allowed".to_owned(),
            Verdict::Denied(denial) if denial.is_open_websocket => format!("not-blocked:{}", denial.reason),
            Verdict::Denied(denial) => format!("denied:{}", denial.reason),
        };
        let reply = match decision.action {
            Action::Forward => None,
            Action::Reply { status, body } => Some((status, body.map(str::to_owned))),
        };
        let mut told = Self { verdict, reply, ..Self::default() };
        if let Some(edits) = &decision.response {
            for (name, value) in edits.headers() {
                told.set(name, value);
            }
            if let Some(status) = &edits.proxy_status {
                told.set("proxy-status", Some(status.as_str()));
            }
            told.vary = edits.vary.names().map(str::to_ascii_lowercase).collect();
        }
        told
    }

    /// Sets a header, or takes it away.
    pub fn set(&mut self, name: &str, value: Option<&str>) {
        self.headers.insert(name.to_owned(), value.map(str::to_owned));
    }

    /// Whether the upstream's headers of the CORS protocol stay.
    pub fn is_untouched(&self) -> bool {
        !self.headers.contains_key("access-control-allow-origin")
    }

    /// What a page gets that another outcome does not give it; `None` if there is nothing.
    pub fn surplus_over(&self, other: &Self) -> Option<String> {
        if other.is_untouched() {
            let is_granted = matches!(self.headers.get("access-control-allow-origin"), Some(Some(_)));
            return is_granted.then(|| "what no policy gives".to_owned());
        }
        if self.is_untouched() {
            return Some("the upstream's headers".to_owned());
        }
        let is_blocked = |told: &Self| matches!(told.reply, Some((403, _)));
        if is_blocked(other) && !is_blocked(self) {
            return Some("a request that goes on".to_owned());
        }
        let is_looked_at = |(name, _): &(&String, &Option<String>)| name.as_str() != "proxy-status";
        let granted = self
            .headers
            .iter()
            .filter(is_looked_at)
            .find(|(name, value)| value.is_some() && other.headers.get(*name) != Some(*value));
        let kept =
            other.headers.iter().filter(is_looked_at).find(|(name, _)| !self.headers.contains_key(*name));
        let kept = kept.map(|(name, _)| format!("the upstream's {name}"));
        granted.map(|(name, value)| format!("{name}: {value:?}")).or(kept)
    }
}

/// A response that says nothing to a page.
pub fn withheld(strict: Strictness) -> Told {
    let mut told = Told::default();
    CORS_HEADERS.iter().for_each(|name| told.set(name, None));
    if strict.timing {
        told.set("timing-allow-origin", None);
    }
    told.vary.insert("origin".to_owned());
    told
}

/// What a request is answered that does not go on.
pub fn refused(reason: &str, strict: Strictness) -> Told {
    let mut told = withheld(strict);
    told.set("proxy-status", Some(&proxy_status(reason, true, b"")));
    Told { verdict: format!("denied:{reason}"), reply: Some((403, Some(reason.to_owned()))), ..told }
}

/// What becomes of a request, no preflight, from an origin that is denied.
pub fn denied(request: &Request, reason: &str, strict: Strictness) -> Told {
    let protocols = field::elements(request.value("upgrade").unwrap_or_default());
    let is_websocket = protocols.iter().any(|protocol| protocol.eq_ignore_ascii_case(b"websocket"));
    if strict.blocking == 2 || (strict.blocking == 1 && is_websocket) {
        return refused(reason, strict);
    }
    let mut told = withheld(strict);
    told.set("proxy-status", Some(&proxy_status(reason, false, b"")));
    let kind = if is_websocket { "not-blocked" } else { "denied" };
    Told { verdict: format!("{kind}:{reason}"), ..told }
}

/// What a denial adds to `Proxy-Status`, <https://www.rfc-editor.org/rfc/rfc9209>.
pub fn proxy_status(reason: &str, is_answered: bool, refused: &[u8]) -> String {
    let error = if is_answered { "; error=http_request_denied" } else { "" };
    let name =
        if field::is_token(refused) { String::from_utf8_lossy(refused).into_owned() } else { String::new() };
    let shown: String = name.chars().take(64).collect();
    let details = if shown.is_empty() { reason.to_owned() } else { format!("{reason}: {shown}") };
    format!("proxy-wasm-cors{error}; details=\"{details}\"")
}
