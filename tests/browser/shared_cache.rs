//! A cache that all browsers share, as a CDN in front of Envoy: <https://www.rfc-editor.org/rfc/rfc9111>.

use std::sync::Mutex;

use crate::support::cases::Headers;
use crate::support::http::{Request, send};
use crate::support::upstream::{Answer, Seen, serve};

/// Headers for one hop only, which a cache does not store: <https://www.rfc-editor.org/rfc/rfc9110#section-7.6.1>.
const OF_THE_HOP: [&str; 3] = ["connection", "content-length", "transfer-encoding"];

/// An answer that is kept, and the request that it was for.
struct Stored {
    request: Seen,
    answer: Answer,
}

/// Starts a cache in front of a loopback port; its own port. It serves until the test program ends.
pub(crate) fn start(origin: u16) -> u16 {
    let stored = Mutex::<Vec<Stored>>::default();
    serve(move |request| {
        let mut stored = stored.lock().expect("no holder panics");
        if let Some(hit) = stored.iter().find(|stored| stored.is_for(request)) {
            return Some(hit.answer.clone());
        }
        let answer = ask(origin, request);
        if request.method() == "GET" && may_be_stored(&answer) {
            stored.push(Stored { request: request.clone(), answer: answer.clone() });
        }
        Some(answer)
    })
}

impl Stored {
    /// Whether it answers that request too: <https://www.rfc-editor.org/rfc/rfc9111#section-4.1>.
    fn is_for(&self, request: &Seen) -> bool {
        let varies = values(&self.answer.headers, "vary");
        let mut names = varies.iter().flat_map(|value| value.split(',')).map(str::trim);
        self.request.start == request.start
            && self.request.value("host") == request.value("host")
            && names.all(|name| {
                let name = name.to_ascii_lowercase();
                name != "*" && self.request.value(&name) == request.value(&name)
            })
    }
}

/// The test ends before any answer gets stale.
fn may_be_stored(answer: &Answer) -> bool {
    values(&answer.headers, "cache-control").iter().any(|value| value.contains("s-maxage="))
}

fn ask(origin: u16, request: &Seen) -> Answer {
    let mut asked = Request::new(request.method(), request.path());
    asked.authority = request.value("host").unwrap_or_default().into_bytes();
    asked.headers = end_to_end(&request.headers);
    asked.headers.retain(|(name, _)| name != "host");
    let response = send(origin, &asked);
    Answer { status: response.status, headers: end_to_end(&response.head.headers), body: response.body }
}

fn end_to_end(headers: &Headers) -> Headers {
    headers.iter().filter(|(name, _)| !OF_THE_HOP.contains(&name.as_str())).cloned().collect()
}

fn values(headers: &Headers, name: &str) -> Vec<String> {
    let named = headers.iter().filter(|(known, _)| known.eq_ignore_ascii_case(name));
    named.map(|(_, value)| String::from_utf8_lossy(value).into_owned()).collect()
}
