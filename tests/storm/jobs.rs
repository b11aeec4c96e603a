//! Requests on their way, over either version of HTTP.

use std::io;
use std::thread;

use crate::support::http::{Client, Request, Response};
use crate::support::http2;

/// So many streams are under way at once on a connection of HTTP/2.
const STREAMS: usize = 15;

/// How requests come to Envoy; it sends on in HTTP/1.1.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wire {
    Http1,
    Http2,
}

/// A request to a loopback port.
pub(crate) struct Job {
    pub(crate) case: usize,
    pub(crate) port: u16,
    pub(crate) request: Request,
}

impl Job {
    /// The bytes of its header values.
    pub(crate) fn size(&self) -> usize {
        self.request.headers.iter().map(|(_, value)| value.len()).sum()
    }

    /// Whether it is not a CORS request, so that the filter has no say in it.
    pub(crate) fn is_non_cors(&self) -> bool {
        !self.request.headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("origin"))
    }
}

impl Wire {
    /// Sends the jobs, on two threads; the responses in the order of the jobs.
    pub(crate) fn send_all(self, jobs: &[Job]) -> Vec<io::Result<Response>> {
        let chunks: Vec<&[Job]> = jobs
            .chunk_by(|one, other| one.port == other.port)
            .flat_map(|jobs| jobs.chunks(STREAMS))
            .collect();
        let (near, far) = chunks.split_at(chunks.len() / 2);
        let send = |chunks: &[&[Job]]| chunks.iter().flat_map(|jobs| self.send(jobs)).collect::<Vec<_>>();
        thread::scope(|scope| {
            let far = scope.spawn(|| send(far));
            let near = send(near);
            near.into_iter().chain(far.join().expect("no sender panics")).collect()
        })
    }

    /// Sends jobs to one port: over HTTP/1.1 each on its own connection, over HTTP/2 all at once on one.
    pub(crate) fn send(self, jobs: &[Job]) -> Vec<io::Result<Response>> {
        let requests = jobs.iter().map(|job| &job.request);
        match (self, jobs) {
            (Self::Http2, [job, ..]) => http2::send_all(job.port, &requests.cloned().collect::<Vec<_>>()),
            _ => jobs.iter().map(|job| Client::new(job.port).send(&job.request)).collect(),
        }
    }
}
