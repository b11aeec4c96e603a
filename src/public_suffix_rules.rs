//! How the rules of the Public Suffix List are kept, for the build script and the plugin alike: as hashes, sorted.

/// The hashes, by their first byte: of the others three are left to keep.
#[derive(Debug)]
pub struct Rules<T> {
    /// Where the hashes with each first byte begin in `rest`, and its length.
    pub starts: [u16; 257],
    /// The other three bytes of each hash.
    pub rest: T,
}

/// FNV-1a in 32 bits, <https://www.rfc-editor.org/rfc/rfc9923>, of a rule in two parts: `*.`, `!` or nothing, and the
/// name.
///
/// A name that is no suffix has the hash of one in about two cases of a million, and is then refused with a message
/// that names the switch to lift it: that is worth a quarter of the memory of the names.
pub fn hash(sign: &str, name: &str) -> u32 {
    let bytes = sign.bytes().chain(name.bytes());
    bytes.fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
