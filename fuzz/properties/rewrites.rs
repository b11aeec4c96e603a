//! What a path may be taken for, by the contract's text: every combination of its rewrites, each written down alone.

/// The longest path that is read in every way, in bytes.
pub const MAX_BYTES: usize = 2048;

/// Every reading of a path that has no query any more: 3 × 2 × 2 × 2 × 2 of them, repeats among them.
pub fn readings(path: &[u8]) -> Vec<Vec<u8>> {
    let mut readings = Vec::new();
    for combination in 0..48_u32 {
        let (decodings, is_chosen) = (combination % 3, |bit: u32| (combination / 3) >> bit & 1 == 1);
        let mut text = text_of(path);
        for _ in 0..decodings {
            text = percent_decoded(&text);
        }
        if is_chosen(0) {
            text = text.replace('\\', "/");
        }
        if is_chosen(1) {
            text = cut_at_semicolons(&text);
        }
        if is_chosen(2) {
            text = with_merged_slashes(&text);
        }
        if is_chosen(3) {
            text = remove_dot_segments(&text);
        }
        readings.push(bytes_of(&text));
    }
    readings
}

/// Whether a reading is what an entry of `paths` names, or lies below it: as it is written, and decoded once and twice.
pub fn is_below(reading: &[u8], entry: &str) -> bool {
    let written = text_of(entry.trim_end_matches('/').as_bytes());
    let once = percent_decoded(&written);
    let twice = percent_decoded(&once);
    let reading = text_of(reading);
    [written, once, twice]
        .iter()
        .any(|prefix| reading == *prefix || reading.starts_with(&format!("{prefix}/")))
}

/// One character a byte.
fn text_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}

fn bytes_of(text: &str) -> Vec<u8> {
    text.chars().filter_map(|c| u8::try_from(c).ok()).collect()
}

fn percent_decoded(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut decoded = String::new();
    let mut at = 0;
    while at < chars.len() {
        let digit = |place: usize| chars.get(place).and_then(|c| c.to_digit(16));
        match (chars[at], digit(at + 1), digit(at + 2)) {
            ('%', Some(high), Some(low)) => {
                decoded.extend(char::from_u32(high * 16 + low));
                at += 3;
            }
            (other, _, _) => {
                decoded.push(other);
                at += 1;
            }
        }
    }
    decoded
}

fn cut_at_semicolons(text: &str) -> String {
    let segments: Vec<&str> =
        text.split('/').map(|segment| segment.split(';').next().unwrap_or("")).collect();
    segments.join("/")
}

fn with_merged_slashes(text: &str) -> String {
    let mut merged = text.to_owned();
    while merged.contains("//") {
        merged = merged.replace("//", "/");
    }
    merged
}

/// <https://www.rfc-editor.org/rfc/rfc3986#section-5.2.4>, its steps by their letters.
fn remove_dot_segments(text: &str) -> String {
    let (mut input, mut output) = (text, String::new());
    while !input.is_empty() {
        let begins = |start: &str| input.starts_with(start);
        if begins("../") || begins("./") {
            input = input.split_once('/').map_or("", |(_, rest)| rest); // A
        } else if begins("/./") || input == "/." {
            input = input.get(2..).filter(|rest| !rest.is_empty()).unwrap_or("/"); // B
        } else if begins("/../") || input == "/.." {
            input = input.get(3..).filter(|rest| !rest.is_empty()).unwrap_or("/"); // C
            output.truncate(output.rfind('/').unwrap_or(0));
        } else if input == "." || input == ".." {
            input = ""; // D
        } else {
            // E, "the first path segment [...], including the initial `/` character (if any)"
            let end = input.char_indices().skip(1).find(|(_, c)| *c == '/').map_or(input.len(), |(at, _)| at);
            let (segment, rest) = input.split_at(end);
            output.push_str(segment);
            input = rest;
        }
    }
    output
}
