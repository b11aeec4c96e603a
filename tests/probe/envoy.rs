//! Real Envoys: the filter, over all that Envoy speaks, and Envoy's native filter with a mistake in it.

use std::fs;

use serde_json::{Value, json};

use crate::probed::{PAGE, Probed};
use crate::support::certificate::Certificate;
use crate::support::config::{Bootstrap, Configuration, Listener, UPSTREAM, cors_filter, filter, typed};
use crate::support::envoy::{Directory, Envoy};
use crate::support::upstream::{Answer, serve};

fn policy() -> Value {
    json!({
        "allow_origins": [PAGE],
        "allow_credentials": true,
        "allow_methods": ["PUT"],
        "allow_headers": ["x-debug"],
        "expose_headers": ["x-job-id"],
        "max_age": 600,
    })
}

/// Envoy's own settings that mean the same, but for a regex with bare dots.
fn native_routes() -> Vec<Value> {
    let settings = typed(
        "filters.http.cors.v3.CorsPolicy",
        &json!({
            "allow_origin_string_match": [{ "safe_regex": { "regex": "https://app.example.com" } }],
            "allow_credentials": true,
            "allow_methods": "PUT",
            "allow_headers": "x-debug",
            "expose_headers": "x-job-id",
            "max_age": "600",
        }),
    );
    vec![json!({
        "match": { "prefix": "/" },
        "route": { "cluster": UPSTREAM },
        "typed_per_filter_config": { "envoy.filters.http.cors": settings },
    })]
}

struct Stage {
    envoy: Envoy,
    authority: String,
    policy: String,
}

fn stage() -> Stage {
    let directory = Directory::new();
    let certificate = Certificate::make(&directory);
    let authority = certificate.chain.display().to_string();
    let policy_file = directory.file("policy.json");
    fs::write(&policy_file, policy().to_string()).expect("the directory can be written");
    let ours = || vec![cors_filter(&Configuration::Struct(&policy()))];
    let native = vec![filter("cors", "cors.v3.Cors", &json!({}))];
    let upstream =
        serve(|_| Some(Answer::new(200).header("access-control-allow-origin", "https://upstream.example")));
    let bootstrap = Bootstrap::new(upstream)
        .listener(&Listener::new("plain", ours()))
        .listener(&Listener::new("secure", ours()).secure(certificate))
        .listener(&Listener::new("native", native).routes(native_routes()));
    let policy = policy_file.display().to_string();
    Stage { envoy: Envoy::start(directory, &bootstrap), authority, policy }
}

#[test]
fn live() {
    let stage = stage();
    the_filter(&stage);
    other_policies_differ(&stage);
    the_native_filter(&stage);
}

/// The filter does what its policy says over every protocol, and an audit finds nothing.
fn the_filter(stage: &Stage) {
    let port = stage.envoy.port("plain");
    let connect_to = format!("127.0.0.1:{}", stage.envoy.port("secure"));
    let plain = format!("http://127.0.0.1:{port}/jobs");
    let secure = "https://api.example.com/jobs";
    let ca = ["--connect-to", &connect_to, "--cacert", &stage.authority];
    let insecure = ["--connect-to", &connect_to, "--insecure"];
    let call =
        ["--method", "PUT", "--header", "x-debug: 1", "--credentials", "--send", "--policy", &stage.policy];
    for (url, args, version) in [
        (plain.as_str(), &[][..], "HTTP/1.1"),
        (&plain, &["--http2"], "HTTP/2"),
        (secure, &ca, "HTTP/2"),
        (secure, &insecure, "HTTP/2"),
    ] {
        let probed = Probed::of(url, &[args, &call].concat());
        let expected = [format!("preflight OPTIONS {version}"), format!("call PUT {version}")];
        assert_eq!(probed.requests(), expected, "{:#}", probed.told);
        assert_eq!((probed.page(), probed.code), ("reads".to_owned(), 0), "{:#}", probed.told);
        assert_eq!(probed.told["differences"], json!([]));
        let audit = Probed::of(url, &[args, &call, &["--audit"]].concat());
        assert_eq!((audit.findings(), audit.code), (Vec::new(), 0), "{:#}", audit.told);
        assert_eq!(audit.told["differences"], json!([]));
        assert_eq!(audit.requests().len(), 12);
    }
    let untrusted = Probed::of(secure, &["--connect-to", &connect_to]);
    let why = untrusted.told["unreachable"].as_str().unwrap_or_default();
    assert!(why.contains("certificate"), "{why}");
    assert_eq!((untrusted.page(), untrusted.code), ("unknown".to_owned(), 2));
}

/// Differences between a file and the live endpoint are reported.
fn other_policies_differ(stage: &Stage) {
    let directory = Directory::new();
    let mut other = policy();
    other["allow_methods"] = json!(["PUT", "DELETE"]);
    other["max_age"] = json!(60);
    fs::write(directory.file("other.json"), other.to_string()).expect("the directory can be written");
    let file = directory.file("other.json").display().to_string();
    let probed = Probed::at(stage.envoy.port("plain"), &["--method", "PUT", "--policy", &file]);
    let difference = |what: &str, policy: &str, live: &str| json!({ "request": 1, "what": what, "policy": policy, "live": live });
    assert_eq!(
        probed.told["differences"],
        json!([
            difference("access-control-allow-methods", "PUT,DELETE", "PUT"),
            difference("access-control-max-age", "60", "600"),
        ])
    );
    assert_eq!((probed.page(), probed.code), ("reads".to_owned(), 1));
}

/// Envoy's native filter takes the dots of the regex for any character, answers preflights with 200, leaves what the
/// upstream says of other pages, and sends no `Vary`.
fn the_native_filter(stage: &Stage) {
    let probed =
        Probed::at(stage.envoy.port("native"), &["--method", "PUT", "--audit", "--policy", &stage.policy]);
    assert_eq!(probed.findings(), ["severe dot-accepted", "warning vary-missing"], "{:#}", probed.told);
    let differences = probed.told["differences"].as_array().expect("a list");
    let told = |it: &Value| format!("{} {}", it["request"], it["what"].as_str().unwrap_or_default());
    let first: Vec<String> =
        differences.iter().filter(|it| it["request"].as_u64() < Some(3)).map(told).collect();
    assert_eq!(first, ["1 status", "1 vary", "2 vary"], "{:#}", probed.told);
    assert_eq!((probed.page(), probed.code), ("reads".to_owned(), 1));
}
