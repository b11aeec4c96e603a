//! A certificate for a listener over TLS.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::config::typed;
use super::directory::Directory;

/// The files of a certificate and its key.
#[derive(Clone)]
pub(crate) struct Certificate {
    pub(crate) chain: PathBuf,
    pub(crate) key: PathBuf,
}

impl Certificate {
    /// One that nobody else trusts, nor a browser: it is told not to mind.
    pub(crate) fn make(directory: &Directory) -> Self {
        Self::named(directory.path(), "api")
    }

    /// The same in files by that name.
    pub(crate) fn named(directory: &Path, name: &str) -> Self {
        let file = |name: String| directory.join(name);
        let certificate = Self { chain: file(format!("{name}.pem")), key: file(format!("{name}-key.pem")) };
        let made = Command::new("openssl")
            .args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"])
            .args(["-days", "2", "-subj", "/CN=api.example.com"])
            .args(["-addext", "subjectAltName=DNS:api.example.com"])
            // For a server, not an authority: some clients do not accept one as the other.
            .args(["-addext", "basicConstraints=critical,CA:FALSE"])
            .arg("-keyout")
            .arg(&certificate.key)
            .arg("-out")
            .arg(&certificate.chain)
            .stdin(Stdio::null())
            .output();
        let made = made.unwrap_or_else(|error| {
            panic!("`openssl` does not start: {error}\nDebian: `apt-get install openssl`")
        });
        assert!(made.status.success(), "openssl: {}", String::from_utf8_lossy(&made.stderr));
        certificate
    }

    /// What a listener that has it is configured with.
    pub(crate) fn to_json(&self) -> Value {
        let files = json!({
            "certificate_chain": { "filename": self.chain },
            "private_key": { "filename": self.key },
        });
        let context = json!({
            "common_tls_context": { "alpn_protocols": ["h2", "http/1.1"], "tls_certificates": [files] },
        });
        json!({ "name": "tls", "typed_config": typed("transport_sockets.tls.v3.DownstreamTlsContext", &context) })
    }
}
