//! HTTP/2 with prior knowledge: a client that has many requests under way on one connection.

use std::io;
use std::time::Duration;

use h2::client::{Builder, SendRequest};
use http::header::{HeaderName, HeaderValue};
use http::uri::{Authority, PathAndQuery, Scheme};
use http::{Method, Uri};
use tokio::net::TcpStream;
use tokio::runtime;
use tokio::time::timeout;

use super::cases::latin1;
use super::http::{Head, Request, Response};

const TIMEOUT: Duration = Duration::from_secs(10);

type Error = Box<dyn std::error::Error + Send + Sync>;

/// Sends all requests at once on one connection; returns the responses in the order of the requests.
pub(crate) fn send_all(port: u16, requests: &[Request]) -> Vec<io::Result<Response>> {
    let runtime =
        runtime::Builder::new_current_thread().enable_all().build().expect("a runtime needs no thread");
    let responses = runtime.block_on(async {
        let stream = TcpStream::connect(("127.0.0.1", port)).await?;
        let (client, connection) = Builder::new().handshake(stream).await.map_err(io::Error::other)?;
        let connection = tokio::spawn(connection);
        let tasks: Vec<_> =
            requests.iter().map(|request| tokio::spawn(send(client.clone(), request.clone()))).collect();
        let mut responses = Vec::new();
        for task in tasks {
            responses.push(task.await.map_err(io::Error::other)?);
        }
        connection.abort();
        Ok::<_, io::Error>(responses)
    });
    responses.expect("Envoy speaks HTTP/2")
}

/// A request that HTTP/2 has no form for is an error of the kind `InvalidInput`.
async fn send(client: SendRequest<&'static [u8]>, request: Request) -> io::Result<Response> {
    let message =
        message(&request).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error.to_string()))?;
    let exchange = timeout(TIMEOUT, exchange(client, message)).await;
    exchange.map_err(|_| io::ErrorKind::TimedOut)?.map_err(|error| match error.is_io() {
        true => io::Error::new(io::ErrorKind::ConnectionAborted, error),
        false => io::Error::new(io::ErrorKind::ConnectionReset, error),
    })
}

async fn exchange(
    client: SendRequest<&'static [u8]>,
    message: http::Request<()>,
) -> Result<Response, h2::Error> {
    let (response, _) = client.ready().await?.send_request(message, true)?;
    let (head, mut stream) = response.await?.into_parts();
    let mut body = Vec::new();
    while let Some(data) = stream.data().await.transpose()? {
        stream.flow_control().release_capacity(data.len())?;
        body.extend_from_slice(&data);
    }
    let line = |(name, value): (&HeaderName, &HeaderValue)| (name.to_string(), value.as_bytes().to_vec());
    let headers = head.headers.iter().map(line).collect();
    let start = format!("HTTP/2 {}", head.status.as_u16());
    Ok(Response { status: head.status.as_u16(), head: Head { start, headers }, body })
}

fn message(request: &Request) -> Result<http::Request<()>, Error> {
    let uri = Uri::builder()
        .scheme(Scheme::HTTP)
        .authority(Authority::try_from(request.authority.as_slice())?)
        .path_and_query(PathAndQuery::try_from(latin1(&request.path).as_slice())?)
        .build()?;
    let method = Method::from_bytes(request.method.as_bytes())?;
    let mut message = http::Request::builder().method(method).uri(uri).body(())?;
    for (name, value) in &request.headers {
        let name = HeaderName::from_bytes(name.as_bytes())?;
        message.headers_mut().append(name, HeaderValue::from_bytes(value)?);
    }
    Ok(message)
}
