//! gRPC-Web over HTTP/1.1, byte for byte: the whole head and the body of each answer.

use crate::support::failures::Failures;
use crate::support::http::{Client, Request, Response};

/// What differs from one answer to the next.
const OF_THE_MOMENT: [&str; 2] = ["date", "x-envoy-upstream-service-time"];

/// A message of five bytes, which `Say` sends back.
const MESSAGE: &[u8] = b"\0\0\0\0\x05hello";

/// What comes back: the message, and the trailers as a frame of 40 bytes.
const SAID: &[u8] = b"\0\0\0\0\x05hello\x80\0\0\0\x28grpc-status:0\r\ngrpc-message:\r\nx-cost:3\r\n";

const ALLOWED: &str = "access-control-allow-origin: https://app.example.com";
const EXPOSED: &str = "access-control-expose-headers: grpc-status,grpc-message,grpc-status-details-bin";
const TYPE: &str = "content-type: application/grpc-web+proto";
const ENCODING: &str = "grpc-accept-encoding: identity, deflate, gzip";
const SERVER: &str = "server: envoy";
const CHUNKED: &str = "transfer-encoding: chunked";
const VARY: &str = "vary: Origin";

const APP: Option<&str> = Some("https://app.example.com");
const STRANGER: Option<&str> = Some("https://evil.test");

/// A request.
enum Sent {
    Preflight(Option<&'static str>),
    /// A call of this method.
    Call(&'static str, Option<&'static str>),
}

use Sent::{Call, Preflight};

/// The request with the origin of its page, the status, all headers in the order of their names, and the body.
type Row = (&'static str, Sent, u16, &'static [&'static str], &'static [u8]);

const ROWS: [Row; 6] = [
    (
        "a preflight",
        Preflight(APP),
        204,
        &[
            "access-control-allow-headers: content-type,x-grpc-web,x-user-agent,grpc-timeout,authorization",
            ALLOWED,
            EXPOSED,
            SERVER,
            VARY,
        ],
        b"",
    ),
    (
        "a preflight of another page",
        Preflight(STRANGER),
        403,
        &[
            "content-length: 18",
            "content-type: text/plain",
            r#"proxy-status: proxy-wasm-cors; error=http_request_denied; details="origin-not-allowed""#,
            SERVER,
            VARY,
        ],
        b"origin-not-allowed",
    ),
    ("a unary call", Call("Say", APP), 200, &[ALLOWED, EXPOSED, TYPE, ENCODING, SERVER, CHUNKED, VARY], SAID),
    (
        "an error without a body",
        Call("Refuse", APP),
        200,
        &[
            ALLOWED,
            EXPOSED,
            "content-length: 0",
            TYPE,
            "grpc-message: sign in first",
            "grpc-status: 16",
            SERVER,
            VARY,
        ],
        b"",
    ),
    (
        "a call of another page",
        Call("Say", STRANGER),
        200,
        &[
            TYPE,
            ENCODING,
            r#"proxy-status: proxy-wasm-cors; details="origin-not-allowed""#,
            SERVER,
            CHUNKED,
            VARY,
        ],
        SAID,
    ),
    ("a call of no page", Call("Say", None), 200, &[TYPE, ENCODING, SERVER, CHUNKED, VARY], SAID),
];

pub(crate) fn check(port: u16, failures: &mut Failures) {
    for (name, sent, status, headers, body) in ROWS {
        let response = Client::new(port).send_bytes(&sent.to_bytes()).expect("Envoy answers");
        let expected = (status, headers.iter().map(|line| (*line).to_owned()).collect(), body.to_vec());
        let actual = (response.status, lines(&response), response.body);
        let differences = (actual != expected).then(|| format!("expected {expected:?}, got {actual:?}"));
        failures.row(format!("gRPC-Web over HTTP/1.1: {name}"), differences.into_iter().collect());
    }
}

impl Sent {
    fn to_bytes(&self) -> Vec<u8> {
        let from = |request: Request, origin: &Option<&str>| {
            origin.iter().fold(request, |request, origin| request.header("Origin", origin))
        };
        match self {
            Preflight(origin) => from(Request::new("OPTIONS", "/town.Town/Say"), origin)
                .header("Access-Control-Request-Method", "POST")
                .header("Access-Control-Request-Headers", "content-type,grpc-timeout,x-grpc-web,x-user-agent")
                .to_bytes(),
            Call(method, origin) => {
                let call = from(Request::new("POST", &format!("/town.Town/{method}")), origin)
                    .header("Content-Type", "application/grpc-web+proto")
                    .header("X-Grpc-Web", "1")
                    .header("Content-Length", MESSAGE.len().to_string());
                [&call.to_bytes(), MESSAGE].concat()
            }
        }
    }
}

fn lines(response: &Response) -> Vec<String> {
    let kept = response.head.headers.iter().filter(|(name, _)| !OF_THE_MOMENT.contains(&name.as_str()));
    let text = |value: &[u8]| String::from_utf8_lossy(value).into_owned();
    let mut lines: Vec<_> = kept.map(|(name, value)| format!("{name}: {}", text(value))).collect();
    lines.sort();
    lines
}
