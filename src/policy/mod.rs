//! The room of policies: a [`Policy`] is valid, immutable, has its header values joined beforehand, and decides.
//!
//! [`set`] and [`selector`] choose the policy for a request. [`allow_origin`], [`allow_methods`] and [`allow_headers`] are
//! what a policy allows, one file for each header of the response. [`decision`] and [`response_edits`] are the outcome as
//! plain data, and [`vary`] merges its names into what the response says already.
//!
//! What was validated comes in, and the head of a request, which may hold any bytes; deciding cannot fail. The rooms of
//! origins and requests are known here, and no other: not how a policy was written, nor who is told of a verdict.

pub mod allow_headers;
pub mod allow_methods;
pub mod allow_origin;
pub mod decision;
pub mod response_edits;
pub mod selector;
pub mod set;
pub mod vary;

use crate::origin::own::scheme_if_at;
use crate::request::{RequestHead, RequestKind};
use allow_headers::AllowHeaders;
use allow_methods::AllowMethods;
use allow_origin::AllowOrigin;
use decision::{Action, Decision, Denial, Kind, Reason, Verdict};
use response_edits::{HeaderValue, ResponseEdits, Vary};

/// The status of a request that the filter refuses to forward.
const FORBIDDEN: u16 = 403;

/// Which pages may do what with the API behind the filter.
#[derive(Debug)]
pub struct Policy {
    /// The name in logs, metrics and the access log.
    pub(crate) name: String,
    /// Who may read responses.
    pub(crate) allow_origin: AllowOrigin,
    /// Whether with cookies and other credentials.
    pub(crate) allow_credentials: bool,
    /// With which methods.
    pub(crate) allow_methods: AllowMethods,
    /// With which request headers.
    pub(crate) allow_headers: AllowHeaders,
    /// Whether from a public network into a private one.
    pub(crate) allow_private_network: bool,
    /// Which response headers scripts may read.
    pub(crate) expose_headers: Option<HeaderValue>,
    /// For how many seconds a browser may keep the answer to a preflight.
    pub(crate) max_age: Option<HeaderValue>,
    /// The status of an answered preflight.
    pub(crate) preflight_status: u16,
    /// Whether a denied request is answered here, not forwarded.
    pub(crate) block_denied_requests: bool,
    /// Whether the policy only judges.
    pub(crate) is_shadow: bool,
}

impl Policy {
    /// The name in logs, metrics and the access log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether the policy only judges and leaves traffic untouched.
    #[must_use]
    pub fn is_shadow(&self) -> bool {
        self.is_shadow
    }

    /// Decides what to do with a request and its response.
    pub fn decide(&self, head: &impl RequestHead) -> Decision {
        self.decide_for(&self.allow_origin, head)
    }

    /// Decides as if the policy allowed no origin, because the path has several readings.
    pub fn decide_on_ambiguous_path(&self, head: &impl RequestHead) -> Decision {
        self.decide_for(&AllowOrigin::NobodyOnThisPath, head)
    }

    fn decide_for(&self, allow_origin: &AllowOrigin, head: &impl RequestHead) -> Decision {
        let decision = match RequestKind::of(head) {
            RequestKind::NonCors => self.non_cors(allow_origin),
            RequestKind::Cors { origin } => self.cors(allow_origin, origin, head),
            RequestKind::Preflight { origin, requested_method } => {
                self.preflight(allow_origin, origin, &requested_method, head)
            }
        };
        if self.is_shadow { decision.shadowed() } else { decision }
    }

    fn non_cors(&self, allow_origin: &AllowOrigin) -> Decision {
        // A response that is the same for every origin is the same without one, and one cache may serve both.
        let response = match allow_origin {
            AllowOrigin::Any => self.shared(allow_origin, Vec::new()),
            _ => withheld(),
        };
        Decision { verdict: Verdict::NotCrossOrigin, action: Action::Forward, response: Some(response) }
    }

    /// A page may send what needs no preflight anyway; to be denied means that it may not read the answer.
    fn cors(&self, allow_origin: &AllowOrigin, origin: Vec<u8>, head: &impl RequestHead) -> Decision {
        let Some(reason) = allow_origin.refusal(&origin) else {
            let response = Some(self.shared(allow_origin, origin));
            return Decision { verdict: Verdict::Allowed(Kind::Cors), action: Action::Forward, response };
        };
        let verdict = match comes_from_own_origin(&origin, head) {
            true => Verdict::NotCrossOrigin,
            false => Verdict::Denied(Denial { kind: Kind::Cors, reason, origin }),
        };
        let action = match (&verdict, self.block_denied_requests) {
            (Verdict::Denied(_), true) => refusal_of(reason),
            _ => Action::Forward,
        };
        Decision { verdict, action, response: Some(withheld()) }
    }

    /// <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, the server's side.
    ///
    /// The configured lists go out whole even if what is asked for is not among them: the browser can keep them, and
    /// its console can name what is missing.
    fn preflight(
        &self,
        allow_origin: &AllowOrigin,
        origin: Vec<u8>,
        requested_method: &[u8],
        head: &impl RequestHead,
    ) -> Decision {
        let denial = |reason, origin| Verdict::Denied(Denial { kind: Kind::Preflight, reason, origin });
        if let Some(reason) = allow_origin.refusal(&origin) {
            let verdict = denial(reason, origin);
            return Decision { verdict, action: refusal_of(reason), response: Some(withheld()) };
        }
        let requested = Requested::of(requested_method, head);
        let (objection, answers) = self.answer(&requested);
        let verdict = match objection {
            Some(reason) => denial(reason, origin.clone()),
            None => Verdict::Allowed(Kind::Preflight),
        };
        let response = Some(self.with_answers(self.shared(allow_origin, origin), answers));
        Decision { verdict, action: Action::Reply { status: self.preflight_status, body: None }, response }
    }

    /// The first objection to what a preflight asks for, and the answers to it.
    fn answer(&self, requested: &Requested<'_>) -> (Option<Reason>, Answers) {
        let methods = self.allow_methods.answer(requested.method);
        let headers = self.allow_headers.answer(&requested.headers);
        let private_network = requested.private_network && self.allow_private_network;
        let objection = [
            (methods.is_allowed, Reason::MethodNotAllowed),
            (headers.is_allowed, Reason::HeaderNotAllowed),
            (private_network == requested.private_network, Reason::PrivateNetworkNotAllowed),
        ]
        .into_iter()
        .find_map(|(is_allowed, reason)| (!is_allowed).then_some(reason));
        (objection, Answers { methods: methods.value, headers: headers.value, private_network })
    }

    fn with_answers(&self, shared: ResponseEdits, answers: Answers) -> ResponseEdits {
        ResponseEdits {
            allow_methods: answers.methods,
            allow_headers: answers.headers,
            allow_private_network: answers.private_network,
            max_age: self.max_age.clone(),
            vary: Vary {
                request_method: self.allow_methods.depends_on_request(),
                request_headers: self.allow_headers.depends_on_request(),
                request_private_network: self.allow_private_network,
                ..shared.vary
            },
            ..shared
        }
    }

    /// What every response to an allowed origin says.
    fn shared(&self, allow_origin: &AllowOrigin, origin: Vec<u8>) -> ResponseEdits {
        ResponseEdits {
            allow_origin: Some(allow_origin.answer(origin)),
            allow_credentials: self.allow_credentials,
            expose_headers: self.expose_headers.clone(),
            vary: Vary { origin: allow_origin.depends_on_origin(), ..Vary::default() },
            ..ResponseEdits::default()
        }
    }
}

/// What a preflight asks for beside the origin.
struct Requested<'a> {
    method: &'a [u8],
    headers: Vec<u8>,
    private_network: bool,
}

impl<'a> Requested<'a> {
    fn of(method: &'a [u8], head: &impl RequestHead) -> Self {
        let private_network = head.header("access-control-request-private-network");
        Self {
            method,
            headers: head.header("access-control-request-headers").unwrap_or_default(),
            private_network: private_network.is_some_and(|value| value == b"true"),
        }
    }
}

/// The header values in answer to what a preflight asks for.
struct Answers {
    methods: Option<HeaderValue>,
    headers: Option<HeaderValue>,
    private_network: bool,
}

/// A response that says nothing to the page, and to a cache that it might have.
fn withheld() -> ResponseEdits {
    ResponseEdits { vary: Vary { origin: true, ..Vary::default() }, ..ResponseEdits::default() }
}

fn refusal_of(reason: Reason) -> Action {
    Action::Reply { status: FORBIDDEN, body: Some(reason.as_str()) }
}

/// The scheme is asked for only where it matters: most origins are at another authority.
fn comes_from_own_origin(origin: &[u8], head: &impl RequestHead) -> bool {
    let authority = head.header(":authority").unwrap_or_default();
    let Some(own) = scheme_if_at(origin, &authority) else { return false };
    let forwarded = head.header("x-forwarded-proto").filter(|scheme| !scheme.is_empty());
    let scheme = forwarded.or_else(|| head.header(":scheme")).unwrap_or_default();
    // Several proxies may have written a list, of which the first is what the browser used.
    let scheme = scheme.split(|b| *b == b',').next().unwrap_or_default().trim_ascii();
    own.eq_ignore_ascii_case(scheme)
}
