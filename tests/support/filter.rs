//! Which of the two builds of the filter is tested: `FILTER=module` is the dynamic module, anything else the plugin.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Value, json};

use super::config::{Configuration, filter, wasm_filter};
use super::{cargo, plugin};

/// A build of the filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    /// For every proxy-wasm host.
    Plugin,
    /// For Envoy alone.
    Module,
}

impl Filter {
    /// The one under test.
    pub(crate) fn under_test() -> Self {
        match std::env::var("FILTER").as_deref() {
            Ok("module") => Self::Module,
            Ok("plugin") | Err(_) => Self::Plugin,
            Ok(other) => panic!("FILTER is `{other}`: it is `plugin` or `module`"),
        }
    }

    /// Its word for itself in the log.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Plugin => "plugin",
            Self::Module => "module",
        }
    }

    /// An HTTP filter of Envoy with a name, which Envoy or the filter itself puts before each line that it logs.
    pub(crate) fn named(self, name: &str, configuration: &Configuration) -> Value {
        match self {
            Self::Plugin => wasm_filter(name, plugin::module(), configuration),
            Self::Module => module_filter(name, module(), configuration),
        }
    }

    /// The counter of a policy's requests of an outcome, as Envoy has it.
    pub(crate) fn stat(self, policy: &str, outcome: &str) -> String {
        match self {
            Self::Plugin => format!("wasmcustom.proxy_wasm_cors.{policy}.{outcome}"),
            Self::Module => format!("dynamicmodulescustom.proxy_wasm_cors.{outcome}.cors_policy.{policy}"),
        }
    }

    /// The policy of one of its counters, and the name that the counter has behind that in the contract.
    pub(crate) fn counter(self, stat: &str) -> Option<(String, String)> {
        let named = |(policy, name): (&str, &str)| (policy.to_owned(), name.to_owned());
        match self {
            Self::Plugin => stat.strip_prefix("wasmcustom.proxy_wasm_cors.")?.split_once('.').map(named),
            Self::Module => {
                let stat = stat.strip_prefix("dynamicmodulescustom.proxy_wasm_cors.")?;
                let (name, labels) = stat.split_once(".cors_policy.")?;
                match labels.split_once(".cors_reason.").zip(labels.split_once(".cors_kind.")) {
                    None => Some(named((labels, name))),
                    Some(((policy, rest), _)) => {
                        let (reason, _kind) = rest.split_once(".cors_kind.")?;
                        Some((policy.to_owned(), format!("{name}.{reason}")))
                    }
                }
            }
        }
    }
}

/// The module, built before its first use in each test program.
pub(crate) fn module() -> &'static Path {
    static MODULE: OnceLock<PathBuf> = OnceLock::new();
    MODULE.get_or_init(|| cargo::module(&[]))
}

/// A filter of a module.
pub(crate) fn module_filter(name: &str, module: &Path, configuration: &Configuration) -> Value {
    let mut fields = json!({ "dynamic_module_config": of_file(module), "filter_name": name });
    if let Some(configuration) = configuration.to_json() {
        fields["filter_config"] = configuration;
    }
    filter("dynamic_modules", "dynamic_modules.v3.DynamicModuleFilter", &fields)
}

/// Where Envoy has a module from.
pub(crate) fn of_file(module: &Path) -> Value {
    json!({ "module": { "local": { "filename": module } } })
}
