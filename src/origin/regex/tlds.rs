//! Top-level domains that exist. If a class stands for the last label of a host, the search for a stranger tries these
//! first.
//!
//! The list is not complete: it has all with two letters, and the most common of the others.

use super::class::one;

/// <https://www.iana.org/domains/root/db>, those of two letters.
const COUNTRIES: [u32; 26] = by_last_letter(
    b"acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjbmbnbobrbsbtbwbybzcacccdcfcgchcickclcmcncocrcucvcwcxcyczdedjdkdmdodzeceeegeresetfifjfkfmfofrgagdgegfggghgiglgmgngpgqgrgsgtgugwgyhkhmhnhrhthuidieiliminioiqirisitjejmjojpkekgkhkikmknkpkrkwkykzlalblclilklrlsltlulvlymamcmdmemgmhmkmlmmmnmompmqmrmsmtmumvmwmxmymznancnenfngninlnonpnrnunzompapepfpgphpkplpmpnprpsptpwpyqarerorsrusasbscsdsesgshsiskslsmsnsosrssstsvsxsysztctdtftgthtjtktltmtntotrtttvtwtzuaugukusuyuzvavcvevgvivnvuwfwsyeytzazmzw",
);

/// Some of the others, the most common first.
const OTHERS: &str = "com net org dev app info company community network";

/// Whether a top-level domain ends like this.
#[must_use]
pub fn is_ending(text: &str) -> bool {
    let firsts = |last: &u8| COUNTRIES.get(usize::from(last.wrapping_sub(b'a'))).copied().unwrap_or_default();
    let is_country = match text.as_bytes() {
        [first, last] => firsts(last) & bit(*first) != 0,
        [last] => firsts(last) != 0,
        _ => false,
    };
    is_country || OTHERS.split(' ').any(|tld| tld.ends_with(text))
}

/// Whether this is a top-level domain, one of those known here.
#[must_use]
pub fn is_tld(text: &str) -> bool {
    (text.len() == 2 && is_ending(text)) || OTHERS.split(' ').any(|tld| tld == text)
}

/// Names of two letters, one after the other, by their last letters: for each, a bit for each first one.
#[expect(clippy::indexing_slicing, reason = "a name of other characters does not compile")]
const fn by_last_letter(mut names: &[u8]) -> [u32; 26] {
    let mut firsts = [0; 26];
    while let [first, last, rest @ ..] = names {
        firsts[last.wrapping_sub(b'a') as usize] |= bit(*first);
        names = rest;
    }
    firsts
}

/// The bit of a letter.
const fn bit(letter: u8) -> u32 {
    (one(letter) >> b'a') as u32
}
