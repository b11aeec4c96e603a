//! An HTTP/1.1 upstream that answers what the case says and keeps what it saw.

use std::collections::HashMap;
use std::io::{self, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use super::cases::Headers;
use super::http::{CASE, Head};

/// A response of the upstream.
#[derive(Clone)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
}

impl Answer {
    /// A response without headers.
    pub(crate) fn new(status: u16) -> Self {
        Self { status, headers: Headers::new() }
    }

    /// With one more header line.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = format!("HTTP/1.1 {} x\r\n", self.status).into_bytes();
        for (name, value) in &self.headers {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        let framing: &[u8] = match self.status {
            101 => b"connection: upgrade\r\nupgrade: websocket\r\n\r\n",
            204 | 304 => b"\r\n",
            _ => b"content-length: 2\r\n\r\nok",
        };
        bytes.extend(framing);
        bytes
    }
}

/// A request as the upstream saw it: `GET /path HTTP/1.1` and its header lines, names in lower case.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) start: String,
    pub(crate) headers: Headers,
}

type Answers = dyn Fn(usize) -> Answer + Send + Sync;

/// The upstream; it serves until the test program ends.
pub(crate) struct Upstream {
    port: u16,
    seen: Arc<Mutex<HashMap<usize, Vec<Seen>>>>,
}

impl Upstream {
    /// Starts an upstream that gives each case its answer.
    pub(crate) fn start(answer: impl Fn(usize) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let seen = Arc::new(Mutex::new(HashMap::new()));
        let answers: Arc<Answers> = Arc::new(answer);
        let upstream = Self { port, seen: Arc::clone(&seen) };
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (answers, seen) = (Arc::clone(&answers), Arc::clone(&seen));
                // A connection that breaks shows as a response that the test does not get.
                thread::spawn(move || serve(stream, &*answers, &seen).ok());
            }
        });
        upstream
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

fn serve(stream: TcpStream, answers: &Answers, seen: &Mutex<HashMap<usize, Vec<Seen>>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream);
    while let Some(head) = Head::read(&mut reader)? {
        head.read_body(&mut reader)?;
        let case = head.value(CASE).and_then(|case| case.parse().ok()).ok_or(io::ErrorKind::InvalidData)?;
        let answer = answers(case);
        let request = Seen { start: head.start, headers: head.headers };
        seen.lock().expect("no holder panics").entry(case).or_default().push(request);
        reader.get_mut().write_all(&answer.to_bytes())?;
    }
    Ok(())
}
