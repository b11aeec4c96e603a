//! The client that asks a live endpoint: HTTP/1.1 and HTTP/2, each request on its own connection.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::{Bytes, Incoming};
use hyper::client::conn::{http1, http2};
use hyper::header::{HOST, HeaderName, HeaderValue};
use hyper::{Uri, Version};
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::runtime::{self, Runtime};
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;

use super::endpoint::Endpoint;
use super::request::Request;
use super::trust::Trust;

/// How much of a body is read, in bytes.
pub(crate) const MAX_BODY: usize = 64 * 1024;

type Sent = hyper::Request<Empty<Bytes>>;
type Error = Box<dyn std::error::Error + Send + Sync>;

/// How an endpoint is asked.
pub(crate) struct Settings {
    pub(crate) trust: Trust,
    /// Whether to use HTTP/2 without asking whether the server can.
    pub(crate) is_http2: bool,
    /// How long an answer may take.
    pub(crate) patience: Duration,
}

/// What comes back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Such as `HTTP/1.1`.
    pub(crate) version: &'static str,
    /// Each line by itself, names in lower case, each byte of a value one character.
    pub(crate) headers: Vec<(String, String)>,
    /// The bytes of the body, as far as it was read.
    pub(crate) body: usize,
}

/// What sends requests and gets answers.
pub(crate) trait Ask {
    /// The answer to a request, or why there is none.
    fn ask(&self, request: &Request) -> Result<Answer, String>;
}

/// A client of one endpoint.
pub(crate) struct Client {
    endpoint: Endpoint,
    addresses: Vec<SocketAddr>,
    tls: TlsConnector,
    is_http2: bool,
    patience: Duration,
    runtime: Runtime,
}

impl Client {
    /// A client that connects to these addresses.
    pub(crate) fn new(
        endpoint: Endpoint,
        addresses: Vec<SocketAddr>,
        settings: &Settings,
    ) -> Result<Self, String> {
        let protocols: &[&str] = if settings.is_http2 { &["h2"] } else { &["h2", "http/1.1"] };
        let tls = TlsConnector::from(Arc::new(settings.trust.config(protocols)?));
        let runtime = runtime::Builder::new_current_thread().enable_all().build();
        let runtime = runtime.map_err(|error| error.to_string())?;
        let Settings { is_http2, patience, .. } = *settings;
        Ok(Self { endpoint, addresses, tls, is_http2, patience, runtime })
    }

    async fn exchange(&self, request: &Request) -> Result<Answer, Error> {
        let stream = self.connect().await?;
        if !self.endpoint.is_secure() {
            return self.send(stream, self.is_http2, request).await;
        }
        let name = ServerName::try_from(self.endpoint.host().to_owned())?;
        let stream = self.tls.connect(name, stream).await?;
        let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
        self.send(stream, is_http2, request).await
    }

    async fn connect(&self) -> Result<TcpStream, Error> {
        let mut last: Error = "its name has no address".into();
        for address in &self.addresses {
            match TcpStream::connect(address).await {
                Ok(stream) => return Ok(stream),
                Err(error) => last = format!("{address}: {error}").into(),
            }
        }
        Err(last)
    }

    async fn send<S>(&self, stream: S, is_http2: bool, request: &Request) -> Result<Answer, Error>
    where
        S: AsyncRead + AsyncWrite + Send + Unpin + 'static,
    {
        let message = self.message(request, is_http2)?;
        let io = TokioIo::new(stream);
        // A connection that breaks shows as an answer that does not come.
        let response = if is_http2 {
            let (mut sender, connection) = http2::handshake(TokioExecutor::new(), io).await?;
            tokio::spawn(connection);
            sender.send_request(message).await?
        } else {
            let (mut sender, connection) = http1::handshake(io).await?;
            tokio::spawn(connection);
            sender.send_request(message).await?
        };
        Answer::read(response).await
    }

    fn message(&self, request: &Request, is_http2: bool) -> Result<Sent, Error> {
        let url = if is_http2 { self.endpoint.url.clone() } else { self.endpoint.path.parse::<Uri>()? };
        let message = hyper::Request::builder().method(request.method.as_bytes()).uri(url);
        let mut message = message.body(Empty::new())?;
        if !is_http2 {
            message.headers_mut().insert(HOST, HeaderValue::try_from(&self.endpoint.authority)?);
        }
        for (name, value) in &request.headers {
            let name = HeaderName::try_from(name)?;
            message.headers_mut().append(name, HeaderValue::from_bytes(value.as_bytes())?);
        }
        Ok(message)
    }
}

impl Ask for Client {
    fn ask(&self, request: &Request) -> Result<Answer, String> {
        let exchange = self.runtime.block_on(async { timeout(self.patience, self.exchange(request)).await });
        match exchange {
            Ok(answer) => answer.map_err(|error| told(&*error)),
            Err(_) => Err(format!("no answer within {} s", self.patience.as_secs())),
        }
    }
}

impl Answer {
    async fn read(response: hyper::Response<Incoming>) -> Result<Self, Error> {
        let (head, mut body) = response.into_parts();
        let latin1 = |bytes: &[u8]| bytes.iter().copied().map(char::from).collect();
        let line = |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), latin1(value.as_bytes()));
        let mut read = 0_usize;
        while read < MAX_BODY {
            let Some(frame) = body.frame().await.transpose()? else { break };
            read = read.saturating_add(frame.data_ref().map_or(0, Bytes::len));
        }
        let version = match head.version {
            Version::HTTP_2 => "HTTP/2",
            Version::HTTP_10 => "HTTP/1.0",
            _ => "HTTP/1.1",
        };
        let headers = head.headers.iter().map(line).collect();
        Ok(Self { status: head.status.as_u16(), version, headers, body: read.min(MAX_BODY) })
    }
}

/// An error and what it comes from.
fn told(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    let mut all: Vec<String> = causes.map(ToString::to_string).collect();
    all.dedup();
    let told = all.join(": ");
    // What `openssl req -x509` makes: other clients let it pass.
    let is_authority = told.contains("CaUsedAsEndEntity");
    let hint = if is_authority {
        "; the server uses the certificate of an authority as its own; `--insecure` accepts it"
    } else {
        ""
    };
    format!("{told}{hint}")
}
