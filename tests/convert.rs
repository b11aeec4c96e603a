//! `convert`: the settings of other products become the policies that they mean, and each difference has its note.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, reason = "a test fails by panicking")]
#![expect(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

#[expect(dead_code, reason = "where the files of the other suite are")]
#[path = "command/binary.rs"]
mod binary;
#[path = "convert/cases.rs"]
mod cases;
#[path = "convert/documentation.rs"]
mod documentation;
#[path = "convert/hostile.rs"]
mod hostile;
#[path = "convert/kubernetes.rs"]
mod kubernetes;
#[path = "convert/manifests.rs"]
mod manifests;
#[path = "convert/rules.rs"]
mod rules;
#[path = "convert/usage.rs"]
mod usage;
