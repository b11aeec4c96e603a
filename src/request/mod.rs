//! The room of requests: the head of a request, and what the Fetch Standard calls its parts.
//!
//! [`RequestKind`] classifies a request once, from what a [`RequestHead`] answers. [`method`] and [`header_name`] hold
//! what Fetch says about these two nouns, [`requested_headers`] reads the names that a preflight asks for, [`path`]
//! compares paths, and [`readings`] has what servers may take a path for.
//!
//! The bytes of a request come in, and they may be any bytes, because the client chooses them. Nothing here knows about
//! origins, policies, configurations or any other room.

pub mod header_name;
pub mod method;
pub mod path;
pub mod readings;
pub mod requested_headers;

use std::cell::RefCell;

/// Where the core asks for the head of a request.
///
/// Every answer with content costs time in the host, so the core asks for a header only if its decision depends on it,
/// and only once.
pub trait RequestHead {
    /// The value of a header or pseudo-header, several lines joined with commas; `None` if it is absent.
    fn header(&self, name: &'static str) -> Option<Vec<u8>>;

    /// The name of the route that the proxy chose; `None` if it has none.
    fn route_name(&self) -> Option<Vec<u8>>;
}

/// A request in Fetch's terms, with the headers that made it so. Every value may hold any bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// It has no `Origin`.
    NonCors,
    /// <https://fetch.spec.whatwg.org/#cors-request>, but not a preflight.
    Cors {
        /// The value of `Origin`.
        origin: Vec<u8>,
    },
    /// <https://fetch.spec.whatwg.org/#cors-preflight-request>
    Preflight {
        /// The value of `Origin`.
        origin: Vec<u8>,
        /// The value of `Access-Control-Request-Method`, not empty.
        requested_method: Vec<u8>,
    },
}

impl RequestKind {
    /// Classifies a request; nothing after this asks again.
    ///
    /// `OPTIONS` with only `Origin` is not a preflight: an API may use `OPTIONS` itself, and a page may call it.
    pub fn of<H: RequestHead + ?Sized>(head: &H) -> Self {
        let Some(origin) = head.header("origin") else { return Self::NonCors };
        // Every request has a method, and reading it costs time. Few requests have this header, and an absent one costs
        // nothing.
        match head.header("access-control-request-method") {
            Some(requested_method) if !requested_method.is_empty() && is_options(head) => {
                Self::Preflight { origin, requested_method }
            }
            _ => Self::Cors { origin },
        }
    }
}

impl RequestKind {
    /// The value of `Origin`, if there is one.
    #[must_use]
    pub fn origin(&self) -> Option<&[u8]> {
        match self {
            Self::NonCors => None,
            Self::Cors { origin } | Self::Preflight { origin, .. } => Some(origin),
        }
    }
}

/// A head that asks another one for each header only once, however often it is asked itself.
pub struct Remembering<'a> {
    head: &'a dyn RequestHead,
    answers: RefCell<Vec<NamedAnswer>>,
}

/// The name of a header, and its value if it has one.
type NamedAnswer = (&'static str, Option<Vec<u8>>);

impl<'a> Remembering<'a> {
    /// Asks this head.
    pub fn new(head: &'a dyn RequestHead) -> Self {
        Self { head, answers: RefCell::default() }
    }
}

impl RequestHead for Remembering<'_> {
    fn header(&self, name: &'static str) -> Option<Vec<u8>> {
        let mut answers = self.answers.borrow_mut();
        if let Some((_, answer)) = answers.iter().find(|(known, _)| *known == name) {
            return answer.clone();
        }
        let answer = self.head.header(name);
        answers.push((name, answer.clone()));
        answer
    }

    fn route_name(&self) -> Option<Vec<u8>> {
        self.head.route_name()
    }
}

fn is_options<H: RequestHead + ?Sized>(head: &H) -> bool {
    head.header(":method").is_some_and(|method| method == b"OPTIONS")
}
