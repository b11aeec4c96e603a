//! What the pages of all rows run against: an Envoy with a listener for each row, an upstream behind it, and a server
//! of the pages themselves.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::pages::{PAGE, Pace, Pages};
use super::row::Row;
use super::shared_cache;
use crate::engines::socks::Socks;
use crate::support::certificate::Certificate;
use crate::support::config::{Bootstrap, Configuration, Listener, UPSTREAM, cors_filter};
use crate::support::envoy::{Directory, Envoy};
use crate::support::http::CASE;
use crate::support::upstream::{Seen, Upstream, serve};
use crate::support::wait::wait_until;

/// The listener of pages over TLS, and the cluster behind it.
const PAGES: &str = "pages";

/// Whose hosts pages and APIs have; the last is a public suffix.
const DOMAINS: [&str; 3] = [".example.com", ".test", ".herokuapp.com"];

/// Everything that the browser meets.
pub(crate) struct Stage {
    pub(crate) pages: Arc<Pages>,
    envoy: Envoy,
    upstream: Upstream,
    access_log: PathBuf,
    pub(crate) page_port: u16,
}

impl Stage {
    /// Starts it for these rows.
    pub(crate) fn start(rows: Vec<Row>, pace: Pace) -> Self {
        let pages = Arc::new(Pages::new(rows, pace));
        let served = Arc::clone(&pages);
        let page_port = serve(move |request| served.answer(request));
        let served = Arc::clone(&pages);
        let upstream = Upstream::start_with(move |row, request| served.answer_of_upstream(row, request));
        let directory = Directory::new();
        let access_log = directory.path().join("access.log");
        let certificate = Certificate::make(&directory);
        let mut bootstrap = Bootstrap::new(upstream.port()).cluster(PAGES, page_port);
        bootstrap = bootstrap.listener(&pages_over_tls(&certificate));
        for (index, row) in pages.rows.iter().enumerate() {
            let listener = listener(index, row, page_port).access_log_of(&access_log, &log_fields(index));
            let listener = if row.is_secure() { listener.secure(certificate.clone()) } else { listener };
            bootstrap = bootstrap.listener(&listener);
        }
        let envoy = Envoy::start(directory, &bootstrap);
        let ports = (0..pages.rows.len()).map(|row| envoy.port(&name(row))).collect();
        *pages.ports.lock().expect("no holder panics") = ports;
        *pages.own_port.lock().expect("no holder panics") = page_port;
        Self { pages, envoy, upstream, access_log, page_port }
    }

    /// Where the browser finds hosts: pages have the port that their origin says, the API that of a listener, or of the
    /// cache in front of it.
    pub(crate) fn proxy(&self) -> Socks {
        let (page_port, secure_page_port) = (self.page_port, self.envoy.port(PAGES));
        let rows = self.pages.rows.iter().enumerate().filter(|(_, row)| row.has_shared_cache);
        let ports = rows.map(|(row, _)| self.pages.port(row));
        let caches: HashMap<_, _> = ports.map(|port| (port, shared_cache::start(port))).collect();
        Socks::start(move |host, port| {
            let host = host.strip_suffix('.').unwrap_or(host);
            let is_ours = DOMAINS.iter().any(|domain| host.ends_with(domain));
            let is_loopback = host == "localhost" || host == "127.0.0.1";
            (is_ours || is_loopback).then(|| match port {
                80 | 8081 => page_port,
                443 | 8443 => secure_page_port,
                api => caches.get(&api).copied().unwrap_or(api),
            })
        })
    }

    /// The requests of a row that came to the upstream.
    pub(crate) fn seen_by_upstream(&self, row: usize) -> Vec<Seen> {
        self.upstream.seen(row).into_iter().filter(|seen| !seen.path().starts_with(PAGE)).collect()
    }

    /// What Envoy's access log says of each row's requests, in order, once it has them all.
    pub(crate) fn seen_by_proxy(&self) -> Vec<Vec<Value>> {
        let completed = || self.envoy.stat("http.test.downstream_rq_completed");
        wait_until("all requests are logged", || self.log_lines().len() as u64 == completed());
        let mut of_rows = vec![Vec::new(); self.pages.rows.len()];
        for line in self.log_lines() {
            let row: usize = line["row"].as_str().and_then(|row| row.parse().ok()).expect("a row");
            if !line["path"].as_str().is_some_and(|path| path.starts_with(PAGE)) {
                of_rows[row].push(line);
            }
        }
        of_rows
    }

    fn log_lines(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(&self.access_log).unwrap_or_default();
        // What follows the last line feed is a line that is still being written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }
}

fn name(row: usize) -> String {
    format!("row {row}")
}

fn log_fields(row: usize) -> Value {
    json!({
        "row": row.to_string(),
        "method": "%REQ(:METHOD)%",
        "path": "%REQ(:PATH)%",
        "origin": "%REQ(ORIGIN)%",
        "acrm": "%REQ(ACCESS-CONTROL-REQUEST-METHOD)%",
        "acrh": "%REQ(ACCESS-CONTROL-REQUEST-HEADERS)%",
        "recorded": "%FILTER_STATE(wasm.cors:PLAIN)%",
    })
}

/// Its requests are counted apart from those of the rows.
fn pages_over_tls(certificate: &Certificate) -> Listener {
    let route = json!({ "match": { "prefix": "/" }, "route": { "cluster": PAGES } });
    let listener = Listener::new(PAGES, Vec::new()).routes(vec![route]).secure(certificate.clone());
    listener.manager(json!({ "stat_prefix": PAGES }))
}

/// The upstream learns from a header of which row a request is.
fn listener(index: usize, row: &Row, page_port: u16) -> Listener {
    // `@PAGE@` is the port of the server of pages, where nothing maps it.
    let config = row.config.to_string().replace("@PAGE@", &page_port.to_string());
    let route = json!({
        "match": { "prefix": "/" },
        "route": { "cluster": UPSTREAM },
        "request_headers_to_add": [{ "header": { "key": CASE, "value": index.to_string() } }],
    });
    Listener::new(name(index), vec![cors_filter(&Configuration::Text(config))]).routes(vec![route])
}
