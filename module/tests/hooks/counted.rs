//! What Envoy has of the counters: one number for each name and its labels, whichever configuration adds to it.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::envoy::{Buffer, bytes};

const NAMES: [&str; 7] = [
    "proxy_wasm_cors.preflight_allowed",
    "proxy_wasm_cors.preflight_denied",
    "proxy_wasm_cors.request_allowed",
    "proxy_wasm_cors.request_denied",
    "proxy_wasm_cors.denied",
    "proxy_wasm_cors.config",
    "proxy_wasm_cors.config_invalid",
];

/// By the name behind `proxy_wasm_cors.` and the values of the labels, with slashes between them.
static COUNTED: Mutex<BTreeMap<String, u64>> = Mutex::new(BTreeMap::new());

fn counted() -> MutexGuard<'static, BTreeMap<String, u64>> {
    COUNTED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The number by which the module knows a metric.
pub(crate) fn id_of(name: &str) -> usize {
    NAMES.iter().position(|known| *known == name).unwrap_or_else(|| panic!("there is no metric {name}"))
}

pub(crate) fn is_known(id: usize) -> bool {
    id < NAMES.len()
}

pub(crate) fn add(id: usize, labels: &[Buffer], by: u64) {
    let name = NAMES.get(id).expect("it is defined").trim_start_matches("proxy_wasm_cors.");
    let labels = labels.iter().map(|label| String::from_utf8_lossy(bytes(label)).into_owned());
    let series = std::iter::once(name.to_owned()).chain(labels).collect::<Vec<_>>().join("/");
    let mut counted = counted();
    let number = counted.entry(series).or_default();
    *number = number.saturating_add(by);
}

/// Everything that was counted since the last time, without zeros.
pub(crate) fn take() -> BTreeMap<String, u64> {
    let mut counted = std::mem::take(&mut *counted());
    counted.retain(|_, number| *number > 0);
    counted
}

/// How many counters Envoy shows, zeros too.
pub(crate) fn shown() -> usize {
    counted().len()
}
