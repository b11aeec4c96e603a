//! The course of a probe: which requests are sent, one after the other, and what the page gets.

use proxy_wasm_cors::request::method::is_forbidden;

use crate::page::call::Call;
use crate::page::checks::{Failure, cors_check, preflight_check};

use super::client::{Answer, Ask};
use super::endpoint::Endpoint;
use super::request::{Purpose, Request, stand_in};
use super::strangers::{Stranger, anyone, opaque, variants};

/// What is asked of an endpoint.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) endpoint: Endpoint,
    /// The call of the page.
    pub(crate) call: Call,
    /// Whether to make the call itself, even if it is not harmless.
    pub(crate) is_sent: bool,
    /// Whether other origins are tried.
    pub(crate) is_audit: bool,
}

/// A request and its answer.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) request: Request,
    pub(crate) answer: Answer,
}

/// What came of it.
#[derive(Clone, Debug)]
pub(crate) struct Inquiry {
    /// In the order of the requests.
    pub(crate) exchanges: Vec<Exchange>,
    /// Why the page does not get the answer, if so.
    pub(crate) refusal: Option<Refusal>,
    /// Why an answer is missing.
    pub(crate) unreachable: Option<(Request, String)>,
}

/// Why the page does not get the answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) why: String,
    /// The step that fails, in words.
    pub(crate) step: String,
    pub(crate) link: String,
}

impl From<Failure> for Refusal {
    fn from(failure: Failure) -> Self {
        Self { why: failure.why, step: failure.step.to_string(), link: failure.step.link() }
    }
}

impl Refusal {
    fn new(why: String, step: &str, link: &str) -> Self {
        Self { why, step: step.to_owned(), link: link.to_owned() }
    }
}

impl Inquiry {
    /// Asks; an answer that does not come ends it.
    pub(crate) fn make(question: &Question, server: &dyn Ask) -> Self {
        let mut inquiry =
            Self { exchanges: Vec::new(), refusal: refused_unasked(question), unreachable: None };
        if is_forbidden(question.call.method.as_bytes()) {
            return inquiry;
        }
        if inquiry.as_page(question, server).is_some() && question.is_audit {
            inquiry.as_strangers(question, server);
        }
        inquiry
    }

    /// What the page itself sends; `None` if an answer is missing.
    fn as_page(&mut self, question: &Question, server: &dyn Ask) -> Option<()> {
        let Question { endpoint, call, .. } = question;
        let mut is_permitted = self.refusal.is_none();
        if call.needs_preflight().is_some() {
            let request = Request::preflight(endpoint, call, Purpose::Preflight);
            let answer = self.ask(request, server)?;
            if let Err(failure) = preflight_check(call, answer.status, &answer.headers) {
                is_permitted = false;
                self.refuse(failure.into());
            }
        }
        let is_harmless = matches!(call.sent_method(), "GET" | "HEAD");
        let is_made = is_permitted && (question.is_sent || is_harmless);
        let (call, purpose) =
            if is_made { (call.clone(), Purpose::Call) } else { (stand_in(call), Purpose::StandIn) };
        let answer = self.ask(Request::of_page(endpoint, &call, purpose), server)?;
        if let Err(failure) = cors_check(&call, &answer.headers) {
            self.refuse(failure.into());
        } else if let Some(refusal) = redirected(&answer) {
            self.refuse(refusal);
        }
        Some(())
    }

    /// The calls of other pages. A server that accepts anyone also accepts the variants.
    fn as_strangers(&mut self, question: &Question, server: &dyn Ask) -> Option<()> {
        let mut is_anyone = self.as_stranger(question, &anyone(), server)?;
        if question.call.needs_preflight().is_some() {
            let call = by(&question.call, &anyone());
            let purpose = Purpose::Audit(anyone());
            let answer = self.ask(Request::preflight(&question.endpoint, &call, purpose), server)?;
            is_anyone |= answer.allows(&call.origin);
        }
        self.as_stranger(question, &opaque(), server)?;
        for stranger in variants(&question.call.origin).iter().filter(|_| !is_anyone) {
            self.as_stranger(question, stranger, server)?;
        }
        Some(())
    }

    /// Whether a stranger is accepted.
    fn as_stranger(&mut self, question: &Question, stranger: &Stranger, server: &dyn Ask) -> Option<bool> {
        let call = by(&stand_in(&question.call), stranger);
        let purpose = Purpose::Audit(stranger.clone());
        let answer = self.ask(Request::of_page(&question.endpoint, &call, purpose), server)?;
        Some(answer.allows(&stranger.origin))
    }

    fn ask(&mut self, request: Request, server: &dyn Ask) -> Option<Answer> {
        match server.ask(&request) {
            Ok(answer) => {
                self.exchanges.push(Exchange { request, answer: answer.clone() });
                Some(answer)
            }
            Err(why) => {
                self.unreachable = Some((request, why));
                None
            }
        }
    }

    /// The first reason is the one that counts.
    fn refuse(&mut self, refusal: Refusal) {
        self.refusal.get_or_insert(refusal);
    }
}

impl Answer {
    /// Whether a page of exactly this origin is named.
    pub(crate) fn allows(&self, origin: &str) -> bool {
        self.value("access-control-allow-origin").as_deref() == Some(origin)
    }

    /// All lines of a header as one.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        crate::page::checks::value(&self.headers, name)
    }
}

fn by(call: &Call, stranger: &Stranger) -> Call {
    Call { origin: stranger.origin.clone(), ..call.clone() }
}

/// What the browser refuses before it sends anything.
fn refused_unasked(question: &Question) -> Option<Refusal> {
    let Question { endpoint, call, .. } = question;
    if is_forbidden(call.method.as_bytes()) {
        let why = format!("no script may use the method `{}`", call.method);
        return Some(Refusal::new(
            why,
            "forbidden method",
            "https://fetch.spec.whatwg.org/#forbidden-method",
        ));
    }
    let is_mixed = endpoint.is_mixed_content(&call.origin);
    is_mixed.then(|| {
        let why =
            "a page loaded over `https` may not call `http`: browsers block this as mixed content".to_owned();
        let link = "https://www.w3.org/TR/mixed-content/#should-block-fetch";
        Refusal::new(why, "main fetch, mixed content", link)
    })
}

/// <https://fetch.spec.whatwg.org/#http-redirect-fetch>
fn redirected(answer: &Answer) -> Option<Refusal> {
    let place = answer.value("location").filter(|_| matches!(answer.status, 301 | 302 | 303 | 307 | 308))?;
    let why = format!(
        "the call is redirected to `{place}`, and the answer there decides; `probe` follows no redirects, so probe that URL"
    );
    let link = "https://fetch.spec.whatwg.org/#http-redirect-fetch";
    Some(Refusal::new(why, "HTTP-redirect fetch", link))
}
