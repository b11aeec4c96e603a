//! Top-level domains that exist: where a class stands for the last label of a host, only these make a stranger.
//!
//! Not all of them: two hundred of two letters are whole, of the others there are enough to find one where some exist.

/// <https://www.iana.org/domains/root/db>, those of two letters, one after the other.
const COUNTRIES: &str = "acadaeafagaialamaoaqarasatauawaxazbabbbdbebfbgbhbibjbmbnbobrbsbtbwbybzcacccdcfcgchcickclcmcncocrcucvcwcxcyczdedjdkdmdodzeceeegeresetfifjfkfmfofrgagdgegfggghgiglgmgngpgqgrgsgtgugwgyhkhmhnhrhthuidieiliminioiqirisitjejmjojpkekgkhkikmknkpkrkwkykzlalblclilklrlsltlulvlymamcmdmemgmhmkmlmmmnmompmqmrmsmtmumvmwmxmymznancnenfngninlnonpnrnunzompapepfpgphpkplpmpnprpsptpwpyqarerorsrusasbscsdsesgshsiskslsmsnsosrssstsvsxsysztctdtftgthtjtktltmtntotrtttvtwtzuaugukusuyuzvavcvevgvivnvuwfwsyeytzazmzw";

/// Some of the others, the commonest first.
const OTHERS: &str = "com net org xyz dev app info biz edu gov mil int name pro online site shop store tech cloud page top \
    club live icu space fun website link click life world vip company community network agency digital \
    group today email systems solutions services software tools blog art design media news work zone one \
    run chat host press city cafe team care mobi jobs";

/// Whether a top-level domain ends like this.
#[must_use]
pub fn is_ending(text: &str) -> bool {
    let is_country = |text: &str| match text.as_bytes() {
        [a, b] => COUNTRIES.as_bytes().chunks_exact(2).any(|pair| pair == [*a, *b]),
        [b] => COUNTRIES.as_bytes().chunks_exact(2).any(|pair| pair.last() == Some(b)),
        _ => false,
    };
    is_country(text) || OTHERS.split(' ').any(|tld| tld.ends_with(text))
}

/// Whether this is a top-level domain, one of those known here.
#[must_use]
pub fn is_tld(text: &str) -> bool {
    (text.len() == 2 && is_ending(text)) || OTHERS.split(' ').any(|tld| tld == text)
}
