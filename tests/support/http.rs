//! HTTP/1.1 on a raw socket: a client that sends any byte anywhere and reads what came back as bytes.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use super::cases::{Headers, latin1};

const TIMEOUT: Duration = Duration::from_secs(10);

/// The request header that tells the upstream and the access log which case this is.
pub(crate) const CASE: &str = "x-case";

/// A request, sent exactly as it is here; each character of the path is one byte.
#[derive(Clone)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) authority: Vec<u8>,
    pub(crate) headers: Headers,
}

impl Request {
    /// A request without headers but `Host: api.example.com`.
    pub(crate) fn new(method: &str, path: &str) -> Self {
        let authority = b"api.example.com".to_vec();
        Self { method: method.to_owned(), path: path.to_owned(), authority, headers: Vec::new() }
    }

    /// A preflight for `method` from `origin`.
    pub(crate) fn preflight(path: &str, origin: impl AsRef<[u8]>, method: impl AsRef<[u8]>) -> Self {
        Self::new("OPTIONS", path).header("Origin", origin).header("Access-Control-Request-Method", method)
    }

    /// With another `Host`.
    pub(crate) fn authority(mut self, authority: impl AsRef<[u8]>) -> Self {
        self.authority = authority.as_ref().to_vec();
        self
    }

    /// With one more header line.
    pub(crate) fn header(mut self, name: &str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name.to_owned(), value.as_ref().to_vec()));
        self
    }

    /// With its case number.
    pub(crate) fn case(self, case: usize) -> Self {
        self.header(CASE, case.to_string())
    }

    /// The bytes that are sent.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = latin1(&format!("{} {} HTTP/1.1\r\n", self.method, self.path));
        let host = ("Host".to_owned(), self.authority.clone());
        for (name, value) in std::iter::once(&host).chain(&self.headers) {
            bytes.extend([name.as_bytes(), b": ", value, b"\r\n"].concat());
        }
        bytes.extend(b"\r\n");
        bytes
    }
}

/// The request in short, for a person.
impl fmt::Display for Request {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!(
            "{} {} Host: {} {}",
            self.method,
            self.path,
            self.authority.escape_ascii(),
            show(&self.headers)
        );
        let end = text.char_indices().nth(400).map_or(text.len(), |(index, _)| index);
        out.write_str(text.get(..end).unwrap_or_default())
    }
}

/// The head of a message: its first line and its header lines, names in lower case.
pub(crate) struct Head {
    pub(crate) start: String,
    pub(crate) headers: Headers,
}

impl Head {
    /// Reads a head; `None` if the peer closed the connection before it.
    pub(crate) fn read(reader: &mut impl BufRead) -> io::Result<Option<Self>> {
        let Some(start) = read_line(reader)? else { return Ok(None) };
        let mut headers = Headers::new();
        while let Some(line) = read_line(reader)?.filter(|line| !line.is_empty()) {
            let colon = line.iter().position(|byte| *byte == b':').ok_or(io::ErrorKind::InvalidData)?;
            let (name, value) = line.split_at(colon);
            let name = String::from_utf8_lossy(name).to_ascii_lowercase();
            headers.push((name, value.strip_prefix(b":").unwrap_or(value).trim_ascii().to_vec()));
        }
        Ok(Some(Self { start: String::from_utf8_lossy(&start).into_owned(), headers }))
    }

    /// The values of a header, one for each line.
    pub(crate) fn values(&self, name: &str) -> Vec<&[u8]> {
        self.headers.iter().filter(|(other, _)| other == name).map(|(_, value)| value.as_slice()).collect()
    }

    /// The value of a header that is text and there at most once.
    pub(crate) fn value(&self, name: &str) -> Option<String> {
        self.values(name).first().map(|value| String::from_utf8_lossy(value).into_owned())
    }

    /// The body that follows this head, if `has_body`.
    pub(crate) fn read_body(&self, reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
        if self.value("transfer-encoding").is_some_and(|coding| coding == "chunked") {
            return read_chunks(reader);
        }
        let length = self.value("content-length").map_or(Ok(0), |length| length.parse());
        let mut body = vec![0; length.map_err(io::Error::other)?];
        reader.read_exact(&mut body)?;
        Ok(body)
    }
}

/// A response.
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: Head,
    pub(crate) body: Vec<u8>,
}

impl Response {
    fn read(reader: &mut impl BufRead) -> io::Result<Self> {
        // Not as in the middle of a response: a peer may close a keep-alive connection before it sees the request.
        let head = Head::read(reader)?.ok_or(io::ErrorKind::ConnectionAborted)?;
        let status = head.start.split(' ').nth(1).and_then(|status| status.parse().ok());
        let status = status.ok_or(io::ErrorKind::InvalidData)?;
        let bodiless = matches!(status, 100..=199 | 204 | 304);
        let body = if bodiless { Vec::new() } else { head.read_body(reader)? };
        Ok(Self { status, head, body })
    }
}

/// One keep-alive connection to a loopback port.
pub(crate) struct Client {
    port: u16,
    connection: Option<BufReader<TcpStream>>,
}

impl Client {
    /// A client that connects when it first sends.
    pub(crate) fn new(port: u16) -> Self {
        Self { port, connection: None }
    }

    /// Whether the next request goes to the connection of the last one.
    pub(crate) fn is_connected(&self) -> bool {
        self.connection.is_some()
    }

    /// Connects to another port when it next connects.
    pub(crate) fn move_to(&mut self, port: u16) {
        self.port = port;
    }

    /// Sends a request and reads its response.
    pub(crate) fn send(&mut self, request: &Request) -> io::Result<Response> {
        self.send_bytes(&request.to_bytes())
    }

    /// Sends the bytes of a request, a body among them, and reads its response.
    pub(crate) fn send_bytes(&mut self, request: &[u8]) -> io::Result<Response> {
        let mut connection = self.connection.take().map_or_else(|| self.connect(), Ok)?;
        connection.get_mut().write_all(request)?;
        let response = Response::read(&mut connection)?;
        // After a 101 the bytes are no longer HTTP.
        let closed =
            response.status == 101 || response.head.value("connection").is_some_and(|it| it == "close");
        self.connection = (!closed).then_some(connection);
        Ok(response)
    }

    fn connect(&self) -> io::Result<BufReader<TcpStream>> {
        let stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(TIMEOUT))?;
        stream.set_write_timeout(Some(TIMEOUT))?;
        stream.set_nodelay(true)?;
        Ok(BufReader::new(stream))
    }
}

/// A request on its own connection. Panics if there is no response.
#[track_caller]
pub(crate) fn send(port: u16, request: &Request) -> Response {
    let result = Client::new(port).send(request);
    result.unwrap_or_else(|error| panic!("{} {}: no response: {error}", request.method, request.path))
}

/// A request on a connection that is open, and may be encrypted.
pub(crate) fn send_over(mut stream: impl Read + io::Write, request: &Request) -> io::Result<Response> {
    stream.write_all(&request.to_bytes())?;
    Response::read(&mut BufReader::new(stream))
}

/// Header lines as text in which every byte can be seen.
pub(crate) fn show(headers: &Headers) -> String {
    headers.iter().map(|(name, value)| format!("[{name}: {}]", value.escape_ascii())).collect()
}

fn read_line(reader: &mut impl BufRead) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    if reader.read_until(b'\n', &mut line)? == 0 {
        return Ok(None);
    }
    Ok(Some(line.trim_ascii_end().to_vec()))
}

fn read_chunks(reader: &mut impl BufRead) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    loop {
        let size = read_line(reader)?.ok_or(io::ErrorKind::UnexpectedEof)?;
        let size = u64::from_str_radix(&String::from_utf8_lossy(&size), 16).map_err(io::Error::other)?;
        reader.by_ref().take(size).read_to_end(&mut body)?;
        read_line(reader)?;
        if size == 0 {
            return Ok(body);
        }
    }
}
