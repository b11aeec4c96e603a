//! Bytes in the JSON of Envoy.

/// <https://www.rfc-editor.org/rfc/rfc4648#section-4>, the form of bytes in Envoy's JSON.
pub(crate) fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let quantum = |chunk: &[u8]| {
        let group = chunk.iter().fold(0_u32, |group, byte| (group << 8) | u32::from(*byte));
        let group = group << (8 * (3 - chunk.len()));
        let sextet = |index: usize| char::from(ALPHABET[(group >> (18 - 6 * index)) as usize & 63]);
        (0..4).map(|index| if index <= chunk.len() { sextet(index) } else { '=' }).collect::<String>()
    };
    bytes.chunks(3).map(quantum).collect()
}
