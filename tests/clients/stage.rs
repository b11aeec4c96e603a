//! What the pages run against: an Envoy with a listener for each API, the servers behind it, and a server of pages.

use std::fs;
use std::path::PathBuf;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::api::{APIS, GRPC, MCP, UNTOLD_MCP, WEBSOCKET};
use crate::engines::driver::Browser;
use crate::engines::socks::Socks;
use crate::pages;
use crate::row::{Page, Row};
use crate::servers::Servers;
use crate::support::certificate::Certificate;
use crate::support::config::{Bootstrap, Listener, typed};
use crate::support::envoy::{Directory, Envoy};
use crate::support::upstream::serve;
use crate::support::wait::wait_until;
use crate::upstream::Upstream;
use crate::websockets;

/// The listener of the pages, and the cluster behind it.
const PAGES: &str = "pages";

/// The listener without TLS, whose requests are counted apart.
const HTTP_1: &str = "http 1";

/// Far more than any beacon takes.
const PATIENCE: Duration = Duration::from_secs(5);

/// Everything that the browser meets.
pub(crate) struct Stage {
    envoy: Envoy,
    access_log: PathBuf,
    websockets: websockets::Server,
    _servers: Servers,
}

impl Stage {
    pub(crate) fn start() -> Self {
        let servers = Servers::start();
        let websockets = websockets::Server::start();
        let upstream = Upstream::default();
        let upstream_port = serve(move |request| Some(upstream.answer(request)));
        let directory = Directory::new();
        let access_log = directory.file("access.log");
        let certificate = Certificate::make(&directory);
        let mut bootstrap = Bootstrap::new(upstream_port)
            .cluster(PAGES, serve(|request| Some(pages::answer(request))))
            .cluster(MCP, servers.mcp_port)
            .cluster(UNTOLD_MCP, servers.untold_mcp_port)
            .cluster(WEBSOCKET, websockets.port)
            .cluster_with(GRPC, servers.grpc_port, &over_http_2());
        let to_pages = json!({ "match": { "prefix": "/" }, "route": { "cluster": PAGES } });
        let listener = Listener::new(PAGES, Vec::new()).routes(vec![to_pages]).secure(certificate.clone());
        bootstrap = bootstrap.listener(&listener.manager(json!({ "stat_prefix": PAGES })));
        for api in &APIS {
            let listener = Listener::new(api.name, api.filters()).routes(vec![api.route()]);
            let listener = listener.access_log_of(&access_log, &log_fields());
            bootstrap = bootstrap.listener(&listener.secure(certificate.clone()));
        }
        let grpc_web = &APIS[0];
        let listener = Listener::new(HTTP_1, grpc_web.filters()).routes(vec![grpc_web.route()]);
        bootstrap = bootstrap.listener(&listener.manager(json!({ "stat_prefix": HTTP_1 })));
        Self { envoy: Envoy::start(directory, &bootstrap), access_log, websockets, _servers: servers }
    }

    /// Where the browser finds hosts: pages have hosts of their own, the second label of all others is an API.
    pub(crate) fn proxy(&self) -> Socks {
        let pages = self.envoy.port(PAGES);
        let apis: Vec<_> = APIS.iter().map(|api| (api.name, self.envoy.port(api.name))).collect();
        Socks::start(move |host, _| {
            let is_page = Page::ALL.iter().any(|page| page.host() == host);
            let api =
                || host.split('.').nth(1).and_then(|label| apis.iter().find(|(name, _)| *name == label));
            if is_page { Some(pages) } else { api().map(|(_, port)| *port) }
        })
    }

    /// Where gRPC-Web is spoken without TLS.
    pub(crate) fn http_1_port(&self) -> u16 {
        self.envoy.port(HTTP_1)
    }

    /// How many WebSockets came as far as their server.
    pub(crate) fn websockets(&self) -> usize {
        self.websockets.handshakes(0)
    }

    /// What each of the rows of a page is left with, as they stand.
    pub(crate) fn play(&self, browser: &Browser, page: Page, rows: &[Row]) -> Vec<(usize, String)> {
        let rows: Vec<_> = rows.iter().enumerate().filter(|(_, (_, of, ..))| *of == page).collect();
        let play = |(index, row): &(usize, &Row)| {
            let (_, _, api, play, ..) = row;
            assert!(APIS.iter().any(|known| known.name == *api), "there is no API {api}");
            format!("[{index}, \"r{index}.{api}\", async (api, elsewhere) => {play}]")
        };
        let played: Vec<_> = rows.iter().map(play).collect();
        let script = format!("playAll([{}], arguments[0])", played.join(",\n"));
        let seen = browser.run(async |client| {
            client.goto(&format!("https://{}/", page.host())).await?;
            client.execute_async(&script, vec![]).await
        });
        serde_json::from_value(seen).expect("a text for each row")
    }

    /// What Envoy logged of the requests of each row, once each has as many as it should: beacons and reports come when no
    /// page waits for them. What is one too many shows as well, as long as it comes before the last.
    pub(crate) fn logged(&self, rows: &[Row]) -> Vec<Vec<String>> {
        let end = Instant::now() + PATIENCE;
        loop {
            let logged = self.logged_now(rows.len());
            let has_all =
                rows.iter().zip(&logged).all(|((.., expected), lines)| lines.len() >= expected.len());
            if has_all || Instant::now() > end {
                return logged;
            }
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn logged_now(&self, rows: usize) -> Vec<Vec<String>> {
        let completed = || self.envoy.stat("http.test.downstream_rq_completed");
        wait_until("all requests are logged", || self.log_lines().len() as u64 == completed());
        let mut logged = vec![Vec::new(); rows];
        for line in self.log_lines() {
            let label = line["host"].as_str().and_then(|host| host.strip_prefix('r')?.split('.').next());
            let row: usize =
                label.and_then(|row| row.parse().ok()).unwrap_or_else(|| panic!("{line} is not of a row"));
            logged[row].push(show(&line));
        }
        logged
    }

    fn log_lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.access_log).unwrap_or_default();
        // What follows the last line feed is a line that is still being written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        whole.lines().map(|line| serde_json::from_str(line).expect("a line is JSON")).collect()
    }
}

fn over_http_2() -> Value {
    let options = json!({ "explicit_http_config": { "http2_protocol_options": {} } });
    let kind = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";
    json!({ "typed_extension_protocol_options": { kind: typed("upstreams.http.v3.HttpProtocolOptions", &options) } })
}

/// The host names the row; a route that changes it keeps it beside.
fn log_fields() -> Value {
    json!({
        "host": "%REQ(X-FORWARDED-HOST?:AUTHORITY)%",
        "method": "%REQ(:METHOD)%",
        "asks_method": "%REQ(ACCESS-CONTROL-REQUEST-METHOD)%",
        "asks_headers": "%REQ(ACCESS-CONTROL-REQUEST-HEADERS)%",
        "status": "%RESPONSE_CODE%",
        "recorded": "%FILTER_STATE(wasm.cors:PLAIN)%",
    })
}

fn show(line: &Value) -> String {
    let status = line["status"].to_string();
    let method = line["method"].as_str().map(str::to_owned);
    let asked = line["asks_method"].as_str().map(|method| format!("preflight {method}"));
    let headers = line["asks_headers"].as_str().map(str::to_owned);
    let denied = line["recorded"].as_str().and_then(|recorded| recorded.strip_prefix("denied:"));
    let words = [asked.or(method), headers, Some(status), denied.map(str::to_owned)];
    words.into_iter().flatten().collect::<Vec<_>>().join(" ")
}
