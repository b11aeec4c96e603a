//! A CORS filter for Envoy, Istio and other proxy-wasm hosts.
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
//! The rooms, in the order in which to read them; each says in its first lines what lives there and what may enter:
//!
//! - [`origin`]: what the origin of a page is, and what an operator writes to name some.
//! - [`request`]: what a request is, in the words of the Fetch Standard.
//! - [`policy`]: who may do what, and the decision on one request, as plain data.
//! - [`config`]: from JSON text or a `google.protobuf.Struct` to policies, or to everything that is wrong with them.
//! - [`telling`]: what metrics and logs say of a verdict.
//! - `plugin`, built for Wasm only: the one room that knows the host. It reads bytes, asks for the decision and applies it.
//! - `bin`: the command, which reads files and asks the same core.
//!
//! The crate `module` beside this one puts the core into a dynamic module for Envoy, as `plugin` does for Wasm.
//!
//! They stand on four floors, and each knows only rooms below it; `tests/rooms.rs` checks this:
//!
//! ```text
//! plugin  -> config, telling, policy, request     bin -> config, policy, origin, request
//! config  -> policy, origin, request              telling -> policy
//! policy  -> origin, request
//! origin                                          request
//! ```
//!
//! # What always holds
//!
//! - The core does no I/O, names no type of the host, and cannot panic on any bytes.
//! - The request path only looks up what the configuration prepared; it joins and lower-cases only what it echoes.
//! - The core asks for a request header only when the decision depends on it, because each answer costs time.
//!
//! Words are those of the [Fetch Standard](https://fetch.spec.whatwg.org/#http-cors-protocol).

pub mod origin;
pub mod request;

pub mod policy;

pub mod config;
pub mod telling;

#[cfg(target_family = "wasm")]
mod plugin;
