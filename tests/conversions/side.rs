//! What answers a browser: where a file comes from, or where its conversion is in force.

use super::browser::{Reply, Server};
use super::service::Service;
use super::support::http::{Client, Request, Response};

type Answering<'a> = Box<dyn FnMut(&Request, Service) -> Response + 'a>;

/// One of the two that are compared, before either service.
pub(crate) struct Side<'a> {
    answer: Answering<'a>,
    pub(crate) service: Service,
}

impl<'a> Side<'a> {
    /// What answers by a rule.
    pub(crate) fn new(answer: impl FnMut(&Request, Service) -> Response + 'a) -> Self {
        Self { answer: Box::new(answer), service: Service::Silent }
    }

    /// A proxy on a loopback port.
    pub(crate) fn proxy(port: u16) -> Self {
        let mut client = Client::new(port);
        Self::new(move |request, service| {
            let response = client.send(&service.address(request));
            response.unwrap_or_else(|error| panic!("{request}: no response: {error}"))
        })
    }
}

impl Server for Side<'_> {
    fn answer(&mut self, request: &Request) -> Reply {
        let response = (self.answer)(request, self.service);
        Reply { response, is_forwarded: false, verdict: None }
    }
}
