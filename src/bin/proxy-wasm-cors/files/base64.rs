//! Bytes as Envoy's JSON and YAML write them: <https://www.rfc-editor.org/rfc/rfc4648#section-4>, or with the other
//! alphabet of section 5, with all of its padding or none.

use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

const ENGINE: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::RequireNone)
        .with_decode_allow_trailing_bits(true),
);

/// The bytes that a text stands for; `None` if it is not base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let unpadded = text.trim_end_matches('=');
    let padded = unpadded.len().next_multiple_of(4);
    if text.len() != unpadded.len() && text.len() != padded {
        return None;
    }
    ENGINE.decode(unpadded.replace('-', "+").replace('_', "/")).ok()
}
