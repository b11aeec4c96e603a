//! The room of files: from what stands in a file to the configurations of the filter in it.
//!
//! `document` reads YAML and JSON into nodes, each with its line. `find` looks for the filter's configuration in them,
//! `any` unwraps what Envoy wraps it in, `embedded` reads files that stand in files, `likeness` tells the filter from other
//! plugins, and `nested` says what a file without one holds instead, with `other` for the settings of other products. `in_force`
//! chooses the one of several that is asked about, by its `names`.

pub(crate) mod any;
mod base64;
pub(crate) mod document;
mod embedded;
pub(crate) mod find;
pub(crate) mod in_force;
mod likeness;
pub(crate) mod module;
mod names;
pub(crate) mod nested;
mod other;
