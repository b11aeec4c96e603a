//! The room of policies: a [`Policy`] is valid, immutable, has its header values joined beforehand, and decides.
//!
//! [`set`] and [`selector`] choose the policy for a request, `ambiguous` does where its path has several readings, and
//! [`explanation`] tells people how. [`allow_origin`], [`allow_methods`] and [`allow_headers`] are what a policy allows, one
//! file for each header of the response. [`decision`] and [`response_edits`] are the outcome as plain data, and [`vary`]
//! merges its names into what the response says already.
//!
//! What was validated comes in, and the head of a request, which may hold any bytes; deciding cannot fail. The rooms of
//! origins and requests are known here, and no other: not how a policy was written, nor who is told of a verdict.

pub mod allow_headers;
pub mod allow_methods;
pub mod allow_origin;
mod ambiguous;
pub mod decision;
pub mod explanation;
pub mod response_edits;
pub mod selector;
pub mod set;
pub mod vary;

use crate::origin::own::scheme_if_at;
use crate::request::requested_headers::names as elements;
use crate::request::{RequestHead, RequestKind};
use allow_headers::{AllowHeaders, ListedHeaders};
use allow_methods::{AllowMethods, ListedMethods};
use allow_origin::AllowOrigin;
use decision::{Action, Decision, Denial, Kind, Reason, Verdict};
use response_edits::{HeaderValue, ResponseEdits, Timing, Vary};
use selector::host_of;

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
    /// Whether pages may read how long a response took.
    pub(crate) allow_timing: bool,
    /// Which denied requests are answered here, not forwarded.
    pub(crate) blocking: Blocking,
    /// What comes of its decisions.
    pub(crate) mode: Mode,
}

/// Which denied requests, preflights apart, a policy answers itself; each blocks more than the one before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Blocking {
    /// None: each is forwarded.
    #[default]
    Never,
    /// Handshakes of WebSockets, which CORS does not cover.
    WebSockets,
    /// Every one.
    Always,
}

/// What comes of the decisions of a policy.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// They are carried out and told.
    #[default]
    Enforce,
    /// They are told, and traffic is left untouched.
    Shadow,
    /// There are none.
    Passthrough,
}

impl Policy {
    /// The name in logs, metrics and the access log.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A policy that allows no one, for a reason that has nothing to do with the origin, and blocks nothing.
    #[must_use]
    pub fn allowing_no_one(name: &str, reason: Reason) -> Self {
        Self {
            name: name.to_owned(),
            allow_origin: AllowOrigin::Nobody(reason),
            allow_credentials: false,
            allow_methods: AllowMethods::Listed(ListedMethods::default()),
            allow_headers: AllowHeaders::Listed(ListedHeaders::default()),
            allow_private_network: false,
            expose_headers: None,
            max_age: None,
            preflight_status: FORBIDDEN,
            allow_timing: false,
            blocking: Blocking::Never,
            mode: Mode::Enforce,
        }
    }

    /// What comes of its decisions.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Whether it allows a request of this kind to be made from its origin; a request without `Origin` is made from none.
    pub(crate) fn allows_origin_of(&self, kind: &RequestKind, head: &dyn RequestHead) -> bool {
        let refusal = |origin| self.allow_origin.refusal(origin, || host(head));
        kind.origin().is_some_and(|origin| refusal(origin).is_none())
    }

    /// Decides what to do with a request and its response.
    pub fn decide(&self, kind: RequestKind, head: &dyn RequestHead) -> Decision {
        self.decide_as(&self.allow_origin, self.strictness(), kind, head)
    }

    /// What another policy that may be meant could be stricter in.
    pub(crate) fn strictness(&self) -> Strictness {
        Strictness { blocking: self.blocking, speaks_of_timing: self.allow_timing }
    }

    /// Decides as if the policy allowed no origin, because the path has several readings that choose others too.
    pub(crate) fn decide_on_ambiguous_path(
        &self,
        strictness: Strictness,
        kind: RequestKind,
        head: &dyn RequestHead,
    ) -> Decision {
        self.decide_as(&AllowOrigin::Nobody(Reason::PathNotNormalized), strictness, kind, head)
    }

    /// The edits of a response that comes by another route than the policy was chosen by.
    #[must_use]
    pub fn withheld_by_route(&self) -> ResponseEdits {
        withheld_for(Reason::RouteChanged, false, self.strictness())
    }

    fn decide_as(
        &self,
        allow_origin: &AllowOrigin,
        strictness: Strictness,
        kind: RequestKind,
        head: &dyn RequestHead,
    ) -> Decision {
        match self.mode {
            Mode::Enforce => self.judge(allow_origin, strictness, kind, head),
            Mode::Shadow => self.judge(allow_origin, strictness, kind, head).shadowed(),
            Mode::Passthrough => Decision::untouched(),
        }
    }

    fn judge(
        &self,
        allow_origin: &AllowOrigin,
        strictness: Strictness,
        kind: RequestKind,
        head: &dyn RequestHead,
    ) -> Decision {
        match kind {
            RequestKind::NonCors => self.non_cors(allow_origin, strictness),
            RequestKind::Cors { origin } => self.cors(allow_origin, strictness, origin, head),
            RequestKind::Preflight { origin, requested_method } => {
                self.preflight(allow_origin, strictness, origin, &requested_method, head)
            }
        }
    }

    fn non_cors(&self, allow_origin: &AllowOrigin, strictness: Strictness) -> Decision {
        // A response that is the same for every origin is the same without one, and one cache may serve both.
        let response = match allow_origin {
            AllowOrigin::Any => self.shared(allow_origin, Vec::new()),
            _ => withheld(strictness),
        };
        Decision { verdict: Verdict::NotCrossOrigin, action: Action::Forward, response: Some(response) }
    }

    /// A page may send what needs no preflight anyway; to be denied means that it may not read the answer.
    fn cors(
        &self,
        allow_origin: &AllowOrigin,
        strictness: Strictness,
        origin: Vec<u8>,
        head: &dyn RequestHead,
    ) -> Decision {
        let Some(reason) = allow_origin.refusal(&origin, || host(head)) else {
            let response = Some(self.shared(allow_origin, origin));
            return Decision { verdict: Verdict::Allowed(Kind::Cors), action: Action::Forward, response };
        };
        if comes_from_own_origin(&origin, head) {
            let response = Some(withheld(strictness));
            return Decision { verdict: Verdict::NotCrossOrigin, action: Action::Forward, response };
        }
        // Where everything is blocked there is nothing to ask.
        let is_websocket = strictness.blocking != Blocking::Always && is_websocket_handshake(head);
        let is_blocked = strictness.blocking == Blocking::Always
            || (strictness.blocking == Blocking::WebSockets && is_websocket);
        let denial = Denial {
            kind: Kind::Cors,
            reason,
            origin,
            refused: Vec::new(),
            is_open_websocket: is_websocket && !is_blocked,
        };
        let action = if is_blocked { refusal_of(reason) } else { Action::Forward };
        let response = Some(withheld_for(reason, is_blocked, strictness));
        Decision { verdict: Verdict::Denied(denial), action, response }
    }

    /// <https://fetch.spec.whatwg.org/#cors-preflight-fetch-0>, the server's side.
    ///
    /// The configured lists go out whole even if what is asked for is not among them: the browser can keep them, and
    /// its console can name what is missing.
    fn preflight(
        &self,
        allow_origin: &AllowOrigin,
        strictness: Strictness,
        origin: Vec<u8>,
        requested_method: &[u8],
        head: &dyn RequestHead,
    ) -> Decision {
        if let Some(reason) = allow_origin.refusal(&origin, || host(head)) {
            let response = Some(withheld_for(reason, true, strictness));
            let verdict = denied_preflight(reason, origin, &[]);
            return Decision { verdict, action: refusal_of(reason), response };
        }
        let requested = Requested::of(requested_method, head);
        let (objection, answers) = self.answer(&requested);
        let (mut verdict, mut proxy_status) = (Verdict::Allowed(Kind::Preflight), None);
        if let Some(reason) = objection {
            let refused = match reason {
                Reason::MethodNotAllowed => requested.method,
                Reason::HeaderNotAllowed => {
                    self.allow_headers.first_refused(&requested.headers).unwrap_or_default()
                }
                _ => &[],
            };
            proxy_status = Some(reason.told_to_clients(false, refused));
            verdict = denied_preflight(reason, origin.clone(), refused);
        }
        let response = self.with_answers(self.shared(allow_origin, origin), answers, proxy_status);
        Decision {
            verdict,
            action: Action::Reply { status: self.preflight_status, body: None },
            response: Some(response),
        }
    }

    /// The first objection to what a preflight asks for, and the answers to it.
    fn answer(&self, requested: &Requested<'_>) -> (Option<Reason>, Answers) {
        let methods = self.allow_methods.answer(requested.method);
        let headers = self.allow_headers.answer(&requested.headers);
        let private_network = requested.private_network && self.allow_private_network;
        let objection = if !methods.is_allowed {
            Some(Reason::MethodNotAllowed)
        } else if !headers.is_allowed {
            Some(Reason::HeaderNotAllowed)
        } else if private_network != requested.private_network {
            Some(Reason::PrivateNetworkNotAllowed)
        } else {
            None
        };
        (objection, Answers { methods: methods.value, headers: headers.value, private_network })
    }

    fn with_answers(
        &self,
        shared: ResponseEdits,
        answers: Answers,
        proxy_status: Option<HeaderValue>,
    ) -> ResponseEdits {
        ResponseEdits {
            proxy_status,
            allow_methods: answers.methods,
            allow_headers: answers.headers,
            allow_private_network: answers.private_network,
            max_age: self.max_age.clone(),
            // No page may read how long the answer to a preflight took.
            timing: if self.allow_timing { Timing::Removed } else { Timing::Untouched },
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
            timing: if self.allow_timing { Timing::Allowed } else { Timing::Untouched },
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
    fn of(method: &'a [u8], head: &dyn RequestHead) -> Self {
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

/// What one policy can be stricter in than another, where neither allows the origin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Strictness {
    blocking: Blocking,
    speaks_of_timing: bool,
}

impl Strictness {
    /// As strict as both.
    pub(crate) fn and(self, other: Self) -> Self {
        Self {
            blocking: self.blocking.max(other.blocking),
            speaks_of_timing: self.speaks_of_timing || other.speaks_of_timing,
        }
    }
}

/// A response that says nothing to the page, and to a cache that it might have.
fn withheld(strictness: Strictness) -> ResponseEdits {
    ResponseEdits {
        timing: if strictness.speaks_of_timing { Timing::Removed } else { Timing::Untouched },
        vary: Vary { origin: true, ..Vary::default() },
        ..ResponseEdits::default()
    }
}

/// The same, and that and why the filter denies it, which developers see in the browser's tools.
fn withheld_for(reason: Reason, is_answered: bool, strictness: Strictness) -> ResponseEdits {
    ResponseEdits { proxy_status: Some(reason.told_to_clients(is_answered, &[])), ..withheld(strictness) }
}

fn denied_preflight(reason: Reason, origin: Vec<u8>, refused: &[u8]) -> Verdict {
    let (kind, refused) = (Kind::Preflight, refused.to_vec());
    Verdict::Denied(Denial { kind, reason, origin, refused, is_open_websocket: false })
}

fn refusal_of(reason: Reason) -> Action {
    Action::Reply { status: FORBIDDEN, body: Some(reason.as_str()) }
}

/// The host that a request goes to.
fn host(head: &dyn RequestHead) -> Vec<u8> {
    host_of(head.header(":authority").unwrap_or_default())
}

/// Whether a request opens a WebSocket: <https://www.rfc-editor.org/rfc/rfc6455#section-4.1>. Envoy writes the same into one
/// that came by HTTP/2.
fn is_websocket_handshake(head: &dyn RequestHead) -> bool {
    let is_websocket = |protocol: &[u8]| protocol.eq_ignore_ascii_case(b"websocket");
    head.header("upgrade").is_some_and(|value| elements(&value).any(is_websocket))
}

/// The browser says so, and no page can: <https://w3c.github.io/webappsec-fetch-metadata/#sec-fetch-site-header>. Of one
/// that does not, or where a proxy took the header away, the scheme and the authority have to tell.
fn comes_from_own_origin(origin: &[u8], head: &dyn RequestHead) -> bool {
    if let Some(site) = head.header("sec-fetch-site") {
        return site == b"same-origin";
    }
    let authority = head.header(":authority").unwrap_or_default();
    // The scheme is asked for only where it matters: most origins are at another authority.
    let Some(own) = scheme_if_at(origin, &authority) else { return false };
    let forwarded = head.header("x-forwarded-proto").filter(|scheme| !scheme.is_empty());
    let scheme = forwarded.or_else(|| head.header(":scheme")).unwrap_or_default();
    // Several proxies may have written a list, of which the first is what the browser used.
    let scheme = scheme.split(|b| *b == b',').next().unwrap_or_default().trim_ascii();
    own.eq_ignore_ascii_case(scheme)
}
