//! `match`.

use super::*;

const ORIGINS: &str = r#""allow_origins":["https://a.example"]"#;

#[test]
fn selectors_that_cannot_match() {
    check(
        &format!(
            r#"{{"policies":[{{"name":"a","match":{{"host":["x"],"hosts":["https://x","a:80","*"],"paths":["x","/a//b","/a?b","/a/*"],"routes":[]}},{ORIGINS}}}]}}"#
        ),
        &[
            "policies[0].match.host: `host` is not a known field; did you mean `hosts`?",
            "policies[0].match.hosts[0]: `https://x` has a scheme; write the host alone, such as `api.example.com`",
            "policies[0].match.hosts[1]: `a:80` is not a host; write a name or an address without port, such as `api.example.com` or `*.example.com`",
            "policies[0].match.hosts[2]: `*` is not a host; write a name or an address without port, such as `api.example.com` or `*.example.com`",
            "policies[0].match.paths[0]: `x` does not begin with `/`; write whole segments from the start of the path, such as `/api`",
            "policies[0].match.paths[1]: `/a//b` can be written in a simpler way; write it without `//`, `.`, `..`, `\\`, `%2e`, `%2f` and `%5c`",
            "policies[0].match.paths[2]: `/a?b` has a query or a fragment; write the path alone, such as `/api`",
            "policies[0].match.paths[3]: `/a/*` has a `*`; a path also matches what is below it: write `/api` for `/api/...`",
            "policies[0].match.routes: is empty, so the policy never applies; write `[\"jobs\"]`, or remove it",
        ],
    );
}

#[track_caller]
fn of_path(path: &str, expected: &str) {
    let json = format!(r#"{{"policies":[{{"name":"a","match":{{"paths":["{path}"]}},{ORIGINS}}}]}}"#);
    let place = "policies[0].match.paths[0]";
    match (expected, expected.strip_prefix("warning ")) {
        ("", _) => check(&json, &[]),
        (_, Some(said)) => check(&json, &[&format!("warning {place}: {said}")]),
        (said, None) => check(&json, &[&format!("{place}: {said}")]),
    }
}

#[test]
fn paths_that_browsers_encode() {
    let said = |path: &str, encoded: &str| {
        of_path(
            path,
            &format!(
                "`{path}` has a character that browsers percent-encode, so it never matches; write `{encoded}`"
            ),
        );
    };
    said("/\u{fc}ber", "/%C3%BCber");
    said("/a b/\u{1f980}", "/a%20b/%F0%9F%A6%80");
    said("/<a>^`", "/%3Ca%3E%5E%60");
    of_path(
        "/{id}",
        "`/{id}` has a character that browsers percent-encode, so it never matches; write `/%7Bid%7D`, or `/` if a placeholder was meant",
    );
    of_path(
        "/v1/users/{id}/x",
        "`/v1/users/{id}/x` has a character that browsers percent-encode, so it never matches; write `/v1/users/%7Bid%7D/x`, or `/v1/users` if a placeholder was meant",
    );
    of_path(
        "/a//\u{fc}",
        "`/a//\u{fc}` can be written in a simpler way; write it without `//`, `.`, `..`, `\\`, `%2e`, `%2f` and `%5c`. Also, it has a character that browsers percent-encode, so it never matches; write `/a//%C3%BC`",
    );
}

#[test]
fn paths_that_mean_something_else() {
    for path in [
        "/",
        "/api/v1/",
        "/~a/b.c-d_e",
        "/%C3%BCber",
        "/a%20b",
        "/a%2520b",
        "/100%",
        "/a%2",
        "/$metadata",
        "/a:b",
        "/a@b,c=e!f&g'h",
    ] {
        of_path(path, "");
    }
    let encoded = |path: &str, tidy: &str| {
        of_path(
            path,
            &format!(
                "warning `{path}` has a percent-encoding that browsers do not write, so it may never match; write `{tidy}`"
            ),
        );
    };
    encoded("/%61dmin", "/admin");
    encoded("/%c3%bcber/%7E", "/%C3%BCber/~");
    let pattern = |path: &str, c: &str, above: &str| {
        of_path(
            path,
            &format!(
                "warning `{path}` is compared as text, in which `{c}` is only a character; write whole segments, such as `{above}`, which also matches what is below"
            ),
        );
    };
    pattern("/api/v[0-9]+", "[", "/api");
    pattern("/(a|b)", "(", "/");
    pattern("/api/.+", "+", "/api");
    pattern("/api$", "$", "/");
    pattern("/users/:id/x", ":", "/users");
}

#[test]
fn paths_of_several_readings() {
    of_path(
        "/a;v=1",
        "warning `/a;v=1` is `/a` to some servers, so a request for it is denied where the two choose policies that decide differently; write a path that is read in one way",
    );
    // Encoded, it is cut too where servers decode first.
    for path in ["/a%3Bv/b", "/a%253Bv/b"] {
        of_path(
            path,
            &format!(
                "warning `{path}` is `/a/b` to some servers, so a request for it is denied where the two choose policies that decide differently; write a path that is read in one way"
            ),
        );
    }
}

#[test]
fn routes_with_a_star() {
    check(
        &format!(
            r#"{{"policies":[{{"name":"a","match":{{"routes":["jobs","admin*","a*b","*"]}},{ORIGINS}}}]}}"#
        ),
        &[
            "warning policies[0].match.routes[2]: `a*b` is compared as it is, its `*` too; write the whole name of a route, or what it begins with and `*`",
            "warning policies[0].match.routes[3]: `*` matches every route; remove `routes`, which costs each request a look-up",
        ],
    );
}

#[test]
fn a_host_outside_ascii() {
    check(
        &format!(r#"{{"policies":[{{"name":"a","match":{{"hosts":["*.bücher.example"]}},{ORIGINS}}}]}}"#),
        &[
            "policies[0].match.hosts[0]: `*.b\u{fc}cher.example` has a character outside ASCII, and browsers send such a host in punycode; write it as `xn--...`",
        ],
    );
}
