//! The room of the probe: it sends a live endpoint what a browser would send for a page's call, and judges the answers.
//!
//! `endpoint` is what is asked, `request` what is sent to it and `client` sends it; `trust` says which certificates to
//! trust, `strangers` which other origins an audit tries. `inquiry` puts the requests in order and judges the answers
//! by the browser's own checks; `findings` says what is risky in them, `comparison` where a policy says otherwise, and
//! `telling` prints it all. Only `client` and `trust` touch the network. What a server sends is never printed
//! unescaped.

pub(crate) mod client;
pub(crate) mod comparison;
pub(crate) mod endpoint;
pub(crate) mod findings;
pub(crate) mod inquiry;
mod request;
mod strangers;
pub(crate) mod telling;
pub(crate) mod trust;
