//! A Prometheus with the rules that this project ships.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::{env, fs, net};

use serde_json::Value;

use crate::support::envoy::{Directory, Envoy};
use crate::support::example;
use crate::support::http::{Request, send};
use crate::support::wait::wait_until;

const ALERTS: &str = "envoy/prometheus-alerts.yaml";
const RELABEL: &str = "envoy/prometheus-relabel.yaml";

/// A running Prometheus, ended when dropped.
pub(crate) struct Prometheus {
    process: Child,
    port: u16,
    /// Its configuration and its data.
    _directory: Directory,
}

impl Prometheus {
    /// Scrapes each Envoy as a job of that name, in the namespace `eu`.
    pub(crate) fn start(envoys: &[(&str, Envoy)]) -> Self {
        let directory = Directory::new();
        fs::write(directory.file("prometheus.yaml"), configuration(envoys)).expect("it can be written");
        let port = free_port();
        let process = Command::new(program())
            .arg("--config.file=prometheus.yaml")
            .arg("--storage.tsdb.path=data")
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .current_dir(directory.path())
            .stdout(Stdio::null())
            .stderr(fs::File::create(directory.file("prometheus.log")).expect("it can be written"))
            .spawn()
            .expect("Prometheus starts");
        let prometheus = Self { process, port, _directory: directory };
        wait_until("Prometheus is ready", || prometheus.is_ready());
        prometheus
    }

    fn is_ready(&self) -> bool {
        net::TcpStream::connect(("127.0.0.1", self.port)).is_ok()
            && send(self.port, &Request::new("GET", "/-/ready")).status == 200
    }

    /// The labels and the number of each series that the query finds.
    pub(crate) fn query(&self, query: &str) -> Vec<(BTreeMap<String, String>, f64)> {
        let answer = self.ask(&format!("/api/v1/query?query={}", encoded(query)));
        let found = answer["data"]["result"].as_array().expect("the query finds a vector");
        let row = |series: &Value| {
            let labels = serde_json::from_value(series["metric"].clone()).expect("labels are texts");
            let number = series["value"][1].as_str().and_then(|it| it.parse().ok()).expect("a number");
            (labels, number)
        };
        found.iter().map(row).collect()
    }

    /// Name, job, namespace and state of each alert that fires or is about to.
    pub(crate) fn alerts(&self) -> Vec<String> {
        let answer = self.ask("/api/v1/alerts");
        let alerts = answer["data"]["alerts"].as_array().expect("a list");
        let row = |alert: &Value| {
            let labels =
                ["alertname", "job", "namespace"].map(|it| alert["labels"][it].as_str().unwrap_or("-"));
            format!("{} {}", labels.join(" "), alert["state"].as_str().unwrap_or("-"))
        };
        alerts.iter().map(row).collect()
    }

    fn ask(&self, path: &str) -> Value {
        let answer = send(self.port, &Request::new("GET", path));
        let body = String::from_utf8_lossy(&answer.body).into_owned();
        assert_eq!(answer.status, 200, "{path}: {body}");
        serde_json::from_str(&body).expect("Prometheus answers in JSON")
    }
}

impl Drop for Prometheus {
    fn drop(&mut self) {
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

fn program() -> PathBuf {
    let fetched = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/prometheus/usr/bin/prometheus");
    let program = env::var_os("PROMETHEUS").map_or(fetched, PathBuf::from);
    assert!(
        program.is_file(),
        "{} is not there; `python3 tools/fetch.py prometheus` fetches it, or set PROMETHEUS to it",
        program.display()
    );
    program
}

/// The rules make labels of names, and leave alone what has its labels already: they are for all jobs.
fn configuration(envoys: &[(&str, Envoy)]) -> String {
    let rules = Path::new(env!("CARGO_MANIFEST_DIR")).join(ALERTS);
    let mut text = format!(
        "global: {{ scrape_interval: 1s, evaluation_interval: 1s }}\nrule_files: ['{}']\nscrape_configs:\n",
        rules.display()
    );
    let relabel = example::read(RELABEL).replace('\n', "\n  ");
    for (job, envoy) in envoys {
        let target = format!("targets: ['127.0.0.1:{}'], labels: {{ namespace: eu }}", envoy.admin_port());
        let job = format!(
            "- job_name: {job}\n  metrics_path: /stats/prometheus\n  static_configs: [{{ {target} }}]\n  {relabel}\n"
        );
        text.push_str(&job);
    }
    text
}

fn free_port() -> u16 {
    let probe = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has ports");
    probe.local_addr().expect("it is bound").port()
}

fn encoded(query: &str) -> String {
    query.bytes().fold(String::new(), |mut text, byte| {
        write!(text, "%{byte:02X}").expect("a text takes all that is written");
        text
    })
}
