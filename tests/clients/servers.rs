//! The servers that are other people's, in Python: gRPC by grpcio, the Model Context Protocol by its SDK.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// What `tools/fetch.py clients` makes.
const PYTHON: &str = "target/clients/bin/python";

/// Running servers. Dropped, they are ended; so they are if the test program is.
pub(crate) struct Servers {
    process: Child,
    pub(crate) grpc_port: u16,
    pub(crate) mcp_port: u16,
    pub(crate) untold_mcp_port: u16,
}

impl Servers {
    pub(crate) fn start() -> Self {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let process = Command::new(root.join(PYTHON))
            .arg(root.join("tests/clients/servers.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut process = process.unwrap_or_else(|error| {
            panic!("`{PYTHON}` does not start: {error}\n`python3 tools/fetch.py clients` makes it")
        });
        let mut ports = String::new();
        let said = process.stdout.take().expect("it is piped");
        BufReader::new(said).read_line(&mut ports).expect("the servers print text");
        let mut ports = ports.split_whitespace().map(|port| port.parse().expect("a port"));
        let mut next = || {
            ports
                .next()
                .expect("tests/clients/servers.py says above why it ended; `make test` renews its Python")
        };
        Self { grpc_port: next(), mcp_port: next(), untold_mcp_port: next(), process }
    }
}

impl Drop for Servers {
    fn drop(&mut self) {
        // Either fails only if the process has ended already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}
