//! Kong's plugin `cors`, by its published rules:
//! <https://github.com/Kong/kong/blob/master/kong/plugins/cors/handler.lua>.

use serde_json::{Value, json};
use url::Url;

use super::super::case::{items, texts};
use super::super::support::http::Request;
use super::{Answer, Product, header, is_found, is_host_of, is_preflight};

/// Routes with the plugin that is nearest to each, and the one that is for all requests.
pub(crate) struct Kong {
    routes: Vec<Route>,
    global: Option<Value>,
}

struct Route {
    hosts: Vec<String>,
    paths: Vec<String>,
    methods: Vec<String>,
    config: Option<Value>,
}

impl Kong {
    /// Declarative files, and the plugins of an ingress controller, which say nothing of routes.
    pub(crate) fn of(documents: &[Value]) -> Self {
        let mut kong = Self { routes: Vec::new(), global: None };
        for document in documents {
            if document["plugin"] == "cors" {
                kong.global = (document["disabled"] != true).then(|| document["config"].clone());
                continue;
            }
            let global = plugin(document);
            for service in items(&document["services"]) {
                let of_service = plugin(service).or(global.clone());
                kong.routes
                    .extend(items(&service["routes"]).map(|route| Route::of(route, of_service.clone())));
            }
            kong.routes.extend(items(&document["routes"]).map(|route| Route::of(route, global.clone())));
            kong.global = kong.global.take().or(global);
        }
        // The longest path first, as Kong's router.
        kong.routes.sort_by_key(|route| std::cmp::Reverse(route.paths.iter().map(String::len).max()));
        kong
    }

    fn config(&self, request: &Request) -> Option<&Value> {
        let route = self.routes.iter().find(|route| route.matches(request));
        match route {
            Some(route) => route.config.as_ref(),
            None => self.global.as_ref(),
        }
    }
}

/// The plugin of what has plugins, if it is not off.
fn plugin(holder: &Value) -> Option<Value> {
    let found =
        items(&holder["plugins"]).find(|plugin| plugin["name"] == "cors" && plugin["enabled"] != false);
    found.map(|plugin| if plugin["config"].is_object() { plugin["config"].clone() } else { json!({}) })
}

impl Route {
    fn of(route: &Value, inherited: Option<Value>) -> Self {
        Self {
            hosts: texts(&route["hosts"]),
            paths: texts(&route["paths"]),
            methods: texts(&route["methods"]),
            config: plugin(route).or(inherited),
        }
    }

    fn matches(&self, request: &Request) -> bool {
        let is_path = |path: &String| match path.strip_prefix('~') {
            Some(regex) => is_found(&format!("^(?:{regex})"), &request.path),
            None => request.path.starts_with(path.as_str()),
        };
        is_host_of(request, &self.hosts)
            && (self.paths.is_empty() || self.paths.iter().any(is_path))
            && (self.methods.is_empty() || self.methods.contains(&request.method))
    }
}

impl Product for Kong {
    fn answer(&self, request: &Request) -> Answer {
        let Some(config) = self.config(request) else { return Answer::Untouched };
        if !is_preflight(request) {
            return Answer::Set(with_exposed(origin_headers(config, request), config));
        }
        if config["preflight_continue"] == true {
            return Answer::Untouched;
        }
        let mut headers = origin_headers(config, request);
        let listed = texts(&config["headers"]);
        let asked = header(request, "access-control-request-headers");
        headers
            .push(("access-control-allow-headers", if listed.is_empty() { asked } else { listed.join(",") }));
        let methods = match texts(&config["methods"]) {
            methods if methods.is_empty() => {
                "GET,HEAD,PUT,PATCH,POST,DELETE,OPTIONS,TRACE,CONNECT".to_owned()
            }
            methods => methods.join(","),
        };
        headers.push(("access-control-allow-methods", methods));
        if config["max_age"].is_number() {
            headers.push(("access-control-max-age", config["max_age"].to_string()));
        }
        Answer::Replied(headers)
    }
}

fn with_exposed(mut headers: Vec<(&'static str, String)>, config: &Value) -> Vec<(&'static str, String)> {
    let exposed = texts(&config["exposed_headers"]);
    if !exposed.is_empty() {
        headers.push(("access-control-expose-headers", exposed.join(",")));
    }
    headers
}

/// `configure_origin` and `configure_credentials`
fn origin_headers(config: &Value, request: &Request) -> Vec<(&'static str, String)> {
    let origin = header(request, "origin");
    let origins = texts(&config["origins"]);
    let is_everyone = origins.is_empty() || origins.iter().any(|entry| entry == "*");
    let has_credentials = config["credentials"] == true;
    let allowed = match origins.as_slice() {
        _ if is_everyone && has_credentials => origin,
        _ if is_everyone => "*".to_owned(),
        [only] if is_plain(only) => only.clone(),
        entries => {
            entries.iter().find(|entry| matches(entry, &origin)).map(|_| origin.clone()).unwrap_or_default()
        }
    };
    let mut headers = vec![("access-control-allow-origin", allowed)];
    if has_credentials {
        headers.push(("access-control-allow-credentials", "true".to_owned()));
    }
    headers
}

fn is_plain(entry: &str) -> bool {
    entry.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".:/-".contains(&byte))
}

fn matches(entry: &str, origin: &str) -> bool {
    if is_plain(entry) {
        return parts(entry).is_some_and(|parted| Some(parted) == parts(origin));
    }
    let host = parts(origin).map(|(_, host, _)| host);
    let subject = if entry.contains(':') { Some(origin.to_owned()) } else { host };
    // `$` stands after the text, so in `a|b` it belongs to `b`; the option `a` of `ngx.re.find` holds all of it to the
    // start.
    subject.is_some_and(|subject| is_found(&format!("^(?:{entry}$)"), &subject))
}

/// `normalize_origin`
fn parts(text: &str) -> Option<(String, String, Option<u16>)> {
    let url = Url::parse(text).ok()?;
    Some((url.scheme().to_owned(), url.host_str()?.to_owned(), url.port_or_known_default()))
}
