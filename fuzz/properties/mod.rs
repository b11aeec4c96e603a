//! What must hold for any bytes, with a second, naive implementation of every parser of hostile bytes.
//!
//! Nothing here knows the fuzzer: the targets feed [`TARGETS`] with what libFuzzer makes up, and `tests/corpora.rs`
//! feeds them with every case that was kept. A property that does not hold is a panic.

#![expect(clippy::indexing_slicing, reason = "a property that does not hold is a panic")]
#![expect(clippy::arithmetic_side_effects, reason = "the fuzzer builds with overflow checks")]

mod allowed;
pub mod config_tree;
pub mod configuration;
pub mod decide;
mod field;
mod naive_policy;
mod naive_set;
pub mod origin;
pub mod own_origin;
pub mod pattern;
pub mod policies;
pub mod regex;
mod request;
pub mod requested_headers;
mod rewrites;
mod same_site;
pub mod selector;
pub mod structpb;
mod told;
pub mod vary;

/// Panics if something does not hold for the bytes.
pub type Property = fn(&[u8]);

/// The fuzz targets by name, each with its property.
pub const TARGETS: [(&str, Property); 12] = [
    ("config", configuration::check),
    ("config_struct", structpb::check),
    ("config_tree", config_tree::check),
    ("decide", decide::check),
    ("origin", origin::check),
    ("own_origin", own_origin::check),
    ("pattern", pattern::check),
    ("policies", policies::check),
    ("regex", regex::check),
    ("requested_headers", requested_headers::check),
    ("selector", selector::check),
    ("vary", vary::check),
];
