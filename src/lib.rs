//! A CORS filter for Envoy, Istio and every other proxy-wasm host.
//!
//! # How it is built
//!
//! Data flows in one direction:
//!
//! ```text
//! configuration bytes -> config::load -> PolicySet, or every problem at once
//! request head -> PolicySet::decide -> Policy::decide -> Decision -> edits of the response, or a reply
//! ```
//!
//! - [`config`] reads JSON text or a `google.protobuf.Struct` and makes policies that can only exist valid.
//! - [`policy_set`] and [`selector`] choose the policy; [`policy`] decides, with one module per response header
//!   ([`allow_origin`], [`allow_methods`], [`allow_headers`]); [`decision`] and [`response_edits`] are the outcome as plain data.
//! - [`origin`], [`host`], [`origin_pattern`], [`origin_set`], [`origin_regex`], [`method`], [`header_name`],
//!   [`requested_headers`] and [`vary`] are the nouns of the protocol, read strictly from hostile bytes.
//! - `plugin`, built for Wasm only, is the one module that knows the host: it reads bytes, asks for the decision and
//!   applies it.
//!
//! # What always holds
//!
//! - The core does no I/O, names no type of the host, and cannot panic on any bytes.
//! - The request path looks up what the configuration prepared; it joins and lower-cases only what it echoes.
//! - A header of the request is asked for only when the decision depends on it: each answer costs.
//!
//! Words are those of the [Fetch Standard](https://fetch.spec.whatwg.org/#http-cors-protocol).

pub mod config;

pub mod policy;
pub mod request;

pub mod origin;

pub mod telling;

#[cfg(target_family = "wasm")]
mod plugin;
