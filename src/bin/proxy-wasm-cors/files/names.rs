//! The names by which people tell several configurations of the filter in one file apart.

use proxy_wasm_cors::config::{Value, member};

use crate::files::document::Node;
use crate::files::find::Found;
use crate::files::module;

/// What an entry of a list of HTTP filters has beside its name.
const OF_A_FILTER: [&str; 4] = ["typed_config", "typedConfig", "config_discovery", "configDiscovery"];

/// How a configuration is named.
pub(crate) struct Names {
    /// The plainest first.
    pub(crate) all: Vec<String>,
    /// Whether it is only the default until the one that is fetched under the same name is there.
    pub(crate) is_default: bool,
}

impl Names {
    /// The names of a configuration that was found in these documents.
    pub(crate) fn of(documents: &[Node], found: &Found<'_>) -> Self {
        let way = documents.iter().find_map(|document| way_to(document, found.plugin)).unwrap_or_default();
        let of_route = of_route(&way, found);
        let filter = way.iter().rev().find(|node| node.get(&OF_A_FILTER).is_some());
        let filter = if of_route.is_some() { of_route } else { filter }.and_then(|node| name(node));
        let own = [
            &["name"][..],
            &["pluginName", "plugin_name"],
            &["root_id", "rootId"],
            &["filter_name", "filterName"],
        ];
        let own =
            own.into_iter().filter_map(|field| found.plugin.get(field)?.text().filter(|it| !it.is_empty()));
        let resource = way.iter().find_map(|node| node.get(&["kind"]).and(node.get(&["metadata"])));
        let listener = way.iter().find(|node| node.get(&["filter_chains", "filterChains"]).is_some());
        let mut all: Vec<String> = filter.into_iter().chain(own).map(str::to_owned).collect();
        // Few routes have names.
        all.extend(of_route.and_then(|_| policy(found)));
        all.extend(resource.and_then(|it| name(it)).map(str::to_owned));
        all.extend(below(listener.and_then(|it| name(it)), filter));
        all.extend(below(resource.and_then(|it| it.get(&["namespace"])?.text()), resource.and_then(name)));
        Self { all: without_repeats(all), is_default: has_default(&way) }
    }

    /// Whether it is named so.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.all.iter().any(|known| known == name)
    }
}

/// The route, virtual host or route table that has the configuration, if one has.
fn of_route<'a, 'b>(way: &'b [&'a Node], found: &Found<'_>) -> Option<&'b &'a Node> {
    let per_filter = &["typed_per_filter_config", "typedPerFilterConfig"];
    let is_of_route = found.within == module::ROUTE;
    way.iter().rev().find(|node| is_of_route && node.get(per_filter).is_some())
}

/// The name of the only policy of a configuration.
fn policy(found: &Found<'_>) -> Option<String> {
    match member(&found.tree()?, "name") {
        Some(Value::Text(name)) => Some(name.clone()),
        _ => None,
    }
}

/// The nodes from one down to another below it.
fn way_to<'a>(from: &'a Node, to: &Node) -> Option<Vec<&'a Node>> {
    if std::ptr::eq(from, to) {
        return Some(vec![from]);
    }
    let mut way = from.children().into_iter().find_map(|child| way_to(child, to))?;
    way.insert(0, from);
    Some(way)
}

fn name(node: &Node) -> Option<&str> {
    node.get(&["name"])?.text()
}

fn below(upper: Option<&str>, lower: Option<&str>) -> Option<String> {
    Some(format!("{}/{}", upper?, lower?))
}

fn without_repeats(names: Vec<String>) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for name in names {
        if !all.contains(&name) {
            all.push(name);
        }
    }
    all
}

fn has_default(way: &[&Node]) -> bool {
    way.iter().zip(way.iter().skip(1)).any(|(upper, lower)| {
        upper.get(&["default_config", "defaultConfig"]).is_some_and(|default| std::ptr::eq(default, *lower))
    })
}
