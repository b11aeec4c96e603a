//! The room of the page: what a browser sends for a call that a script makes, and what it makes of the answers.
//!
//! Nothing here knows the filter, but for the words that both read in the Fetch Standard.

pub(crate) mod browser;
pub(crate) mod head;
