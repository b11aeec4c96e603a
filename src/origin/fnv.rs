//! FNV-1a, <https://www.rfc-editor.org/rfc/rfc9923>: a small hash for tables with keys that the operator chose. No
//! attacker can fill them with colliding keys, so the standard library's hash is not needed: it takes more of the
//! module, more time, and randomness from the host.

use std::hash::{BuildHasherDefault, Hasher};

/// Makes a `HashMap` or a `HashSet` use this hash.
pub type BuildFnv = BuildHasherDefault<Fnv>;

/// The hash in 64 bits, as far as it is computed.
#[derive(Clone, Debug)]
pub struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hasher for Fnv {
    fn write(&mut self, bytes: &[u8]) {
        let step = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3);
        self.0 = bytes.iter().fold(self.0, step);
    }

    fn finish(&self) -> u64 {
        self.0
    }
}
