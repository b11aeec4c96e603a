//! How the build script and the plugin store the rules of the Public Suffix List: as sorted hashes, of which only the
//! gaps between neighbours are stored, in a Rice code.

/// How many bits of a hash are kept.
///
/// About one in 28,000 names that are not a suffix has the hash of one. It is then refused, with a message that names
/// the switch to lift this. In return the list takes a seventh of the memory of the names. No suffix is ever missed.
pub const HASH_BITS: u32 = 28;

/// How many bits choose the block in which to look for a hash.
pub const BLOCK_BITS: u32 = 8;

/// How many bits of a gap are stored as they are; the rest is stored in unary, as that many ones and a zero.
pub const PLAIN_BITS: u32 = 14;

/// The gaps, in blocks. Within a block, each hash is stored as its distance from the next possible one.
#[derive(Debug)]
pub struct Rules<T> {
    /// Where each block begins in `gaps`, and the length of it all.
    pub starts: [u16; (1 << BLOCK_BITS) + 1],
    /// The bits, each block filled up with ones to a whole byte.
    pub gaps: T,
}

/// What a name in the table stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// It is a public suffix.
    Suffix,
    /// Every name directly below it is one.
    AllBelow,
    /// It is not a suffix, but somewhere below it there is one.
    Above,
}

/// FNV-1a in 32 bits, <https://www.rfc-editor.org/rfc/rfc9923>, folded to [`HASH_BITS`], of a sign for the kind and the
/// name.
pub fn hash(kind: Kind, name: &str) -> u32 {
    let sign = match kind {
        Kind::Suffix => "",
        Kind::AllBelow => "*.",
        Kind::Above => "^",
    };
    let bytes = sign.bytes().chain(name.bytes());
    let hash: u32 = bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    (hash >> HASH_BITS) ^ (hash & !(u32::MAX << HASH_BITS))
}

/// The block of a hash, and what is left of it there.
pub fn split(hash: u32) -> (usize, u32) {
    const REST_BITS: u32 = HASH_BITS - BLOCK_BITS;
    ((hash >> REST_BITS) as usize, hash & !(u32::MAX << REST_BITS))
}
