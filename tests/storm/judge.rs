//! What must hold of every exchange, whatever was sent.

use super::subjects::{Role, Subject};
use crate::support::expectation::RESPONSE_HEADERS;
use crate::support::http::{Request, Response, show};
use crate::support::upstream::{Answer, Seen};

/// One exchange with a policy.
pub(crate) struct Exchange<'a> {
    pub(crate) subject: &'a Subject,
    pub(crate) request: &'a Request,
    pub(crate) answer: &'a Answer,
    pub(crate) response: &'a Response,
    pub(crate) seen: &'a [Seen],
}

impl Exchange<'_> {
    /// What is wrong with it; empty if nothing is.
    pub(crate) fn violations(&self) -> Vec<String> {
        let mut violations = Vec::from_iter(self.of_forwarding());
        if self.subject.role == Role::Watch {
            violations.extend(self.of_touching());
        } else {
            violations.extend(RESPONSE_HEADERS.iter().filter_map(|name| self.of_header(name)));
            violations.extend(self.of_timing());
        }
        // Envoy says so if the filter is dead.
        if self.response.status == 503 {
            violations.push(format!("status 503: {}", self.response.body.escape_ascii()));
        }
        violations
    }

    /// The lines of a request header that have a value; Envoy leaves the others out.
    fn sent(&self, name: &str) -> Vec<&[u8]> {
        let lines = self.request.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        lines.map(|(_, value)| value.trim_ascii()).filter(|value| !value.is_empty()).collect()
    }

    /// No preflight comes to the upstream, and nothing that a policy blocks.
    fn of_forwarding(&self) -> Option<String> {
        let origins = self.sent("Origin");
        if self.seen.is_empty() || self.subject.role == Role::Watch || origins.is_empty() {
            return None;
        }
        let is_preflight =
            self.request.method == "OPTIONS" && !self.sent("Access-Control-Request-Method").is_empty();
        if is_preflight {
            return Some("a preflight came to the upstream".to_owned());
        }
        // Of a request that its browser says comes from the API's own pages, the origin does not matter.
        let is_said_own = self.sent("Sec-Fetch-Site") == [b"same-origin"];
        let may_pass = |origin: &[u8]| is_said_own || (self.subject.may_allow)(origin) || self.is_own(origin);
        let is_blocking =
            self.subject.role == Role::Block || (self.subject.blocks_websockets && self.is_handshake());
        let is_denied = is_blocking && !origins.iter().all(|origin| may_pass(origin));
        is_denied.then(|| "a blocked request came to the upstream".to_owned())
    }

    fn is_handshake(&self) -> bool {
        let protocols = self.sent("Upgrade").join(&b',').to_ascii_lowercase();
        names(&protocols).contains(&&b"websocket"[..])
    }

    /// What is said of timing is what is said of reading, or nothing; a policy that does not speak of it leaves it alone.
    fn of_timing(&self) -> Option<String> {
        let lines = self.response.head.values("timing-allow-origin");
        let is_held = match self.subject.allows_timing {
            true => lines.is_empty() || lines == self.response.head.values("access-control-allow-origin"),
            false => self.seen.is_empty() || !self.is_changed("timing-allow-origin"),
        };
        let shown: Vec<_> = lines.iter().map(|line| line.escape_ascii().to_string()).collect();
        (!is_held).then(|| format!("timing-allow-origin: {shown:?}"))
    }

    /// Whether the origin could be the one that the request goes to: it ends as the authority does.
    fn is_own(&self, origin: &[u8]) -> bool {
        let host = |text: &[u8]| text.strip_suffix(b":80").unwrap_or(text).to_ascii_lowercase();
        host(origin).ends_with(&[&b"://"[..], &host(&self.request.authority)].concat())
    }

    /// One line at most, with a value that the policy could give.
    fn of_header(&self, name: &str) -> Option<String> {
        let lines = self.response.head.values(name);
        let is_held = match lines.as_slice() {
            [] => true,
            [value] => self.may_say(name, value),
            _ => false,
        };
        (!is_held).then(|| {
            let lines: Vec<_> = lines.iter().map(|line| line.escape_ascii().to_string()).collect();
            format!("{name}: {lines:?}")
        })
    }

    fn may_say(&self, name: &str, value: &[u8]) -> bool {
        let Some((_, own)) = self.subject.values.iter().find(|(other, _)| *other == name) else {
            return false;
        };
        match name {
            "access-control-allow-origin" if *own != "*" => {
                self.sent("Origin") == [value] && (self.subject.may_allow)(value)
            }
            "access-control-allow-methods" if self.subject.listener == "echo" => {
                self.sent("Access-Control-Request-Method") == [value]
            }
            "access-control-allow-headers"
                if ["echo", "open", "prefixes"].contains(&self.subject.listener) =>
            {
                value.len() <= 4096 && names(value).iter().all(|name| self.asks_for(name))
            }
            _ => value == own.as_bytes(),
        }
    }

    fn asks_for(&self, name: &[u8]) -> bool {
        let lines = self.sent("Access-Control-Request-Headers");
        lines.iter().flat_map(|line| names(line)).any(|asked| asked.to_ascii_lowercase() == name)
    }

    /// What the upstream says of CORS, and how it varies, comes through as it is.
    fn of_touching(&self) -> Option<String> {
        let changed: Vec<_> = RESPONSE_HEADERS
            .iter()
            .chain(&["vary", "timing-allow-origin"])
            .filter(|name| self.is_changed(name))
            .collect();
        let is_held = self.seen.is_empty() || changed.is_empty();
        (!is_held).then(|| format!("{changed:?} changed: {}", show(&self.response.head.headers)))
    }

    fn is_changed(&self, name: &str) -> bool {
        let said = self.answer.headers.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name));
        let said: Vec<_> = said.map(|(_, value)| value.trim_ascii()).collect();
        joined(&said) != joined(&self.response.head.values(name))
    }
}

fn names(list: &[u8]) -> Vec<&[u8]> {
    list.split(|byte| *byte == b',').map(<[u8]>::trim_ascii).filter(|name| !name.is_empty()).collect()
}

/// Envoy joins lines, and leaves out empty ones.
fn joined(lines: &[&[u8]]) -> Vec<u8> {
    lines.iter().filter(|line| !line.is_empty()).copied().collect::<Vec<_>>().join(&b","[..])
}
