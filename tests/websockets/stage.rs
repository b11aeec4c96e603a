//! What the pages run against: an Envoy with a listener for each row, the server behind it, and a server of pages.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};

use crate::engines::driver::Browser;
use crate::engines::socks::Socks;
use crate::page::{Ending, Page, SCRIPT};
use crate::server::Server;
use crate::support::certificate::Certificate;
use crate::support::config::{Bootstrap, Configuration, Listener, UPSTREAM, cors_filter};
use crate::support::envoy::{Directory, Envoy};
use crate::support::http::CASE;
use crate::support::upstream::{Answer, serve};
use crate::support::wait::wait_until;

/// A handshake over HTTP/2 has none, Envoy adds none when it sends it on over HTTP/1.1, and a server there asks for one.
/// This is that of <https://www.rfc-editor.org/rfc/rfc6455#section-1.3>.
const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// How WebSockets reach Envoy.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// `ws:`, each on its own connection.
    Http1,
    /// `wss:`, as a stream among others.
    Http2,
}

impl Transport {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Http1 => "WebSockets over HTTP/1.1",
            Self::Http2 => "WebSockets over HTTP/2",
        }
    }

    /// The protocol of a page's WebSocket, as Envoy's access log has it. Chromium shares connections within a site, and
    /// an opaque origin has none: its WebSocket gets a connection of its own, where it speaks HTTP/1.1.
    pub(crate) fn protocol(self, page: Page) -> &'static str {
        match (self, page) {
            (Self::Http1, _) | (Self::Http2, Page::Sandboxed) => "HTTP/1.1",
            (Self::Http2, _) => "HTTP/2",
        }
    }

    fn schemes(self) -> (&'static str, &'static str) {
        match self {
            Self::Http1 => ("http", "ws"),
            Self::Http2 => ("https", "wss"),
        }
    }
}

/// Everything that the browser meets.
pub(crate) struct Stage {
    pub(crate) transport: Transport,
    pub(crate) server: Server,
    envoy: Envoy,
    access_log: PathBuf,
    page_port: u16,
}

impl Stage {
    /// Starts it, with a listener for each configuration.
    pub(crate) fn start(transport: Transport, configs: &[&str]) -> Self {
        let page_port = serve(|request| Some(page(request.path())));
        let server = Server::start();
        let directory = Directory::new();
        let access_log = directory.file("access.log");
        let certificate = (transport == Transport::Http2).then(|| Certificate::make(&directory));
        let mut bootstrap = Bootstrap::new(server.port);
        for (row, config) in configs.iter().enumerate() {
            let filter = cors_filter(&Configuration::Text((*config).to_owned()));
            let listener = Listener::new(name(row), vec![filter]).routes(routes(row));
            let listener = listener.access_log_of(&access_log, &log_fields(row));
            bootstrap = bootstrap.listener(
                &certificate
                    .iter()
                    .fold(listener, |listener, certificate| listener.secure(certificate.clone())),
            );
        }
        let envoy = Envoy::start(directory, &bootstrap);
        Self { transport, server, envoy, access_log, page_port }
    }

    /// Where the browser finds hosts: the API at the port that it names, pages at that of their server.
    pub(crate) fn proxy(&self) -> Socks {
        let page_port = self.page_port;
        Socks::start(move |host, port| match (host, port) {
            ("app.example.com" | "evil.test", 80) => Some(page_port),
            ("api.example.com", port) => Some(port),
            _ => None,
        })
    }

    /// Has a page open a WebSocket to the listener of a row.
    pub(crate) fn open_socket(&self, browser: &Browser, row: usize, page: Page) -> Ending {
        let (_, scheme) = self.transport.schemes();
        let api = self.api(row);
        let first = (self.transport == Transport::Http2).then(|| format!("{api}/page"));
        let url = format!("{scheme}://api.example.com:{}/socket", self.envoy.port(&name(row)));
        let page = match page {
            Page::App => "http://app.example.com/".to_owned(),
            Page::Stranger => "http://evil.test/".to_owned(),
            Page::Sandboxed => "http://app.example.com/sandboxed".to_owned(),
            Page::Own => format!("{api}/page"),
        };
        let seen = browser.run(async |client| {
            client.goto(&page).await?;
            client.execute_async(SCRIPT, vec![json!(first), json!(url)]).await
        });
        Ending::of(&seen)
    }

    /// The origin of a page, as it is sent.
    pub(crate) fn origin(&self, row: usize, page: Page) -> String {
        match page {
            Page::App => "http://app.example.com".to_owned(),
            Page::Stranger => "http://evil.test".to_owned(),
            Page::Sandboxed => "null".to_owned(),
            Page::Own => self.api(row),
        }
    }

    /// What the access log says of the one WebSocket of each row, once it has them all.
    pub(crate) fn log(&self, rows: usize) -> Vec<Value> {
        wait_until("all WebSockets are logged", || self.lines().len() == rows);
        let mut lines = self.lines();
        lines.sort_by_key(|line| line["row"].as_u64());
        for line in &mut lines {
            line.as_object_mut().expect("an object").remove("row");
        }
        lines
    }

    fn lines(&self) -> Vec<Value> {
        let text = fs::read_to_string(&self.access_log).unwrap_or_default();
        // What follows the last line feed is a line that is still being written.
        let whole = text.rsplit_once('\n').map_or("", |(whole, _)| whole);
        let lines = whole.lines().map(|line| serde_json::from_str::<Value>(line).expect("a line is JSON"));
        lines.filter(|line| !line["upgrade"].is_null()).collect()
    }

    fn api(&self, row: usize) -> String {
        let (scheme, _) = self.transport.schemes();
        format!("{scheme}://api.example.com:{}", self.envoy.port(&name(row)))
    }
}

fn name(row: usize) -> String {
    format!("row {row}")
}

/// The server learns from a header of which row a handshake is.
fn routes(row: usize) -> Vec<Value> {
    let own_page = json!({
        "match": { "path": "/page" },
        "direct_response": { "status": 200, "body": { "inline_string": "<!doctype html>" } },
        "response_headers_to_add": [{ "header": { "key": "content-type", "value": "text/html" }, "append_action": "OVERWRITE_IF_EXISTS_OR_ADD" }],
    });
    let sockets = json!({
        "match": { "prefix": "/" },
        "route": { "cluster": UPSTREAM },
        "request_headers_to_add": [
            { "header": { "key": CASE, "value": row.to_string() } },
            { "header": { "key": "sec-websocket-key", "value": KEY }, "append_action": "ADD_IF_ABSENT" },
        ],
    });
    vec![own_page, sockets]
}

fn log_fields(row: usize) -> Value {
    json!({
        "row": row,
        "protocol": "%PROTOCOL%",
        "method": "%REQ(:METHOD)%",
        "upgrade": "%REQ(UPGRADE)%",
        "origin": "%REQ(ORIGIN)%",
        "status": "%RESPONSE_CODE%",
        "recorded": "%FILTER_STATE(wasm.cors:PLAIN)%",
    })
}

fn page(path: &str) -> Answer {
    let page = Answer::new(200).header("Content-Type", "text/html").body("<!doctype html>");
    match path {
        "/" => page,
        "/sandboxed" => page.header("Content-Security-Policy", "sandbox allow-scripts"),
        _ => Answer::new(404),
    }
}
