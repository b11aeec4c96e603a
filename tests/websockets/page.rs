//! The pages, and what happens to their WebSockets.

use serde_json::Value;

/// Whose page opens a WebSocket.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Page {
    /// `http://app.example.com`.
    App,
    /// `http://evil.test`.
    Stranger,
    /// One of an opaque origin, `null`.
    Sandboxed,
    /// One that comes from the API itself.
    Own,
}

/// What comes of a WebSocket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ending {
    /// It opens, carries a message there and back, and closes.
    Connects,
    /// It does not open; the page learns no more than that.
    IsRefused,
    /// Neither: not what any row expects.
    IsStrange,
}

/// A script that opens a WebSocket and calls back with what came of it. Over HTTP/2 Chromium takes a connection that
/// is there already, so a request opens one; to have cookies, as WebSockets have, it must be the same connection.
pub(crate) const SCRIPT: &str = r#"
    const [first, url, done] = arguments;
    const begin = first ? fetch(first, { mode: "no-cors", credentials: "include" }) : Promise.resolve();
    begin.then(() => {
      const seen = [];
      const socket = new WebSocket(url);
      socket.onopen = () => { seen.push("open"); socket.send("ping"); };
      socket.onmessage = ({ data }) => { seen.push(data); socket.close(1000); };
      socket.onerror = () => seen.push("error");
      socket.onclose = ({ code }) => done([...seen, code]);
    }).catch((error) => done([String(error)]));
"#;

impl Ending {
    /// What the page saw, in order.
    pub(crate) fn of(seen: &Value) -> Self {
        match seen.to_string().as_str() {
            r#"["open","ping",1000]"# => Self::Connects,
            r#"["error",1006]"# => Self::IsRefused,
            other => {
                println!("a page saw {other}");
                Self::IsStrange
            }
        }
    }
}
