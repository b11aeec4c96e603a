//! Both ends of the traffic, as light as possible: their time is not measured, but it disturbs the measurement.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

/// Requests that are under way at once, each on its own connection.
pub(crate) const CONNECTIONS: usize = 16;

const TIMEOUT: Duration = Duration::from_secs(10);

/// What the upstream answers.
const RESPONSE: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 2\r\n\r\nok";

/// Clients that send the same request again and again, on connections that they keep.
pub(crate) struct Load {
    connections: Vec<TcpStream>,
    request: Vec<u8>,
    /// The end of each response.
    end: Vec<u8>,
}

impl Load {
    /// Connects to a loopback port that answers with this body.
    pub(crate) fn connect(port: u16, request: Vec<u8>, body: &[u8]) -> Self {
        let connection = |_| {
            let stream = TcpStream::connect(("127.0.0.1", port)).expect("the port listens");
            stream.set_nodelay(true).expect("a connected socket takes options");
            stream.set_read_timeout(Some(TIMEOUT)).expect("a connected socket takes options");
            stream
        };
        let connections = (0..CONNECTIONS).map(connection).collect();
        Self { connections, request, end: [b"\r\n\r\n", body].concat() }
    }

    /// On each connection sends so many requests, and reads each response before the next one. While it handles one
    /// half of the connections, the requests on the other half are waiting. An Envoy that runs out of work has to be
    /// woken up, and no filter should be charged for that.
    pub(crate) fn run(&mut self, requests: usize) {
        let (first, second) = self.connections.split_at_mut(CONNECTIONS / 2);
        send(first, &self.request);
        for number in 1..=requests {
            send(second, &self.request);
            receive(first, &self.end);
            if number < requests {
                send(first, &self.request);
            }
            receive(second, &self.end);
        }
    }
}

fn send(connections: &mut [TcpStream], request: &[u8]) {
    for connection in connections {
        connection.write_all(request).expect("Envoy reads");
    }
}

fn receive(connections: &mut [TcpStream], end: &[u8]) {
    for connection in connections {
        assert!(read_to(end, connection), "Envoy answers each request");
    }
}

/// Starts an upstream that gives every request the same answer until the program ends; returns its port.
pub(crate) fn upstream() -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    let port = listener.local_addr().expect("a bound socket has an address").port();
    thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            stream.set_nodelay(true).expect("a connected socket takes options");
            thread::spawn(
                move || while read_to(b"\r\n\r\n", &mut stream) && stream.write_all(RESPONSE).is_ok() {},
            );
        }
    });
    port
}

/// Reads one message, which no other follows before it is answered; `false` if the peer closed instead.
fn read_to(end: &[u8], stream: &mut TcpStream) -> bool {
    let mut buffer = [0; 4096];
    let mut length = 0;
    while !buffer[..length].ends_with(end) {
        match stream.read(&mut buffer[length..]) {
            Ok(0) | Err(_) => return false,
            Ok(read) => length += read,
        }
    }
    true
}
