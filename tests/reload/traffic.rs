//! Clients that send all the time, and what they meet with.

use std::io;
use std::ops::RangeInclusive;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use super::policies::Case;
use crate::support::http::{Client, Request, Response};
use crate::support::wait::wait_until;

/// The pause of a client between a response and the next request.
const PAUSE: Duration = Duration::from_millis(2);

/// The traffic has to see each change: so many requests come before the next.
const BETWEEN_CHANGES: usize = 100;

/// What the clients and who changes the policies tell each other.
#[derive(Default)]
pub(crate) struct Traffic {
    /// The oldest policy that may judge a request that begins now.
    pub(crate) oldest: AtomicUsize,
    /// The newest policy that may have judged a request that ends now.
    pub(crate) newest: AtomicUsize,
    requests: AtomicUsize,
    pub(crate) is_over: AtomicBool,
}

impl Traffic {
    /// Lets the clients send for a while.
    pub(crate) fn go_on(&self) {
        let before = self.requests.load(SeqCst);
        wait_until("clients send", || self.requests.load(SeqCst) >= before + BETWEEN_CHANGES);
    }

    /// A client that keeps its connection as long as it can, and then connects again to the current port.
    pub(crate) fn of_one_client(&self, port: impl Fn() -> u16) -> Tally {
        let mut tally = Tally::default();
        let mut client = Client::new(port());
        for case in Case::all().iter().cycle() {
            if self.is_over.load(SeqCst) {
                break;
            }
            let oldest = self.oldest.load(SeqCst);
            match tally.send(&mut client, &port, &case.request) {
                Err(error) => tally.wrong.push(format!("{}: no response: {error}", case.request)),
                Ok(response) => tally.compare(case, &response, oldest..=self.newest.load(SeqCst)),
            }
            self.requests.fetch_add(1, SeqCst);
            thread::sleep(PAUSE);
        }
        tally
    }
}

/// What clients met with.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) requests: usize,
    /// Those with an origin.
    pub(crate) judged: usize,
    /// Responses after which Envoy closed the connection, and said so.
    pub(crate) closed: usize,
    /// Requests sent again because Envoy had closed a kept connection meanwhile.
    pub(crate) retried: usize,
    wrong: Vec<String>,
}

impl Tally {
    /// Sends as browsers do: <https://www.rfc-editor.org/rfc/rfc9110#section-9.2.2-6>, once more if a connection that was
    /// kept turns out to be closed.
    fn send(
        &mut self,
        client: &mut Client,
        port: impl Fn() -> u16,
        request: &Request,
    ) -> io::Result<Response> {
        use io::ErrorKind::{BrokenPipe, ConnectionAborted, ConnectionReset};
        self.requests += 1;
        let was_connected = client.is_connected();
        client.move_to(port());
        let result = match client.send(request) {
            Err(error)
                if was_connected
                    && [BrokenPipe, ConnectionAborted, ConnectionReset].contains(&error.kind()) =>
            {
                self.retried += 1;
                client.move_to(port());
                client.send(request)
            }
            result => result,
        };
        self.closed += usize::from(result.is_ok() && !client.is_connected());
        result
    }

    fn compare(&mut self, case: &Case, response: &Response, policies: RangeInclusive<usize>) {
        self.judged += usize::from(case.origin.is_some());
        let differences: Vec<_> =
            policies.clone().map(|number| case.expectation(number).differences(response)).collect();
        if !differences.iter().any(Vec::is_empty) {
            self.wrong.push(format!("{} under policies {policies:?}: {differences:?}", case.request));
        }
    }

    pub(crate) fn plus(self, other: Self) -> Self {
        Self {
            requests: self.requests + other.requests,
            judged: self.judged + other.judged,
            closed: self.closed + other.closed,
            retried: self.retried + other.retried,
            wrong: [self.wrong, other.wrong].concat(),
        }
    }

    #[track_caller]
    pub(crate) fn check(&self) {
        assert!(self.wrong.is_empty(), "{} wrong answers:\n{}", self.wrong.len(), self.wrong.join("\n"));
    }
}

impl std::fmt::Display for Tally {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            out,
            "{} requests, all answered, {} connections closed by Envoy, {} requests retried on a new one",
            self.requests, self.closed, self.retried
        )
    }
}

/// Ends the traffic even if the test fails, which would otherwise wait for it forever.
pub(crate) struct Over<'a>(pub(crate) &'a AtomicBool);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}
