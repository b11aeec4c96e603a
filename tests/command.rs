//! The native command, run as an operator runs it: `check` finds every configuration and every mistake, in its place;
//! `explain` says what the filter does and what a browser makes of it; `test` holds it to expectations; `diff` says what
//! changes for pages; `schema` describes what the plugin reads.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]
#![expect(clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

#[path = "command/acceptance.rs"]
mod acceptance;
#[path = "command/binary.rs"]
mod binary;
#[path = "command/expectations.rs"]
mod expectations;
#[path = "command/formats.rs"]
mod formats;
#[path = "command/live.rs"]
mod live;
#[path = "command/messages.rs"]
mod messages;
#[path = "command/page.rs"]
mod page;
#[path = "command/placement.rs"]
mod placement;
#[path = "command/readme.rs"]
mod readme;
#[path = "command/schema.rs"]
mod schema;
#[path = "command/transcripts.rs"]
mod transcripts;
#[path = "command/usage.rs"]
mod usage;
