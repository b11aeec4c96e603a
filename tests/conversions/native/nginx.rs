//! What ingress-nginx makes of its annotations, in a real nginx: the part of its template that is about CORS,
//! <https://github.com/kubernetes/ingress-nginx/blob/main/rootfs/etc/nginx/template/nginx.tmpl>, and what it reads from
//! annotations, <https://github.com/kubernetes/ingress-nginx/blob/main/internal/ingress/annotations/cors/main.go>.

use std::fs;
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use regex::Regex;
use serde_json::Value;

use super::super::case::{Case, items};
use super::super::service;
use super::super::side::Side;
use super::super::support::envoy::Directory;
use super::super::support::upstream::serve;

const PREFIX: &str = "nginx.ingress.kubernetes.io/";
const MODULE: &str = "/usr/lib/nginx/modules/ngx_http_headers_more_filter_module.so";

/// Far more than any start takes.
const PATIENCE: Duration = Duration::from_secs(30);

/// A running nginx with a port for each case. Dropped, also by a panic, it is killed.
pub(crate) struct Nginx {
    process: Child,
    ports: Vec<u16>,
    _directory: Directory,
}

impl Nginx {
    /// Starts it and waits until it answers.
    #[track_caller]
    pub(crate) fn start(cases: &[Case]) -> Self {
        let nginx = std::env::var("NGINX").unwrap_or_else(|_| "/usr/sbin/nginx".to_owned());
        let is_there = Path::new(&nginx).is_file() && Path::new(MODULE).is_file();
        assert!(is_there, "there is no {nginx} with {MODULE}: run `make nginx`");
        let directory = Directory::new();
        let ports: Vec<u16> = free_ports(cases.len());
        let upstream = serve(service::real);
        let servers: String =
            cases.iter().zip(&ports).map(|(case, port)| servers(case, *port, upstream)).collect();
        fs::write(directory.file("nginx.conf"), config(directory.path(), &servers))
            .expect("it can be written");
        let process = start(&nginx, &directory);
        let mut nginx = Self { process, ports, _directory: directory };
        nginx.wait();
        nginx
    }

    /// The server of a case.
    pub(crate) fn there(&self, place: usize) -> Side<'static> {
        Side::proxy(self.ports[place])
    }

    fn wait(&mut self) {
        let end = Instant::now() + PATIENCE;
        while self.ports.iter().any(|port| TcpStream::connect(("127.0.0.1", *port)).is_err()) {
            let ended = self.process.try_wait().expect("a child can be waited for");
            let log = || fs::read_to_string(self._directory.file("error.log")).unwrap_or_default();
            assert!(ended.is_none(), "nginx ended at start:\n{}", log());
            assert!(Instant::now() < end, "nginx is not ready:\n{}", log());
            thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // Either fails only if the process has ended already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

/// Ports that were free a moment ago, for nginx cannot be asked which it took.
fn free_ports(count: usize) -> Vec<u16> {
    let listeners: Vec<TcpListener> =
        (0..count).map(|_| TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port")).collect();
    let port = |listener: &TcpListener| listener.local_addr().expect("a bound socket has an address").port();
    listeners.iter().map(port).collect()
}

fn start(nginx: &str, directory: &Directory) -> Child {
    let conf = directory.file("nginx.conf");
    let mut command = Command::new(nginx);
    command.arg("-p").arg(directory.path()).arg("-c").arg(conf).arg("-e").arg(directory.file("error.log"));
    command.stdin(Stdio::null()).stderr(Stdio::null()).spawn().expect("nginx starts")
}

fn config(directory: &Path, servers: &str) -> String {
    // One process: the one that is killed.
    format!(
        "load_module {MODULE};\ndaemon off;\nmaster_process off;\npid {0}/pid;\nerror_log {0}/error.log warn;\n\
         events {{ worker_connections 512; }}\nhttp {{\naccess_log off;\nclient_body_temp_path {0}/body;\n\
         proxy_temp_path {0}/proxy;\nfastcgi_temp_path {0}/fastcgi;\nuwsgi_temp_path {0}/uwsgi;\n\
         scgi_temp_path {0}/scgi;\nserver_names_hash_bucket_size 128;\n{servers}}}\n",
        directory.display()
    )
}

/// A location: a path, whether it is exact, and the directives of its Ingress.
type Location = (String, bool, String);

fn servers(case: &Case, port: u16, upstream: u16) -> String {
    let mut hosts: Vec<(String, Vec<Location>)> = Vec::new();
    for ingress in case.documents.iter().filter(|document| document["kind"] == "Ingress") {
        let cors = cors(&ingress["metadata"]["annotations"]);
        for rule in items(&ingress["spec"]["rules"]) {
            let host = rule["host"].as_str().unwrap_or("_").to_owned();
            let locations = items(&rule["http"]["paths"]).flat_map(|path| locations(path, &cors));
            match hosts.iter_mut().find(|(known, _)| *known == host) {
                Some((_, known)) => known.extend(locations),
                None => hosts.push((host, locations.collect())),
            }
        }
    }
    let servers = hosts.iter().map(|(host, locations)| server(host, locations, port, upstream));
    // What is asked of other hosts is the service's business.
    let elsewhere = server("elsewhere.invalid", &[("/".to_owned(), false, String::new())], port, upstream);
    let elsewhere =
        elsewhere.replace(&format!("127.0.0.1:{port};"), &format!("127.0.0.1:{port} default_server;"));
    let has_default = hosts.iter().any(|(host, _)| host == "_");
    let servers: String = servers.collect();
    if has_default { servers.replacen("server_name _;", "server_name ~.;", 1) } else { servers + &elsewhere }
}

/// `buildServerName`
fn server_name(host: &str) -> String {
    match host.strip_prefix("*.") {
        Some(rest) => format!("~^(?<subdomain>[\\w-]+)\\.{}$", rest.replace('.', "\\.")),
        None => host.to_owned(),
    }
}

fn server(host: &str, locations: &[Location], port: u16, upstream: u16) -> String {
    let proxied = format!(
        "proxy_pass http://127.0.0.1:{upstream}; proxy_http_version 1.1; proxy_set_header Connection '';"
    );
    let mut text =
        format!("server {{\nlisten 127.0.0.1:{port};\nserver_name {};\nset $cors '';\n", server_name(host));
    for (path, is_exact, cors) in locations {
        let sign = if *is_exact { "= " } else { "" };
        text += &format!("location {sign}{path} {{\n{cors}{proxied}\n}}\n");
    }
    if !locations.iter().any(|(path, is_exact, _)| path == "/" && !is_exact) {
        // The default backend; here the service, which decides where no Ingress does.
        text += &format!("location / {{\n{proxied}\n}}\n");
    }
    text + "}\n"
}

/// `Prefix` is by segments: one location for the path, one for what is below.
fn locations(path: &Value, cors: &str) -> Vec<Location> {
    let written = path["path"].as_str().unwrap_or("/").to_owned();
    let bare = written.trim_end_matches('/').to_owned();
    match path["pathType"].as_str() {
        Some("Exact") => vec![(written, true, cors.to_owned())],
        Some("Prefix") if !bare.is_empty() => {
            vec![(bare.clone(), true, cors.to_owned()), (format!("{bare}/"), false, cors.to_owned())]
        }
        _ => vec![(written, false, cors.to_owned())],
    }
}

const METHODS: &str = "GET, PUT, POST, DELETE, PATCH, OPTIONS";
const HEADERS: &str = "DNT,Keep-Alive,User-Agent,X-Requested-With,If-Modified-Since,Cache-Control,Content-Type,Range,Authorization";

/// The directives for what an Ingress says; each annotation that is not valid counts as absent.
fn cors(annotations: &Value) -> String {
    let read = |name: &str, valid: &str, default: &str| {
        let text = annotations[format!("{PREFIX}{name}")].as_str().map(str::to_owned);
        let valid = Regex::new(valid).expect("the expression is one of this file");
        text.filter(|text| valid.is_match(&text.replace(' ', ""))).unwrap_or_else(|| default.to_owned())
    };
    if annotations[format!("{PREFIX}enable-cors")] != "true" {
        return String::new();
    }
    let origins = valid_origins(&read("cors-allow-origin", ORIGINS, "*"));
    if origins.is_empty() {
        return String::new();
    }
    let credentials = read("cors-allow-credentials", "^(true|false)$", "true");
    let exposed = read("cors-expose-headers", r"^(([A-Za-z0-9\-\_]+|\*),?\s?)+$", "");
    let mut headers = vec![
        "Access-Control-Allow-Origin: $http_origin".to_owned(),
        format!(
            "Access-Control-Allow-Methods: {}",
            read("cors-allow-methods", r"^([A-Za-z]+,?\s?)+$", METHODS)
        ),
        format!(
            "Access-Control-Allow-Headers: {}",
            read("cors-allow-headers", r"^([A-Za-z0-9\-\_]+,?\s?)+$", HEADERS)
        ),
        format!("Access-Control-Max-Age: {}", read("cors-max-age", r"^\d+$", "1728000")),
    ];
    headers.extend((credentials == "true").then(|| "Access-Control-Allow-Credentials: true".to_owned()));
    headers.extend((!exposed.is_empty()).then(|| format!("Access-Control-Expose-Headers: {exposed}")));
    let set: String = headers.iter().map(|header| format!("more_set_headers '{header}';\n")).collect();
    format!(
        "{}\nif ($request_method = 'OPTIONS') {{ set $cors ${{cors}}options; }}\nif ($cors = \"true\") {{\n{set}}}\n\
         if ($cors = \"trueoptions\") {{\n{set}more_set_headers 'Content-Type: text/plain charset=UTF-8';\n\
         more_set_headers 'Content-Length: 0';\nreturn 204;\n}}\n",
        origin_regex(&origins)
    )
}

/// One `*` makes it everyone; an entry that is not an origin is ignored.
fn valid_origins(list: &str) -> Vec<String> {
    let one = Regex::new(ORIGIN).expect("the expression is one of this file");
    let entries = list.split(',').map(str::trim).filter(|entry| !entry.is_empty());
    let entries: Vec<String> = entries.map(str::to_owned).collect();
    match entries.iter().any(|entry| entry == "*") {
        true => vec!["*".to_owned()],
        false => entries.into_iter().filter(|entry| one.is_match(entry)).collect(),
    }
}

/// `corsOriginRegex` of the annotations: the whole list, and one entry.
const ORIGINS: &str = r"^((((([a-z]+://)?(\*\.)?[A-Za-z0-9\-.]*(:\d+)?,?)|null)+)|\*)?$";
const ORIGIN: &str = r"^([a-z]+://(\*\.)?[A-Za-z0-9\-.]*(:\d+)?|\*|null)?$";

/// `buildCorsOriginRegex`
fn origin_regex(origins: &[String]) -> String {
    if origins == ["*"] {
        return "set $http_origin *;\nset $cors 'true';".to_owned();
    }
    let quoted = |origin: &String| {
        format!("({})", regex::escape(origin).replace("\\-", "-").replacen("\\*", "[A-Za-z0-9\\-]+", 1))
    };
    let origins: Vec<String> = origins.iter().map(quoted).collect();
    format!("if ($http_origin ~* ({})$ ) {{ set $cors 'true'; }}", origins.join("|"))
}
