//! An HTTP/1.1 server on loopback: an upstream that answers what the case says and keeps what it saw, or any other.

use std::collections::HashMap;
use std::io::{self, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::cases::Headers;
use super::http::{CASE, Head};

/// A response of the server.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    /// A response without headers; its body, where the status has one, says `ok`.
    pub(crate) fn new(status: u16) -> Self {
        Self { status, headers: Headers::new(), body: b"ok".to_vec() }
    }

    /// With one more header line.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With this body.
    pub(crate) fn body(self, body: impl Into<Vec<u8>>) -> Self {
        Self { body: body.into(), ..self }
    }

    fn to_bytes(&self, method: &str) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {} x\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        match self.status {
            101 => bytes.extend(b"connection: upgrade\r\nupgrade: websocket\r\n\r\n"),
            204 | 304 => bytes.extend(b"\r\n"),
            _ => bytes.extend(format!("content-length: {}\r\n\r\n", self.body.len()).into_bytes()),
        }
        if method != "HEAD" && !matches!(self.status, 101 | 204 | 304) {
            bytes.extend(&self.body);
        }
        bytes
    }
}

/// A request as the server saw it: `GET /path HTTP/1.1`, its header lines, names in lower case, and its body.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) start: String,
    pub(crate) headers: Headers,
    pub(crate) body: Vec<u8>,
}

impl Seen {
    /// The method.
    pub(crate) fn method(&self) -> &str {
        self.start.split(' ').next().unwrap_or_default()
    }

    /// The path with its query.
    pub(crate) fn path(&self) -> &str {
        self.start.split(' ').nth(1).unwrap_or_default()
    }

    /// The value of a header that is text and there at most once.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| String::from_utf8_lossy(value).into_owned())
    }

    /// The number that a test gave the request.
    pub(crate) fn case(&self) -> Option<usize> {
        self.value(CASE)?.parse().ok()
    }
}

/// Starts a server that gives each request its answer, or breaks the connection instead; its loopback port. It serves
/// until the test program ends.
pub(crate) fn serve(answer: impl Fn(&Seen) -> Option<Answer> + Send + Sync + 'static) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
    let port = listener.local_addr().expect("a bound socket has an address").port();
    let answer = Arc::new(answer);
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let answer = Arc::clone(&answer);
            // A connection that breaks shows as a response that the test does not get.
            thread::spawn(move || serve_connection(stream, &*answer).ok());
        }
    });
    port
}

fn serve_connection(stream: TcpStream, answer: &dyn Fn(&Seen) -> Option<Answer>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(head) = Head::read(&mut reader)? {
        let body = head.read_body(&mut reader)?;
        let request = Seen { start: head.start, headers: head.headers, body };
        let Some(answer) = answer(&request) else { break };
        reader.get_mut().write_all(&answer.to_bytes(request.method()))?;
    }
    Ok(())
}

/// The upstream.
pub(crate) struct Upstream {
    port: u16,
    seen: Arc<Mutex<HashMap<usize, Vec<Seen>>>>,
}

impl Upstream {
    /// Starts an upstream that gives each case its answer.
    pub(crate) fn start(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        Self::start_with(move |case, _| Some(answer(case)))
    }

    /// Starts an upstream that looks at the request too, and may break the connection instead of an answer.
    pub(crate) fn start_with(
        answer: impl Fn(usize, &Seen) -> Option<Answer> + Send + Sync + 'static,
    ) -> Self {
        let seen: Arc<Mutex<HashMap<usize, Vec<Seen>>>> = Arc::default();
        let kept = Arc::clone(&seen);
        let port = serve(move |request| {
            let case = request.case()?;
            kept.lock().expect("no holder panics").entry(case).or_default().push(request.clone());
            answer(case, request)
        });
        Self { port, seen }
    }

    /// The loopback port.
    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The requests of a case that came this far.
    pub(crate) fn seen(&self, case: usize) -> Vec<Seen> {
        self.seen.lock().expect("no holder panics").get(&case).cloned().unwrap_or_default()
    }
}
