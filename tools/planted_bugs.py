"""The bugs that tools/mutants.py plants: in which file which text becomes which, and what that would do to a user."""

from typing import NamedTuple


class Bug(NamedTuple):
    """One wrong line."""

    name: str
    file: str
    old: str
    new: str
    harm: str

    @property
    def needs_envoy(self):
        """No native test reaches the one room that knows the host."""
        return self.file.startswith("src/plugin/")


BUGS = [
    # policy/mod.rs
    Bug("no-vary-on-denied", "src/policy/mod.rs", "vary: Vary { origin: true, ..", "vary: Vary { origin: false, ..",
        "a cache gives a denied page's answer to an allowed one"),
    Bug("upstream-kept-on-denied", "src/policy/mod.rs", "Decision { verdict, action, response: Some(withheld()) }",
        "Decision { verdict, action, response: None }", "the upstream's own CORS headers let a denied page read"),
    Bug("credentials-always", "src/policy/mod.rs", "allow_credentials: self.allow_credentials,",
        "allow_credentials: true,", "pages act with the user's cookies though the policy does not say so"),
    Bug("private-network-always", "src/policy/mod.rs", "requested.private_network && self.allow_private_network;",
        "requested.private_network;", "public pages reach into private networks"),
    Bug("own-origin-denied", "src/policy/mod.rs", "match comes_from_own_origin(&origin, head) {", "match false {",
        "a blocking policy stops the API's own pages"),
    Bug("block-ignored", "src/policy/mod.rs", "(Verdict::Denied(_), true) => refusal_of(reason),",
        "(Verdict::Denied(_), true) => Action::Forward,", "what a blocking policy denies reaches the upstream"),
    Bug("no-max-age", "src/policy/mod.rs", "max_age: self.max_age.clone(),", "max_age: None,",
        "browsers send a preflight every five seconds"),
    Bug("non-cors-withheld", "src/policy/mod.rs", "AllowOrigin::Any => self.shared(allow_origin, Vec::new()),",
        "AllowOrigin::Any => withheld(),", "a public response stored without an origin is useless to pages"),
    Bug("shadow-enforced", "src/policy/mod.rs", "if self.is_shadow { decision.shadowed() } else { decision }",
        "decision", "a policy on trial changes the traffic"),
    Bug("preflight-status-ignored", "src/policy/mod.rs", "Action::Reply { status: self.preflight_status, body: None }",
        "Action::Reply { status: 204, body: None }", "old clients that want 200 fail"),
    # policy/allow_origin.rs
    Bug("null-allowed", "src/policy/allow_origin.rs", "return (!null).then_some(Reason::OriginNull);", "return None;",
        "any website reads responses from a sandboxed frame"),
    Bug("no-vary-under-any-with-credentials", "src/policy/allow_origin.rs", "!matches!(self, Self::Any)",
        "matches!(self, Self::Listed { .. })", "a cache gives one page's answer to another, which cannot read it"),
    Bug("star-with-credentials", "src/policy/allow_origin.rs", 'Self::Any => HeaderValue::Static("*"),',
        'Self::Any | Self::AnyWithCredentials => HeaderValue::Static("*"),', "no call with cookies works"),
    # origin/mod.rs, origin/host.rs
    Bug("default-port-accepted", "src/origin/mod.rs", "if port.is_some() && port == default_port(scheme) {",
        "if port == Some(0) {", "what no browser sends is taken for an origin"),
    Bug("long-scheme-accepted", "src/origin/mod.rs", "text.len() <= MAX_SCHEME_BYTES", "text.len() <= MAX_ORIGIN_BYTES",
        "what is longer than any origin is taken for one"),
    Bug("comma-in-host", "src/origin/host.rs", "matches!(b, b'-' | b'_')", "matches!(b, b'-' | b'_' | b',')",
        "`https://example.com,.evil.example` passes for something else"),
    Bug("upper-case-in-host", "src/origin/host.rs", "b.is_ascii_lowercase() || b.is_ascii_digit()",
        "b.is_ascii_alphanumeric()", "what no browser sends is taken for an origin"),
    Bug("any-form-of-ipv6", "src/origin/host.rs",
        'if fmt::write(&mut rest, format_args!("{address}")).is_err() || !rest.0.is_empty() {', "if rest.0.is_empty() {",
        "one host has many spellings"),
    # origin/set.rs
    Bug("suffix-without-dot", "src/origin/set.rs",
        "zip(1..).filter(|(byte, _)| *byte == b'.').filter_map(", "zip(1..).filter_map(",
        "whoever registers `evilexample.com` reads what `https://*.example.com` may"),
    Bug("apex-included", "src/origin/set.rs", "parents.any(|parent| {", "parents.chain([host]).any(|parent| {",
        "`https://*.example.com` lets `https://example.com` in"),
    Bug("exact-port-ignored", "src/origin/set.rs", "self.has_exactly(origin.as_str().as_bytes())",
        "self.has_exactly(origin.without_port().as_bytes())", "any server on the host of an allowed page reads too"),
    Bug("subdomain-port-ignored", "src/origin/set.rs", "is_listed(PortPattern::Only(origin.port()))",
        "is_listed(PortPattern::Only(None))", "any server on a subdomain reads too"),
    # origin/regex
    Bug("regex-open-end", "src/origin/regex/dfa.rs", "self.states.get(at).is_some_and(|(_, is_accepted)| *is_accepted)",
        "self.states.get(at).is_some()", "what ends as a meant origin does matches"),
    Bug("regex-class-counted-as-written", "src/origin/regex/nfa.rs", "self.is_looped || choices > MAX_SPELLED_CHOICE",
        "self.is_looped", "`https://[a-z]{3}example.com` lets in strangers in silence"),
    Bug("regex-loop-counted-as-written", "src/origin/regex/nfa.rs", "self.is_looped || choices > MAX_SPELLED_CHOICE",
        "choices > MAX_SPELLED_CHOICE", "`https://(ab)+.com` lets in strangers in silence"),
    Bug("regex-boundary-forgotten", "src/origin/regex/place.rs", "Look::Word => before != after", "Look::Word => true",
        "`\\bexample.com` matches what it does not"),
    Bug("regex-suffix-missed", "src/origin/regex/named.rs", "let is_suffix = is_public_suffix(host);",
        "let is_suffix = false;", "tenants of a shared host are let in in silence"),
    Bug("regex-parents-missed", "src/origin/regex/named.rs", "if !is_parent_of_public_suffixes(host) ||",
        "if true ||", "`https://.*.run.app` lets in strangers in silence"),
    Bug("suffix-parents-missed", "src/origin/public_suffix.rs", "|| is_rule(Kind::Above, host)", "",
        "`https://*.amazonaws.com` lets in strangers in silence"),
    Bug("regex-case-forgotten", "src/origin/regex/syntax/mod.rs", "'i' => self.folds_case = is_on", "'i' => {}",
        "`(?i)` means nothing to the guard"),
    Bug("regex-address-missed", "src/origin/regex/address.rs", "free_ipv4(search, tail).or_else(|| free_ipv6(search, tail))",
        "free_ipv6(search, tail)", "any public address is let in in silence"),
    # policy/allow_methods.rs, policy/allow_headers.rs, request/requested_headers.rs
    Bug("method-case-ignored", "src/policy/allow_methods.rs", "listed.as_bytes() == method",
        "listed.as_bytes().eq_ignore_ascii_case(method)", "what is told of a method is not what browsers do"),
    Bug("method-wildcard-with-credentials", "src/policy/allow_methods.rs", "value: is_echoed.then(echo) }",
        'value: is_echoed.then(echo).and(Some(HeaderValue::Static("*"))) }', "calls with cookies fail"),
    Bug("no-vary-on-method", "src/policy/allow_methods.rs", "matches!(self, Self::AnyWithCredentials)", "false",
        "a cache gives the answer to one method to a call with another"),
    Bug("wildcard-covers-authorization", "src/policy/allow_headers.rs",
        '|name: &[u8]| !is_authorization(name) && name != b"*";', '|name: &[u8]| name != b"*";',
        "pages send credentials of their own though only other headers were meant"),
    Bug("star-echoed", "src/policy/allow_headers.rs", '!is_authorization(name) && name != b"*";',
        "!is_authorization(name);", "a page asks for the header `*`, and browsers let it send `Authorization`"),
    Bug("no-vary-on-headers", "src/policy/allow_headers.rs",
        "matches!(self, Self::AnyButAuthorization | Self::AnyWithCredentials)",
        "matches!(self, Self::AnyWithCredentials)", "a cache gives the answer to one header to a call with another"),
    Bug("header-case-matters", "src/policy/allow_headers.rs", "compare_ignoring_case(listed.as_bytes(), name)",
        "listed.as_bytes().cmp(name)", "what is told of a header is not what browsers do"),
    Bug("blanks-in-names", "src/request/requested_headers.rs", ".split(|b| *b == b',').map(trim_blanks)",
        ".split(|b| *b == b',')", "a proxy that adds blanks makes preflights fail"),
    Bug("names-unlimited", "src/request/requested_headers.rs", "if count > MAX_NAMES {", "if count == 0 {",
        "an attacker chooses how much is sent back"),
    # policy/vary.rs, policy/response_edits.rs
    Bug("vary-replaced", "src/policy/vary.rs", "Cow::Owned(merged.join(", "Cow::Owned(merged.split_off(before).join(",
        "a cache gives compressed bytes to who cannot read them"),
    Bug("vary-named-twice", "src/policy/vary.rs", "if !merged.iter().any(|known| known.eq_ignore_ascii_case(name)) {",
        "if true {", "`Vary` grows with each proxy"),
    Bug("upstream-header-kept", "src/policy/response_edits.rs",
        'edit("access-control-allow-private-network", flag(self.allow_private_network));', "",
        "the upstream answers for the policy"),
    # request/mod.rs, origin/own.rs
    Bug("any-method-is-preflight", "src/request/mod.rs", "!requested_method.is_empty() && is_options(head)",
        "!requested_method.is_empty()", "calls with a stray header never reach the upstream"),
    Bug("own-origin-by-prefix", "src/origin/own.rs",
        "without_port(there).eq_ignore_ascii_case(without_port(authority))",
        "without_port(there).starts_with(without_port(authority))",
        "`http://api.example.com.evil.example` is not blocked"),
    # policy/selector.rs, policy/set.rs, request/path.rs
    Bug("path-prefix-of-letters", "src/request/path.rs",
        "path.strip_prefix(prefix.as_bytes()).is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))",
        "path.starts_with(prefix.as_bytes())", "`/apix` is under the policy of `/api`"),
    Bug("host-suffix-without-dot", "src/policy/selector.rs", '.and_then(|front| front.strip_suffix(b"."))', "",
        "a host is under the policy of another's subdomains"),
    Bug("encoded-backslash", "src/request/path.rs", '[&b"%2e"[..], b"%2f", b"%5c"]', '[&b"%2e"[..], b"%2f"]',
        "a path means one policy here and another upstream"),
    Bug("ambiguous-path-allowed", "src/policy/set.rs", "policy.decide_on_ambiguous_path(head)", "policy.decide(head)",
        "a path chooses the laxer policy"),
    Bug("last-policy-applies", "src/policy/set.rs", "candidates.find(|(_, (selector, _))| selector.selects(&target))",
        "candidates.filter(|(_, (selector, _))| selector.selects(&target)).last()",
        "a general policy overrules the special one before it"),
    # config
    Bug("switches-always-on", "src/config/switches.rs", "self.0.contains(&switch)", "self.0.contains(&switch) || true",
        "no dangerous configuration is refused"),
    Bug("any-with-credentials-is-star", "src/config/origins.rs", "(true, true) => AllowOrigin::AnyWithCredentials,",
        "(true, true) => AllowOrigin::Any,", "no call with cookies works"),
    Bug("wildcard-headers-without-authorization", "src/config/lists.rs",
        "(true, true) => AllowHeaders::AnyWithCredentials,", "(true, true) => AllowHeaders::AnyButAuthorization,",
        "calls with credentials fail that the policy allows"),
    Bug("method-not-normalized", "src/config/lists.rs", "Ok(normalize(text).to_owned())", "Ok(text.to_owned())",
        "`delete` in a policy allows nothing"),
    Bug("minutes-are-hours", "src/config/numbers.rs", "'m' => 60,", "'m' => 3600,",
        "browsers keep a preflight sixty times too long"),
    # telling/denial.rs
    Bug("shadow-recorded-as-denied", "src/telling/denial.rs", 'if is_shadow { "shadow-denied" } else { "denied" }',
        '"denied"', "the access log says denied of what went through"),
    Bug("log-line-unescaped", "src/telling/denial.rs", "self.0.origin.escape_ascii().take(MAX_LOGGED_BYTES)",
        "self.0.origin.iter().copied().take(MAX_LOGGED_BYTES)", "a page writes lines of its own into the log"),
    # plugin/host_calls.rs, plugin/mod.rs
    Bug("plugin-keeps-upstream-headers", "src/plugin/host_calls.rs", "edit(name, value.map(str::as_bytes))",
        "if value.is_some() { edit(name, value.map(str::as_bytes)) }", "the upstream answers for the policy"),
    Bug("plugin-adds-to-upstream-headers", "src/plugin/host_calls.rs",
        "let _ = hostcalls::set_map_value_bytes(MapType::HttpResponseHeaders, name, value);",
        "let _ = hostcalls::add_map_value_bytes(MapType::HttpResponseHeaders, name, value.unwrap_or_default());",
        "two answers, which browsers refuse"),
    Bug("plugin-replaces-vary", "src/plugin/host_calls.rs",
        'hostcalls::get_map_value_bytes(MapType::HttpResponseHeaders, "vary").ok().flatten();',
        "None::<Vec<u8>>;", "a cache gives compressed bytes to who cannot read them"),
    Bug("plugin-gives-no-reason", "src/plugin/mod.rs", "body.map(str::as_bytes)", "None",
        "nobody sees why a preflight is refused"),
    Bug("plugin-counts-for-the-first", "src/plugin/mod.rs", "meters.get_mut(place)",
        "meters.get_mut(0)", "the counters of several policies tell lies"),
    Bug("plugin-dies-of-one-byte", "src/plugin/host_calls.rs", 
        "hostcalls::get_map_value_bytes(MapType::HttpRequestHeaders, name).ok().flatten()",
        "hostcalls::get_map_value(MapType::HttpRequestHeaders, name).ok().flatten().map(String::into_bytes)", "one request ends the filter for all"),
]
