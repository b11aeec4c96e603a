//! Bytes as Envoy's JSON and YAML write them: <https://www.rfc-editor.org/rfc/rfc4648#section-4>, or with the other
//! alphabet of section 5, with all of its padding or none.

/// The bytes that a text stands for; `None` if it is not base64.
pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
    let unpadded = text.trim_end_matches('=');
    let padded = unpadded.len().next_multiple_of(4);
    if text.len() != unpadded.len() && text.len() != padded {
        return None;
    }
    let digits = unpadded.bytes().map(sextet).collect::<Option<Vec<u32>>>()?;
    let quanta = digits.chunks(4).map(|quantum| match quantum {
        [a, b, c, d] => Some(bytes(a << 18 | b << 12 | c << 6 | d, 3)),
        [a, b, c] => Some(bytes(a << 18 | b << 12 | c << 6, 2)),
        [a, b] => Some(bytes(a << 18 | b << 12, 1)),
        _ => None,
    });
    Some(quanta.collect::<Option<Vec<_>>>()?.concat())
}

fn bytes(quantum: u32, count: usize) -> Vec<u8> {
    quantum.to_be_bytes().into_iter().skip(1).take(count).collect()
}

fn sextet(digit: u8) -> Option<u32> {
    let digit = match digit {
        b'-' => b'+',
        b'_' => b'/',
        other => other,
    };
    let alphabet = (b'A'..=b'Z').chain(b'a'..=b'z').chain(b'0'..=b'9').chain([b'+', b'/']);
    (0..).zip(alphabet).find_map(|(value, letter)| (letter == digit).then_some(value))
}
