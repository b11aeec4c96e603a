//! A server of WebSockets that sends back what it gets: <https://www.rfc-editor.org/rfc/rfc6455>.

use std::collections::HashMap;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use tungstenite::handshake::server::{Request, Response};
use tungstenite::{Message, accept_hdr};

use crate::support::http::CASE;

/// The upstream. It serves until the test program ends.
pub(crate) struct Server {
    pub(crate) port: u16,
    handshakes: Handshakes,
}

/// How many each row had.
type Handshakes = Arc<Mutex<HashMap<usize, usize>>>;

impl Server {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let handshakes = Handshakes::default();
        let counted = Arc::clone(&handshakes);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let counted = Arc::clone(&counted);
                thread::spawn(move || serve(stream, &counted));
            }
        });
        Self { port, handshakes }
    }

    /// How many handshakes of a row came this far.
    pub(crate) fn handshakes(&self, row: usize) -> usize {
        self.handshakes.lock().expect("no holder panics").get(&row).copied().unwrap_or_default()
    }
}

#[expect(clippy::result_large_err, reason = "tungstenite wants the type")]
fn serve(stream: TcpStream, handshakes: &Handshakes) {
    let count = |request: &Request, response: Response| {
        let row = request.headers().get(CASE).and_then(|row| row.to_str().ok()?.parse().ok());
        *handshakes.lock().expect("no holder panics").entry(row.expect("Envoy adds it")).or_default() += 1;
        Ok(response)
    };
    // A handshake that fails, and a connection that breaks, show in the page.
    let Ok(mut socket) = accept_hdr(stream, count) else { return };
    while let Ok(message) = socket.read() {
        if let Message::Text(_) = message {
            socket.send(message).ok();
        }
    }
}
