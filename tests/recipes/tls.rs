//! The recipe for mutual TLS.

use std::fs;
use std::io;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use super::recipe::{ALLOW_APP, APP, DENIED, EVIL, Recipe};
use super::{app, readable, withheld};
use crate::support::bench::Bench;
use crate::support::certificate::Certificate;
use crate::support::config::Listener;
use crate::support::expectation::Expectation;
use crate::support::http::{Request, Response, send_over};

const PRINCIPALS: &str = "/http_filters/1/typed_config/rules/policies/clients/principals";
const REQUIRED: &str = "/transport_socket/typed_config/require_client_certificate";

pub(crate) fn listeners(files: &Path) -> Vec<Listener> {
    for name in ["api", "clients", "stranger"] {
        Certificate::named(files, name);
    }
    let recipe = Recipe::of("Mutual TLS", files, &[("cors", &app())]);
    let anyone = json!([{ "authenticated": {} }]);
    vec![
        recipe.clone().listener("mutual TLS"),
        recipe.clone().with(REQUIRED, json!(true)).listener("mutual TLS required"),
        recipe.with(PRINCIPALS, anyone).listener("mutual TLS of anyone"),
    ]
}

pub(crate) fn rows(bench: &mut Bench, files: &Path) {
    let preflight = || Request::preflight("/jobs", APP, "GET");
    let get = |origin| Request::new("GET", "/jobs").header("Origin", origin);
    let allowed = Expectation::new(204, ALLOW_APP, &["origin"]);
    let refused = Expectation::denial("origin-not-allowed", &["origin"]);
    for (listener, client, request, expected, recorded) in [
        ("mutual TLS", None, preflight(), &allowed, "allowed"),
        ("mutual TLS", None, Request::preflight("/jobs", EVIL, "GET"), &refused, DENIED),
        ("mutual TLS", None, get(APP), &readable(403), "-"),
        ("mutual TLS", None, get(EVIL), &withheld(403), DENIED),
        ("mutual TLS", Some("clients"), preflight(), &allowed, "allowed"),
        ("mutual TLS", Some("clients"), get(APP), &readable(200), "-"),
        ("mutual TLS", Some("clients"), get(EVIL), &withheld(200), DENIED),
        ("mutual TLS required", Some("clients"), get(APP), &readable(200), "-"),
        ("mutual TLS of anyone", None, get(APP), &readable(200), "-"),
    ] {
        let send = |port, request: &Request| send_by(files, client, port, request);
        bench.check_by(send, listener, request, expected, recorded);
    }
    // No answer to any preflight, nor to who has another certificate.
    for (listener, client) in [
        ("mutual TLS required", None),
        ("mutual TLS required", Some("stranger")),
        ("mutual TLS", Some("stranger")),
    ] {
        let response = send_by(files, client, bench.port(listener), &preflight());
        let error = response.map(|response| response.status).expect_err("the handshake fails");
        assert!(error.to_string().contains("alert"), "{listener}, {client:?}: {error}");
    }
}

/// Sends a request over TLS, with the certificate of a client or without.
fn send_by(files: &Path, client: Option<&str>, port: u16, request: &Request) -> io::Result<Response> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate(files, "api")).map_err(io::Error::other)?;
    let config = ClientConfig::builder().with_root_certificates(roots);
    let config = match client {
        None => config.with_no_client_auth(),
        Some(name) => {
            let key = PrivateKeyDer::from_pem_file(files.join(format!("{name}-key.pem")));
            let key = key.map_err(io::Error::other)?;
            config.with_client_auth_cert(vec![certificate(files, name)], key).map_err(io::Error::other)?
        }
    };
    let server = ServerName::try_from("api.example.com").map_err(io::Error::other)?;
    let session = ClientConnection::new(Arc::new(config), server).map_err(io::Error::other)?;
    let stream = TcpStream::connect(("127.0.0.1", port))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    send_over(StreamOwned::new(session, stream), request)
}

fn certificate(files: &Path, name: &str) -> CertificateDer<'static> {
    let text = fs::read(files.join(format!("{name}.pem"))).expect("it was made");
    CertificateDer::from_pem_slice(&text).expect("openssl writes PEM")
}
