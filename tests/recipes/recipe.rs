//! A snippet of the page as a listener.

use std::path::Path;

use serde_json::{Value, json};

use super::page;
use crate::support::config::{Configuration, Listener, filter, named_cors_filter};
use crate::support::yaml;

pub(crate) const APP: &str = "https://app.example.com";
pub(crate) const EVIL: &str = "https://evil.example";
pub(crate) const ALLOW_APP: &[(&str, &str)] = &[("access-control-allow-origin", APP)];
pub(crate) const DENIED: &str = "denied:origin-not-allowed";

/// Where the files of the page's snippets are.
pub(crate) const FILES: &str = "/etc/envoy";

/// A snippet with the filter in its places.
#[derive(Clone)]
pub(crate) struct Recipe(Value);

impl Recipe {
    /// What stands below a heading, with this policy for the filter.
    #[track_caller]
    pub(crate) fn new(heading: &str, policy: &Value) -> Self {
        Self::of(heading, Path::new(FILES), &[("cors", policy)])
    }

    /// The same with files in `directory`, and a policy for each name that the filter has.
    #[track_caller]
    pub(crate) fn of(heading: &str, directory: &Path, policies: &[(&str, &Value)]) -> Self {
        let text = page::block(heading, "yaml").replace(FILES, &directory.to_string_lossy());
        let mut snippet = yaml::document(&text);
        let filters = filter_lists(&mut snippet).into_iter().flatten();
        let mut count = 0;
        for entry in filters.filter(|entry| entry.get("typed_config").is_none()) {
            let name = entry["name"].as_str().unwrap_or_default();
            let (name, policy) =
                policies.iter().find(|(known, _)| *known == name).expect("a policy for each name");
            let filter = named_cors_filter(name, &Configuration::Struct(policy));
            entry["typed_config"] = filter["typed_config"].clone();
            count += 1;
        }
        assert!(count >= policies.len(), "a policy of {heading} is not used");
        Self(snippet)
    }

    /// With another value in a place that the snippet has; `null`: without it.
    #[track_caller]
    pub(crate) fn with(mut self, pointer: &str, value: Value) -> Self {
        let place = self.0.pointer_mut(pointer).unwrap_or_else(|| panic!("the snippet has no {pointer}"));
        *place = value;
        self
    }

    /// Without what stands in a place.
    #[track_caller]
    pub(crate) fn without(self, pointer: &str) -> Self {
        self.with(pointer, Value::Null)
    }

    /// With the filters in the opposite order.
    pub(crate) fn reversed(mut self) -> Self {
        self.0["http_filters"].as_array_mut().expect("a snippet has filters").reverse();
        self
    }

    /// With another text instead of one, wherever it stands.
    #[track_caller]
    pub(crate) fn replace(self, from: &str, to: &str) -> Self {
        let text = self.0.to_string();
        assert!(text.contains(from), "the snippet has no {from}");
        Self(serde_json::from_str(&text.replace(from, to)).expect("it is still JSON"))
    }

    /// The listener, which adds the router.
    pub(crate) fn listener(mut self, name: &str) -> Listener {
        let router = filter("router", "router.v3.Router", &json!({}));
        for upgrade in self.0["upgrade_configs"].as_array_mut().into_iter().flatten() {
            if let Some(filters) = upgrade["filters"].as_array_mut() {
                filters.push(router.clone());
            }
        }
        let mut take = |name: &str| self.0.as_object_mut().and_then(|snippet| snippet.remove(name));
        let filters = take("http_filters").and_then(|filters| filters.as_array().cloned());
        let listener = Listener::new(name, filters.expect("a snippet has filters"));
        let listener = match take("routes").and_then(|routes| routes.as_array().cloned()) {
            Some(routes) => listener.routes(routes),
            None => listener,
        };
        let socket = take("transport_socket").map(|socket| json!({ "transport_socket": socket }));
        listener.chain(socket.unwrap_or_default()).manager(self.0)
    }
}

/// The lists of filters in a snippet: that of the connection manager, and those of upgrades.
fn filter_lists(snippet: &mut Value) -> Vec<&mut Vec<Value>> {
    let mut lists = Vec::new();
    for (name, value) in snippet.as_object_mut().into_iter().flatten() {
        match (name.as_str(), value) {
            ("http_filters", Value::Array(filters)) => lists.push(filters),
            ("upgrade_configs", Value::Array(upgrades)) => {
                lists.extend(upgrades.iter_mut().filter_map(|upgrade| upgrade["filters"].as_array_mut()));
            }
            _ => {}
        }
    }
    lists
}
