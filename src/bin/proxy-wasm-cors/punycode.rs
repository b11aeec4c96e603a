//! A non-ASCII host as browsers send it. The plugin only says that it must be written like this, because the tables
//! would be larger than the rest of the plugin.

use proxy_wasm_cors::origin::advice::{PUNYCODE, suggestion};

/// A message that names the host to write, if it only said that it has to be punycode.
pub(crate) fn written_out(message: String) -> String {
    let Some(value) = message.strip_suffix(PUNYCODE).and_then(value) else { return message };
    let Some(written) = in_ascii(value) else { return message };
    message.replace(PUNYCODE, &format!("write `{written}`"))
}

/// The value that a message begins with, if it shows all of it.
fn value(message: &str) -> Option<&str> {
    let (value, _) = message.strip_prefix('`')?.split_once('`')?;
    (!value.ends_with("...")).then_some(value)
}

/// An origin or a host alone, its host as [UTS #46](https://www.unicode.org/reports/tr46/) maps it, which browsers do too:
/// <https://url.spec.whatwg.org/#concept-domain-to-ascii>.
fn in_ascii(value: &str) -> Option<String> {
    let Some((scheme, rest)) = value.split_once("://") else { return host_in_ascii(value) };
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let authority = authority.rsplit_once('@').map_or(authority, |(_user, host)| host);
    let (host, port) = authority.split_once(':').map_or((authority, None), |(host, port)| (host, Some(port)));
    let port = port.map(|port| format!(":{port}")).unwrap_or_default();
    suggestion(&format!("{scheme}://{}{port}", host_in_ascii(host)?))
}

fn host_in_ascii(host: &str) -> Option<String> {
    let (front, base) = host.strip_prefix("*.").map_or(("", host), |base| ("*.", base));
    let ascii = idna::domain_to_ascii(base).ok().filter(|ascii| !ascii.is_empty())?;
    Some(format!("{front}{ascii}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(value: &str, expected: &str) {
        let message = |remedy: &str| format!("`{value}` has a character outside ASCII; {remedy}");
        assert_eq!(written_out(message(PUNYCODE)), message(expected));
    }

    #[test]
    fn hosts_are_written_as_browsers_send_them() {
        check("https://b\u{fc}cher.example", "write `https://xn--bcher-kva.example`");
        check("https://*.B\u{dc}CHER.example:8443", "write `https://*.xn--bcher-kva.example:8443`");
        check("https://a@b\u{fc}cher.example/x?y", "write `https://xn--bcher-kva.example`");
        check("https://\u{4f8b}\u{3048}.jp:443", "write `https://xn--r8jz45g.jp`");
        check("*.b\u{fc}cher.example", "write `*.xn--bcher-kva.example`");
    }

    #[test]
    fn what_is_no_host_is_left() {
        for value in
            ["https://\u{fffd}.example", "https://b\u{fc}ch er.example", "https://b\u{fc}cher.example..."]
        {
            check(value, PUNYCODE);
        }
        assert_eq!(written_out("is empty; write it".to_owned()), "is empty; write it");
    }
}
