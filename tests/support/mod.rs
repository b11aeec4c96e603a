//! What the integration tests share: a real Envoy with the built filter, an upstream that answers what a test says,
//! and a client that can send any byte.

#![allow(dead_code, reason = "each test file is a program of its own and uses a part of this")]

pub(crate) mod access_log;
pub(crate) mod base64;
pub(crate) mod bench;
pub(crate) mod cargo;
pub(crate) mod cases;
pub(crate) mod certificate;
pub(crate) mod config;
pub(crate) mod configuration;
pub(crate) mod directory;
pub(crate) mod envoy;
pub(crate) mod example;
pub(crate) mod expectation;
pub(crate) mod failures;
pub(crate) mod filter;
pub(crate) mod host;
pub(crate) mod http;
pub(crate) mod http2;
pub(crate) mod native;
pub(crate) mod plugin;
pub(crate) mod prometheus;
pub(crate) mod release;
pub(crate) mod upstream;
pub(crate) mod wait;
pub(crate) mod wasm_log;
pub(crate) mod yaml;
