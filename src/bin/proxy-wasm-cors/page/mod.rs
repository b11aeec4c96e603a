//! The room of the page: what a browser sends for a call that a script makes, and what it makes of the answers.
//!
//! `call` is what the script asks for, `safelist` what needs no permission, `head` the requests that come of it, and `checks`
//! what the browser then looks at, all step by step from the Fetch Standard. `course` plays a call against policies and
//! says what the page gets, and `summary` says it in the words of the access log. Only these two know the filter's
//! decisions.

pub(crate) mod call;
pub(crate) mod checks;
pub(crate) mod course;
pub(crate) mod head;
mod safelist;
pub(crate) mod summary;
