//! What answers a browser: the core alone, or a real Envoy.

use proxy_wasm_cors::policy::decision::{Action, Verdict};
use serde_json::Value;

use super::browser::{Reply, Server};
use super::judge::upstream_answer;
use super::support::config::{Bootstrap, Configuration, Listener, cors_filter};
use super::support::envoy::{Directory, Envoy};
use super::support::http::{Client, Request};
use super::support::native::Native;
use super::support::upstream::{Answer, Upstream};

/// The core before the upstream.
pub(crate) struct CoreServer {
    core: Native,
    upstream_answer: Answer,
}

impl CoreServer {
    /// The core under a configuration.
    #[track_caller]
    pub(crate) fn new(config: &Value) -> Self {
        Self { core: Native::new(config), upstream_answer: upstream_answer() }
    }
}

impl Server for CoreServer {
    fn answer(&mut self, request: &Request) -> Reply {
        let (decision, response) = self.core.send(request, &self.upstream_answer);
        let verdict = match &decision.verdict {
            Verdict::NotCrossOrigin => "-".to_owned(),
            Verdict::Allowed(_) => "allowed".to_owned(),
            Verdict::Denied(denial) if denial.is_open_websocket => format!("not-blocked:{}", denial.reason),
            Verdict::Denied(denial) => format!("denied:{}", denial.reason),
        };
        Reply { response, is_forwarded: decision.action == Action::Forward, verdict: Some(verdict) }
    }
}

/// An Envoy with a listener for each policy, before the upstream.
pub(crate) struct Proxy {
    envoy: Envoy,
    upstream: Upstream,
}

impl Proxy {
    /// Starts it.
    pub(crate) fn start(policies: &[Value]) -> Self {
        let answer = upstream_answer();
        let upstream = Upstream::start(move |_| answer.clone());
        let mut bootstrap = Bootstrap::new(upstream.port());
        for (place, policy) in policies.iter().enumerate() {
            let filters = vec![cors_filter(&Configuration::Text(policy.to_string()))];
            bootstrap = bootstrap.listener(&Listener::new(place.to_string(), filters));
        }
        Self { envoy: Envoy::start(Directory::new(), &bootstrap), upstream }
    }

    /// The listener of a policy, its requests numbered from `first_case`.
    pub(crate) fn listener(&self, place: usize, first_case: usize) -> ProxyServer<'_> {
        let client = Client::new(self.envoy.port(&place.to_string()));
        ProxyServer { client, upstream: &self.upstream, next_case: first_case }
    }
}

/// One listener.
pub(crate) struct ProxyServer<'a> {
    client: Client,
    upstream: &'a Upstream,
    pub(crate) next_case: usize,
}

impl Server for ProxyServer<'_> {
    fn answer(&mut self, request: &Request) -> Reply {
        let case = self.next_case;
        self.next_case += 1;
        let response = self.client.send(&request.clone().case(case));
        let response = response.unwrap_or_else(|error| panic!("{request}: no response: {error}"));
        Reply { response, is_forwarded: !self.upstream.seen(case).is_empty(), verdict: None }
    }
}
