//! Which origins are denied most, for a line in the log from time to time. An operator who looks there need not wait
//! for the next denial, nor turn on a log line for each.

use std::fmt;

use super::denial::Escaped;
use crate::policy::decision::{Denial, Reason};

/// How many pairs of origin and reason are counted at a time, which bounds the memory whatever clients send.
const MAX_PAIRS: usize = 32;
/// How many of them are told.
const MAX_TOLD: usize = 5;
/// How much of an origin is kept, in bytes: no valid one is longer, and the log shows less anyway.
const MAX_KEPT_BYTES: usize = 326;

/// The denials of one policy since the last report.
///
/// If there are more pairs than this, a new pair replaces the rarest one and takes over its count. So a frequent pair
/// is never lost, and no count is too low. (This is the Space-Saving algorithm of Metwally, Agrawal and El Abbadi,
/// 2005.)
#[derive(Debug, Default)]
pub struct Digest {
    denials: u64,
    pairs: Vec<Pair>,
}

#[derive(Debug)]
struct Pair {
    origin: Vec<u8>,
    reason: Reason,
    count: u64,
}

impl Digest {
    /// Counts a denial.
    pub fn count(&mut self, denial: &Denial) {
        self.denials = self.denials.saturating_add(1);
        let origin = denial.origin.get(..MAX_KEPT_BYTES).unwrap_or(&denial.origin);
        let is_known = |pair: &&mut Pair| pair.reason == denial.reason && pair.origin == origin;
        if let Some(pair) = self.pairs.iter_mut().find(is_known) {
            pair.count = pair.count.saturating_add(1);
        } else if self.pairs.len() < MAX_PAIRS {
            self.pairs.push(Pair { origin: origin.to_vec(), reason: denial.reason, count: 1 });
        } else if let Some(least) = self.pairs.iter_mut().min_by_key(|pair| pair.count) {
            *least =
                Pair { origin: origin.to_vec(), reason: denial.reason, count: least.count.saturating_add(1) };
        }
    }

    /// What was counted since the last time, if anything was.
    pub fn take(&mut self) -> Option<Self> {
        (self.denials > 0).then(|| {
            let mut taken = std::mem::take(self);
            // They are few, and this happens once a minute; the library's sort would be much code in the module.
            let mut sorted: Vec<Pair> = Vec::new();
            for pair in taken.pairs.drain(..) {
                let at = sorted.iter().take_while(|other| other.count >= pair.count).count();
                sorted.insert(at, pair);
            }
            taken.pairs = sorted;
            taken
        })
    }
}

/// The number of denials, and the pairs that came most.
impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} in the last minute", self.denials)?;
        for (place, pair) in self.pairs.iter().take(MAX_TOLD).enumerate() {
            f.write_str(if place == 0 { "; most often " } else { ", " })?;
            write!(f, "{} {} ({})", Escaped(&pair.origin), pair.reason, pair.count)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::decision::Kind;

    fn count(digest: &mut Digest, origin: &str, reason: Reason, times: usize) {
        let origin = origin.as_bytes().to_vec();
        let denial =
            Denial { kind: Kind::Cors, reason, origin, refused: Vec::new(), is_open_websocket: false };
        for _ in 0..times {
            digest.count(&denial);
        }
    }

    #[test]
    fn the_commonest_come_first() {
        let mut digest = Digest::default();
        assert!(digest.take().is_none());
        count(&mut digest, "https://b.example", Reason::OriginNotAllowed, 2);
        count(&mut digest, "https://a.example", Reason::OriginNotAllowed, 3);
        count(&mut digest, "https://a.example", Reason::MethodNotAllowed, 1);
        assert_eq!(
            digest.take().map(|taken| taken.to_string()).as_deref(),
            Some(
                "6 in the last minute; most often `https://a.example` origin-not-allowed (3), `https://b.example` origin-not-allowed (2), \
                 `https://a.example` method-not-allowed (1)"
            )
        );
        assert!(digest.take().is_none());
    }

    #[test]
    fn five_are_told() {
        let mut digest = Digest::default();
        for number in 0..9 {
            count(&mut digest, &format!("https://{number}.example"), Reason::OriginNotAllowed, number);
        }
        let taken = digest.take().unwrap().to_string();
        assert!(
            taken.starts_with(
                "36 in the last minute; most often `https://8.example` origin-not-allowed (8), "
            ),
            "{taken}"
        );
        assert_eq!(taken.matches("not-allowed").count(), MAX_TOLD, "{taken}");
    }

    /// A client that sends a new origin with each request does not hide frequent ones.
    #[test]
    fn memory_is_bounded_and_what_is_common_is_kept() {
        let mut digest = Digest::default();
        for number in 0..10_000 {
            count(&mut digest, &format!("https://{number}.example"), Reason::OriginNotAllowed, 1);
            count(&mut digest, "https://common.example", Reason::OriginNotAllowed, 1);
        }
        count(&mut digest, &"a".repeat(50_000), Reason::OriginMalformed, 1);
        assert_eq!(digest.pairs.len(), MAX_PAIRS);
        assert!(digest.pairs.iter().all(|pair| pair.origin.len() <= MAX_KEPT_BYTES));
        let taken = digest.take().unwrap().to_string();
        assert!(
            taken.starts_with(
                "20001 in the last minute; most often `https://common.example` origin-not-allowed (10000)"
            ),
            "{taken}"
        );
    }
}
