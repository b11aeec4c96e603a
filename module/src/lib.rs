//! The CORS filter as an Envoy dynamic module: the same core as the plugin's, called by Envoy without a sandbox.
//!
//! # How it is built
//!
//! - [`host`]: the calls to Envoy, and the hooks that Envoy calls. The only unsafe code is here.
//! - `filter`: a configuration in service, of a listener or of a route, and what it counts and logs.
//! - `stream`: one request and its response.
//! - `counters` and `gauges`: the metrics, with their labels.
//! - `pending`: counts that Envoy does not have yet, so that no request waits for it to find a counter.
//! - `minute`: the only thread, which has Envoy collect the counts, and logs once a minute what operators should know.
//!
//! # What always holds
//!
//! - A panic costs one request a 500, and never the process: every hook catches it.
//! - Envoy never gets a null filter.
//! - Nothing that Envoy lends to a hook is kept after that hook.

mod counters;
mod filter;
mod gauges;
pub mod host;
mod minute;
mod pending;
mod stream;
