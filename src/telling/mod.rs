//! The room of telling: what the outside learns about a verdict.
//!
//! [`counters`] are what metrics show, [`denial`] holds the texts that the access log and the log show for a denied
//! request, and [`digest`] adds up, for the log, who is denied most. All of these texts are a contract: dashboards,
//! alerts and people look for them.
//!
//! Verdicts come in, and policies for their names. They contain what a page sent, which may be any bytes, so everything
//! is escaped and cut before it goes out. This room knows only that of policies; the rooms that talk to a host deliver
//! the texts.

pub mod counters;
pub mod denial;
pub mod digest;
