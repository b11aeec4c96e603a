//! The hash under which rules of the Public Suffix List are kept; the build script uses it too.

/// FNV-1a in 32 bits, <https://www.rfc-editor.org/rfc/rfc9923>.
///
/// A name that is no suffix has the hash of one in about two cases of a million, and is then refused with a message
/// that names the switch to lift it: that is worth a quarter of the memory of the names.
pub fn hash(name: &str) -> u32 {
    name.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}
