//! What stands in the filter chain.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::class::Class;
use crate::module;
use crate::stage::Place;
use crate::support::cargo;
use crate::support::config::{Configuration, filter, typed, wasm_filter};
use crate::support::filter::Filter;
use crate::support::plugin;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Variant {
    NoFilter,
    Native,
    EmptyModule,
    EmptySdk,
    EmptySdkLikePlugin,
    SameCalls,
    Plugin,
    Module,
}

impl Variant {
    pub(crate) const FILTERS: [Self; 7] = [
        Self::Native,
        Self::EmptyModule,
        Self::EmptySdk,
        Self::EmptySdkLikePlugin,
        Self::SameCalls,
        Self::Plugin,
        Self::Module,
    ];

    pub(crate) const ALL: [Self; 8] = {
        let [a, b, c, d, e, f, g] = Self::FILTERS;
        [Self::NoFilter, a, b, c, d, e, f, g]
    };

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::NoFilter => "no filter",
            Self::Native => "Envoy's own CORS filter",
            Self::EmptyModule => "empty module, hand-written",
            Self::EmptySdk => "empty plugin of the Rust SDK",
            Self::EmptySdkLikePlugin => "the same, linked as this plugin is",
            Self::SameCalls => "hand-written, the same host calls",
            Self::Plugin => "this plugin",
            Self::Module => "this dynamic module",
        }
    }

    /// Whether V8 runs it.
    pub(crate) fn is_wasm(self) -> bool {
        !matches!(self, Self::NoFilter | Self::Native | Self::Module)
    }

    /// The name for places with little room.
    pub(crate) fn short_name(self) -> &'static str {
        match self {
            Self::Native => "Envoy's own",
            Self::SameCalls => "hand-written module",
            _ => self.name(),
        }
    }

    /// The filters before the router. Modules that have no file yet are written to `directory`.
    pub(crate) fn filters(self, class: Class, directory: &Path) -> Vec<Value> {
        let wasm = |path: &Path, policy| vec![wasm_filter("bench", path, &policy)];
        match self {
            Self::NoFilter => vec![],
            Self::Native => vec![filter("cors", "cors.v3.Cors", &json!({}))],
            Self::EmptyModule => wasm(&written(directory, "empty", &module::empty()), Configuration::Absent),
            Self::EmptySdk => wasm(empty_sdk(), Configuration::Absent),
            Self::EmptySdkLikePlugin => wasm(empty_sdk_like_plugin(), Configuration::Absent),
            Self::SameCalls => {
                let bytes = module::making(&class.request_calls(), &class.response_calls());
                wasm(&written(directory, &format!("calls-{class:?}"), &bytes), Configuration::Absent)
            }
            Self::Plugin => wasm(plugin::module(), Configuration::Struct(&class.policy())),
            Self::Module => vec![Filter::Module.named("bench", &Configuration::Struct(&class.policy()))],
        }
    }

    /// Panics if these are not the headers that responses must have, `access-control-*` and `vary`.
    pub(crate) fn check(self, class: Class, place: Place, headers: &BTreeMap<&str, String>) {
        let expected = match self {
            Self::NoFilter | Self::EmptyModule | Self::EmptySdk | Self::EmptySdkLikePlugin => BTreeMap::new(),
            // It leaves responses alone that do not come from an upstream.
            Self::Native if place == Place::Direct => BTreeMap::new(),
            Self::Native => class.native_edits(),
            Self::SameCalls | Self::Plugin | Self::Module => class.edits(),
        };
        assert_eq!(*headers, expected, "{self:?}, {class:?}, {place:?}");
    }

    /// A route's settings for the filters.
    pub(crate) fn settings(self, class: Class) -> Value {
        match self {
            Self::Native => {
                json!({ "envoy.filters.http.cors": typed("filters.http.cors.v3.CorsPolicy", &class.native_policy()) })
            }
            _ => json!({}),
        }
    }
}

fn written(directory: &Path, name: &str, module: &[u8]) -> PathBuf {
    let path = directory.join(name).with_extension("wasm");
    fs::write(&path, module).expect("the directory can be written");
    path
}

/// `benches/empty_sdk` with every export that the SDK gives it.
fn empty_sdk() -> &'static Path {
    static MODULE: OnceLock<PathBuf> = OnceLock::new();
    MODULE.get_or_init(|| {
        let plain_linker = ["--config", "target.wasm32-wasip1.linker='rust-lld'"];
        build_empty_sdk(concat!(env!("CARGO_TARGET_TMPDIR"), "/empty_sdk"), &plain_linker)
    })
}

/// `benches/empty_sdk` built with all the settings of this repository.
fn empty_sdk_like_plugin() -> &'static Path {
    static MODULE: OnceLock<PathBuf> = OnceLock::new();
    MODULE
        .get_or_init(|| build_empty_sdk(concat!(env!("CARGO_TARGET_TMPDIR"), "/empty_sdk_like_plugin"), &[]))
}

fn build_empty_sdk(target: &str, settings: &[&str]) -> PathBuf {
    let manifest = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/empty_sdk/Cargo.toml");
    cargo::wasm(
        "empty_sdk",
        &[&["--locked", "--manifest-path", manifest, "--target-dir", target], settings].concat(),
    )
}
