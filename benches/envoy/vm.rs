//! What a module costs before the first request: how much longer Envoy takes to start, and how much memory it holds.

use std::path::Path;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::class::Class;
use crate::samples::Quartiles;
use crate::support::config::{Bootstrap, Listener};
use crate::support::envoy::{Directory, Envoy};
use crate::variant::Variant;

/// The modules that are compared, in a filter each.
pub(crate) const VARIANTS: [Variant; 4] =
    [Variant::EmptyModule, Variant::EmptySdkLikePlugin, Variant::Plugin, Variant::Module];

/// How many filters there are of a module: each with its own VM in the worker, and one more in the main thread from
/// which that VM is made.
const FILTERS: u32 = 16;

/// No request goes anywhere.
const NO_UPSTREAM: u16 = 1;

/// Starts of Envoy with each module.
pub(crate) const STARTS: usize = 7;

/// What one filter costs.
pub(crate) struct Cost {
    pub(crate) milliseconds: Quartiles,
    pub(crate) kibibytes: Quartiles,
}

/// Measures each variant, in rounds.
pub(crate) fn measure(starts: usize) -> Vec<(Variant, Cost)> {
    let mut samples = vec![(Vec::new(), Vec::new()); VARIANTS.len()];
    // Fills the page cache first, so that reading files is not measured.
    start(Variant::Plugin, FILTERS);
    for _ in 0..starts {
        let (base_time, base_memory) = start(Variant::NoFilter, 0);
        for (variant, (milliseconds, kibibytes)) in VARIANTS.into_iter().zip(&mut samples) {
            let (time, memory) = start(variant, FILTERS);
            milliseconds.push((time.as_secs_f64() - base_time.as_secs_f64()) * 1e3 / f64::from(FILTERS));
            kibibytes.push((memory - base_memory) / f64::from(FILTERS));
        }
    }
    let costs = samples.into_iter().map(|(milliseconds, kibibytes)| Cost {
        milliseconds: Quartiles::of(milliseconds),
        kibibytes: Quartiles::of(kibibytes),
    });
    VARIANTS.into_iter().zip(costs).collect()
}

/// Starts an Envoy with this many filters of the variant; returns how long it takes to serve, and its memory then, in
/// KiB.
fn start(variant: Variant, filters: u32) -> (Duration, f64) {
    let directory = Directory::new();
    let filters = (0..filters).flat_map(|number| alone(variant, number, directory.path())).collect();
    let bootstrap = Bootstrap::new(NO_UPSTREAM).listener(&Listener::new("measured", filters));
    let before = Instant::now();
    let envoy = Envoy::start_to_measure(directory, &bootstrap);
    (before.elapsed(), envoy.resident_memory() as f64 / 1024.0)
}

/// The variant's filter in its own VM.
fn alone(variant: Variant, number: u32, directory: &Path) -> Vec<Value> {
    let mut filters = variant.filters(Class::Allowed, directory);
    for filter in &mut filters {
        // The dynamic module has none.
        if let Some(plugin) = filter["typed_config"].get_mut("config") {
            plugin["vm_config"]["vm_id"] = format!("vm-{number}").into();
        }
    }
    filters
}
