//! The room of the subcommands: a file for each, which does what its arguments ask for and reports the result.
//! `arguments` has the ones that several of them share.

pub(crate) mod arguments;
pub(crate) mod check;
pub(crate) mod convert;
pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod manual;
pub(crate) mod probe;
pub(crate) mod schema;
pub(crate) mod test;
