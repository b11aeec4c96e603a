//! The command's `probe`, asked of the filter in a real Envoy, of Envoy's native filter, and of small servers each of
//! which has one fault: the fault is found by its id, and nothing else is.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

#[expect(dead_code, reason = "where the files of the other suite are")]
#[path = "command/binary.rs"]
mod binary;
#[path = "probe/consent.rs"]
mod consent;
#[path = "probe/envoy.rs"]
mod envoy;
#[path = "probe/faults.rs"]
mod faults;
#[path = "probe/page.rs"]
mod page;
#[path = "probe/probed.rs"]
mod probed;
