//! The example configurations in `envoy/`, in a directory that looks to Envoy like the repository's top.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use regex::Regex;

use super::envoy::Directory;
use super::filter::{self, Filter};
use super::plugin;

/// The examples that Envoy can be started with.
pub(crate) const CONFIGS: [&str; 7] =
    [DEMO, POLICIES, AUTHENTICATION, ECDS, SHADOW, SHADOW_NATIVE, DYNAMIC_MODULE];

/// The filter as a dynamic module, with separate policies for a host and a route.
pub(crate) const DYNAMIC_MODULE: &str = "envoy/dynamic-module.yaml";

/// A policy for what is public, and one for the rest: what the demo runs with.
pub(crate) const DEMO: &str = "envoy/envoy.yaml";

/// Policies for routes, a host and a path.
pub(crate) const POLICIES: &str = "envoy/policies.yaml";

/// One policy, before authentication and authorization.
pub(crate) const AUTHENTICATION: &str = "envoy/authentication.yaml";

/// A policy in shadow mode before the one in force.
pub(crate) const SHADOW: &str = "envoy/shadow.yaml";

/// A policy in shadow mode before Envoy's own CORS filter.
pub(crate) const SHADOW_NATIVE: &str = "envoy/shadow-native.yaml";

/// The policy in a file that is watched, which is [`ECDS_RESOURCE`].
pub(crate) const ECDS: &str = "envoy/ecds/envoy.yaml";

/// The file that [`ECDS`] watches.
pub(crate) const ECDS_RESOURCE: &str = "envoy/ecds/cors.yaml";

/// The listener of each example.
pub(crate) const LISTENER: &str = "api";

/// The part of an example that makes the plugin of a filter of Envoy's.
const WASM: &str = r"wasm\.v3\.Wasm\n( +)config:\n +name: (\S+)\n(?s:.*?)\n +configuration:\n";

/// Where the examples look for the plugin.
const PLUGIN: &str = "target/wasm32-wasip1/release/proxy_wasm_cors.wasm";

/// Where Envoy looks for modules that have a name.
pub(crate) const MODULES: &str = "target/module";

/// The module there: its version is in the name.
const MODULE: &str = concat!("target/module/libproxy_wasm_cors_", env!("CARGO_PKG_VERSION"), ".so");

/// A directory in which the examples, the plugin and the module are where they belong. The examples differ only in
/// their ports: the upstream's is `upstream_port`, and Envoy chooses the others.
pub(crate) fn checkout(upstream_port: u16) -> Directory {
    let directory = Directory::new();
    for example in CONFIGS {
        write(&directory, example, &with_ports(&under_test(&read(example)), upstream_port));
    }
    write(&directory, ECDS_RESOURCE, &under_test(&read(ECDS_RESOURCE)));
    for (place, built) in [(PLUGIN, plugin::module()), (MODULE, filter::module())] {
        let place = directory.path().join(place);
        fs::create_dir_all(place.parent().expect("the path has several parts")).expect("it can be written");
        symlink(built, place).expect("the directory is new");
    }
    directory
}

/// The same with an example changed.
#[track_caller]
pub(crate) fn checkout_with(
    upstream_port: u16,
    example: &str,
    change: impl Fn(String) -> String,
) -> Directory {
    let directory = checkout(upstream_port);
    let text = read(example);
    let changed = change(text.clone());
    assert_ne!(changed, text, "nothing changed in {example}");
    write(&directory, example, &with_ports(&under_test(&changed), upstream_port));
    directory
}

/// The text of an example.
pub(crate) fn read(example: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(example);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The text of an example, with the filter under test in the place of the plugin.
pub(crate) fn under_test(text: &str) -> String {
    if Filter::under_test() == Filter::Plugin {
        return text.to_owned();
    }
    let plugin = Regex::new(WASM).expect("a regex");
    let module = format!(
        "dynamic_modules.v3.DynamicModuleFilter\n${{1}}dynamic_module_config: {}\n${{1}}filter_name: $2\n${{1}}filter_config:\n",
        filter::of_file(filter::module())
    );
    let text = plugin.replace_all(text, module);
    // Where a filter may come later, its type stands alone.
    text.replace("filters.http.wasm.v3.Wasm]", "filters.http.dynamic_modules.v3.DynamicModuleFilter]")
}

fn with_ports(text: &str, upstream_port: u16) -> String {
    let ports = [("10000", 0), ("9000", upstream_port), ("9901", 0)];
    assert_eq!(text.matches("port_value: ").count(), ports.len(), "the ports of an example");
    ports.iter().fold(text.to_owned(), |text, (from, to)| {
        let from = format!("port_value: {from} ");
        assert!(text.contains(&from), "an example has no {from}");
        text.replace(&from, &format!("port_value: {to} "))
    })
}

fn write(directory: &Directory, file: &str, text: &str) {
    let path = directory.path().join(file);
    fs::create_dir_all(path.parent().expect("the path has several parts")).expect("it can be written");
    fs::write(path, text).expect("it can be written");
}
