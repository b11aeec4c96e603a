//! The CORS filter as an Envoy dynamic module: the same core as the plugin's, called by Envoy without a sandbox.
//!
//! # How it is built
//!
//! - [`host`]: everything that is asked of Envoy, and the hooks by which it asks. The only unsafe code is here.
//! - `filter`: a configuration in service, for a listener or for a route, and what is told under it.
//! - `stream`: one request and its response.
//! - `counters` and `gauges`: what metrics show, with labels.
//! - `minute`: the one thread, which tells the log from time to time what operators should know.
//!
//! # What always holds
//!
//! - A panic costs one request a 500, and never the process: no hook lets one out.
//! - Envoy never gets a null filter.
//! - Nothing that Envoy lends is kept after the hook for which it is lent.

mod counters;
mod filter;
mod gauges;
pub mod host;
mod minute;
mod stream;
