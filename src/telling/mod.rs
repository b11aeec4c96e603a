//! The room of telling: what the outside learns of a verdict.
//!
//! [`counters`] are what metrics show, [`denial`] holds the texts that the access log and the log show of a denied request, and
//! [`digest`] adds up for the log who is denied most.
//! All of these texts are a contract: dashboards, alerts and people look for them.
//!
//! Verdicts come in, and policies for their names. What a page sent stands in them unread and may be any bytes, so nothing
//! of it goes out unescaped or at any length. Of the other rooms only that of policies is known here: whoever speaks to a
//! host carries the texts there.

pub mod counters;
pub mod denial;
pub mod digest;
