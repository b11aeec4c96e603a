//! Requests and answers that nobody sends in good faith, each made from a seed and its case alone.

use fastrand::Rng;

use super::subjects::APP;
use crate::support::expectation::RESPONSE_HEADERS;
use crate::support::http::Request;
use crate::support::upstream::Answer;

/// The longest values. Over HTTP/2 Envoy ends the connection for one that takes 64 KiB, in a coding that makes of one
/// byte up to four.
const LONG: usize = 60 * 1024;
const LONG_LITERAL: usize = 15 * 1024;

/// Lines of one name.
const MANY: usize = 1000;

const ORIGINS: [&str; 8] = [
    APP,
    APP,
    "https://a.b.example.com",
    "http://localhost:8080",
    "http://api.example.com",
    "https://evil.example",
    "https://app.example.com.evil.example",
    "null",
];
const PATHS: [&str; 24] = [
    "/",
    "/a",
    "/a/b?c=/../d",
    "/A",
    "/a;b",
    "//a",
    "/a//b",
    "/a/../b",
    "/a/./b",
    "/a/%2e%2e/b",
    "/%",
    "/%ff%00",
    "/a\\b",
    "/+",
    // Paths that some servers read as `/closed` or `/trial`, which have other policies.
    "//closed",
    "/a/../closed/b",
    "/a%2f..%2Fclosed",
    "/a/%252e%252E/closed",
    "/a/..;x/closed",
    "/closed;v=1/b",
    "/a%5c..%5Ctrial",
    "/%74rial/b",
    "/%2574rial",
    "/a;/../trial",
];
const SITES: [&str; 5] = ["same-origin", "same-site", "cross-site", "none", "SAME-ORIGIN"];
const UPGRADES: [&str; 3] = ["websocket", "WebSocket", "h2c, websocket"];
const AUTHORITIES: [&str; 10] = [
    "api.example.com",
    "API.example.com:80",
    "example.com.",
    "[::1]",
    "[::1",
    ":",
    "a:b:c",
    ".",
    "a%ff",
    "a@b",
];
const METHODS: [&str; 7] = ["GET", "PUT", "OPTIONS", "POST", "PATCH", "DELETE", "TRACE"];
// 400 and 431 are Envoy's own, for what it rejects, and 503 is what a dead filter is answered with.
const STATUSES: [u16; 10] = [200, 200, 200, 201, 204, 301, 304, 404, 418, 500];

/// A source of chaos.
pub(crate) struct Chaos {
    random: Rng,
    /// Whether it goes out as it is. What HTTP/2 has no form for, its libraries do not send.
    is_raw: bool,
}

impl Chaos {
    /// The chaos of one case. Nothing else comes into it, so each case can be looked at alone.
    pub(crate) fn new(seed: u64, case: usize, is_raw: bool) -> Self {
        let case = u64::try_from(case).expect("a few thousand");
        Self { random: Rng::with_seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ case), is_raw }
    }

    /// A request.
    pub(crate) fn request(&mut self, case: usize) -> Request {
        let is_preflight = self.one_in(2);
        let method = if is_preflight { "OPTIONS".to_owned() } else { self.method() };
        // First, so that it arrives whatever happens to the rest.
        let request = Request::new(&method, &self.path()).case(case).authority(self.authority());
        let mut request = self.origins(request);
        if is_preflight || self.one_in(10) {
            request = self.preflight(request);
        }
        if self.one_in(3) {
            let is_honest = !self.one_in(8);
            let site = if is_honest { self.pick(&SITES).as_bytes().to_vec() } else { self.value() };
            request = request.header("Sec-Fetch-Site", site);
        }
        // HTTP/2 has another form for it.
        if self.is_raw && method == "GET" && self.one_in(2) {
            request = request.header("Connection", "Upgrade").header("Upgrade", self.pick(&UPGRADES));
        }
        for _ in 0..self.random.usize(..4) {
            let name = self.name();
            request = request.header(&name, self.value());
        }
        request
    }

    /// An answer of the upstream: at most as many lines and bytes as Envoy takes from one.
    pub(crate) fn answer(&mut self) -> Answer {
        let status = self.pick(&STATUSES);
        let mut answer = Answer::new(status);
        for name in RESPONSE_HEADERS.into_iter().chain(["timing-allow-origin"]) {
            for _ in 0..self.random.usize(..3) {
                answer = answer.header(name, self.answer_value());
            }
        }
        for _ in 0..self.random.usize(..3) {
            answer = answer.header("Vary", self.vary());
        }
        for _ in 0..self.random.usize(..20) {
            let name = self.name();
            answer = answer.header(&name, self.bytes(80));
        }
        answer
    }

    fn origins(&mut self, request: Request) -> Request {
        let lines = [0, 1, 1, 1, 1, 1, 1, 2, 3];
        (0..self.pick(&lines)).fold(request, |request, _| request.header("Origin", self.origin()))
    }

    fn origin(&mut self) -> Vec<u8> {
        let honest = self.pick(&ORIGINS).as_bytes().to_vec();
        match self.random.u8(..10) {
            0..=3 => honest,
            4..=8 => self.mutated(honest),
            _ => self.value(),
        }
    }

    fn mutated(&mut self, mut text: Vec<u8>) -> Vec<u8> {
        for _ in 0..=self.random.usize(..2) {
            let place = self.random.usize(..text.len());
            match self.random.u8(..5) {
                0 => text[place] = self.byte(),
                1 => text.insert(place, self.byte()),
                2 if text.len() > 1 => drop(text.remove(place)),
                3 => text[place] = text[place].to_ascii_uppercase(),
                _ => text.extend(self.bytes(20)),
            }
        }
        text
    }

    fn preflight(&mut self, request: Request) -> Request {
        let method = if self.one_in(2) { self.method().into_bytes() } else { self.value() };
        let request = request.header("Access-Control-Request-Method", method);
        let request = match self.random.u8(..12) {
            0 | 1 => self.requested_headers(request, b","),
            2 | 3 => self.requested_headers(request, b"x-a, \t"),
            4 => {
                let element = self.bytes(4);
                (0..MANY).fold(request, |it, _| it.header("Access-Control-Request-Headers", &element))
            }
            5..=7 => request.header("Access-Control-Request-Headers", self.value()),
            8 | 9 => request.header("Access-Control-Request-Headers", "X-A,authorization"),
            10 => request.header("Access-Control-Request-Headers", "x-,X-Amz-Date, x-a"),
            _ => request,
        };
        if self.one_in(4) {
            return request.header("Access-Control-Request-Private-Network", self.value());
        }
        request
    }

    /// As many of the elements as fit into the longest value, on as many lines as that takes.
    fn requested_headers(&self, request: Request, element: &[u8]) -> Request {
        let line = element.repeat(self.long() / element.len());
        let lines = LONG / self.long();
        (0..lines).fold(request, |it, _| it.header("Access-Control-Request-Headers", &line))
    }

    fn method(&mut self) -> String {
        if self.one_in(40) { self.name() } else { self.pick(&METHODS).to_owned() }
    }

    fn path(&mut self) -> String {
        match self.random.u8(..20) {
            0 => format!("/{}", "a/".repeat(self.long() / 2)),
            1..=4 => format!("/{}", self.visible(60)),
            _ => self.pick(&PATHS).to_owned(),
        }
    }

    fn authority(&mut self) -> Vec<u8> {
        match self.random.u8(..20) {
            0 => self.visible(30).into_bytes(),
            1..=4 => self.pick(&AUTHORITIES).as_bytes().to_vec(),
            _ => b"api.example.com".to_vec(),
        }
    }

    /// A name that no part of HTTP has a meaning for.
    fn name(&mut self) -> String {
        const TOKEN: &[u8] = b"!#$%&'*+-.^_`|~0123456789abcxyz";
        let length = self.random.usize(1..30);
        (0..length).fold("x-".to_owned(), |name, _| name + &char::from(self.pick(TOKEN)).to_string())
    }

    fn value(&mut self) -> Vec<u8> {
        match self.random.u8(..20) {
            0 => vec![self.pick(b",a \xff;"); self.long()],
            1 => Vec::new(),
            2..=4 => b"%s%n{}{0}\"'`<script>$(x)%REQ(x)%".to_vec(),
            5..=9 => self.visible(40).into_bytes(),
            _ => self.bytes(200),
        }
    }

    fn answer_value(&mut self) -> Vec<u8> {
        let honest: [&[u8]; 5] = [b"*", b"true", b"null", APP.as_bytes(), b"https://evil.example"];
        if self.one_in(2) { self.pick(&honest).to_vec() } else { self.bytes(40) }
    }

    fn vary(&mut self) -> Vec<u8> {
        match self.random.u8(..6) {
            0 => b"*".to_vec(),
            1 => b"Origin, ORIGIN,,origin".to_vec(),
            2 => b"a,b;c, ".repeat(1000),
            3 => b"Accept-Encoding".to_vec(),
            _ => self.bytes(80),
        }
    }

    fn bytes(&mut self, limit: usize) -> Vec<u8> {
        (0..self.random.usize(1..=limit)).map(|_| self.byte()).collect()
    }

    /// Any byte that a header value may have, and now and then one that it may not have. A line feed or carriage
    /// return would end the line, and what comes after it be another one, which the judge could not know.
    fn byte(&mut self) -> u8 {
        match self.random.u16(..10_000) {
            0..=2 if self.is_raw => self.pick(b"\0\x01\x08\x0b\x1b\x7f"),
            3..=4000 => self.random.u8(0x80..),
            4001..=4200 => b'\t',
            _ => self.random.u8(0x20..0x7f),
        }
    }

    fn visible(&mut self, limit: usize) -> String {
        let not_in_uris = |byte: &u8| !self.is_raw && b"\"#<>\\^`{|}".contains(byte);
        let bytes: Vec<u8> = (0..self.random.usize(1..=limit)).map(|_| self.random.u8(0x21..0x7f)).collect();
        bytes.into_iter().filter(|byte| !not_in_uris(byte)).map(char::from).collect()
    }

    fn long(&self) -> usize {
        if self.is_raw { LONG } else { LONG_LITERAL }
    }

    fn one_in(&mut self, number: usize) -> bool {
        self.random.usize(..number) == 0
    }

    fn pick<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.random.usize(..values.len())]
    }
}
