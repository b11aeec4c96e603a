//! The names of routes that policies are for, and those that the routes have.

use std::collections::BTreeSet;

use proxy_wasm_cors::config::{Value, member};

use super::{Doubt, visit};
use crate::files::document::Node;
use crate::files::find::Found;

/// How many names are shown; the reader can look up the rest.
const TOLD: usize = 5;

/// The routes of policies that a connection manager does not have, if it has its routes in the file.
pub(super) fn look_at(manager: &Node, plugin: &Found<'_>, doubts: &mut Vec<Doubt>) {
    let Some(routes) = manager.get(&["route_config", "routeConfig"]) else { return };
    // Virtual hosts that are fetched bring their own routes.
    if routes.get(&["vhds"]).is_some() {
        return;
    }
    let names = names(routes);
    let wanted = wanted(plugin);
    // To find their lines takes longer than all the rest.
    if wanted.iter().all(|(_, name)| is_there(name, &names)) {
        return;
    }
    let lines = plugin.lines();
    for (path, name) in wanted.iter().filter(|(_, name)| !is_there(name, &names)) {
        let (verb, start) = match name.strip_suffix('*') {
            Some(start) => ("has a name that begins with", start),
            None => ("is named", name.as_str()),
        };
        let message = format!(
            "no route of this listener {verb} `{}`, so this entry never matches; {}",
            start.escape_debug(),
            remedy(&names)
        );
        doubts.push(Doubt {
            line: lines.of(path),
            within: plugin.within,
            message: format!("`{path}`: {message}"),
        });
    }
}

/// The entries of `match.routes` and where they stand.
fn wanted(plugin: &Found<'_>) -> Vec<(String, String)> {
    let config = plugin.tree();
    let Some(Value::List(policies)) = config.as_ref().and_then(|config| member(config, "policies")) else {
        return Vec::new();
    };
    let mut wanted = Vec::new();
    for (policy_at, policy) in policies.iter().enumerate() {
        let routes = member(policy, "match").and_then(|it| member(it, "routes"));
        let Some(Value::List(routes)) = routes else { continue };
        for (at, route) in routes.iter().enumerate() {
            if let Value::Text(name) = route {
                wanted.push((format!("policies[{policy_at}].match.routes[{at}]"), name.clone()));
            }
        }
    }
    wanted
}

fn names(routes: &Node) -> BTreeSet<&str> {
    let mut names = BTreeSet::new();
    visit(routes, &mut |node| {
        if node.get(&["match"]).is_some() {
            names.extend(node.get(&["name"]).and_then(Node::text));
        }
    });
    names
}

/// Whether there is such a route; a `*` at the end stands for any rest.
fn is_there(wanted: &str, names: &BTreeSet<&str>) -> bool {
    match wanted.strip_suffix('*') {
        Some(start) => names.iter().any(|name| name.starts_with(start)),
        None => names.contains(wanted),
    }
}

fn remedy(names: &BTreeSet<&str>) -> String {
    let told = names.iter().take(TOLD).map(|name| format!("`{}`", name.escape_debug())).collect::<Vec<_>>();
    if told.is_empty() {
        return "give the route that you mean this `name`, because no route has one".to_owned();
    }
    let more = if names.len() > TOLD { ", ..." } else { "" };
    format!("give the route that you mean this `name`, or write one that exists: {}{more}", told.join(", "))
}
