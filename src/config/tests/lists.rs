//! Lists of methods and headers, and lists that are none.

use super::*;

#[track_caller]
fn of(members: &str, expected: &[&str]) {
    check(&format!(r#"{{"allow_origins":["https://a.example"],{members}}}"#), expected);
}

#[test]
fn a_star_in_a_name() {
    let said = "has a `*`, which stands for nothing but itself there; write out each name, or write `*` alone for every one";
    let of_headers = "has a `*`, which stands for nothing but itself there; write out each name, or end it with the `*` (`x-amz-*`), or write `*` alone for every one";
    of(
        r#""allow_methods":["P*"],"allow_headers":["content-type","x-amz-*","*-id","a*b*"],"expose_headers":["x-*-y"]"#,
        &[
            &format!("allow_methods[0]: `P*` {said}"),
            &format!("allow_headers[2]: `*-id` {of_headers}"),
            &format!("allow_headers[3]: `a*b*` {of_headers}"),
            &format!("expose_headers[0]: `x-*-y` {said}"),
        ],
    );
}

#[test]
fn words_for_every_one() {
    of(
        r#""allow_methods":["ANY","all","**"],"allow_headers":["All"],"expose_headers":["any","anyone"]"#,
        &[
            "warning allow_methods[0]: `ANY` is only the method of that name; write `*` if you mean every method",
            "warning allow_methods[1]: `all` is only the method of that name; write `*` if you mean every method",
            "warning allow_methods[2]: `**` is only the method of that name; write `*` if you mean every method",
            "warning allow_headers[0]: `All` is only the header of that name; write `*` if you mean every header",
            "warning expose_headers[0]: `any` is only the header of that name; write `*` if you mean every header",
        ],
    );
    of(
        r#""allow_methods":["*","ALL"]"#,
        &["warning allow_methods[1]: `ALL` stands beside `*`, which covers it; remove it"],
    );
}

#[test]
fn headers_of_the_protocol() {
    of(
        r#""allow_headers":["Access-Control-Allow-Headers","Access-Control-Request-Method","access-control-request-private-network"]"#,
        &[
            "warning allow_headers[1]: `Access-Control-Request-Method` belongs to preflights, into which browsers write it; remove it",
            "warning allow_headers[2]: `access-control-request-private-network` belongs to preflights, into which browsers write it; remove it",
            "warning allow_headers[0]: `Access-Control-Allow-Headers` is a header of responses, and a page that sends it does so by mistake; remove it once none does",
        ],
    );
}

#[test]
fn lists_at_the_limit_and_one_past_it() {
    let list = |bytes: usize| format!(r#"["a","{}"]"#, "b".repeat(bytes - 2));
    for field in ["allow_methods", "allow_headers", "expose_headers"] {
        let is_lower = if field == "allow_methods" { "B" } else { "b" };
        let of = |bytes, expected: &[&str]| {
            of(
                &format!(
                    r#""{field}":{}"#,
                    list(bytes).replace('b', is_lower).replace('a', if is_lower == "B" { "A" } else { "a" })
                ),
                expected,
            )
        };
        of(4096, &[]);
        of(
            4097,
            &[&format!(
                "warning {field}: makes a header of 4097 bytes, and some proxies and clients refuse a response with more than 4096; list only what scripts need"
            )],
        );
    }
}

/// What an echo example has, and what each text of it means here.
#[test]
fn texts_for_lists() {
    check(
        r#"{"allow_origins":[{"prefix":"*"}],"allow_methods":"GET, PUT, DELETE","allow_headers":"content-type,x-grpc-web","expose_headers":"","max_age":"1728000"}"#,
        &[
            "allow_origins[0]: `{\"prefix\": \"*\"}` means every origin; write `[\"*\"]`",
            "allow_methods: is the text `GET, PUT, DELETE`; write the list `[\"GET\", \"PUT\", \"DELETE\"]`",
            "allow_headers: is the text `content-type,x-grpc-web`; write the list `[\"content-type\", \"x-grpc-web\"]`",
            "expose_headers: is the text ``; write a list, such as `[\"X-Job-Id\"]`",
            "max_age: is the text `1728000`; write `86400` without quotes, the most seconds for which any browser keeps a preflight",
        ],
    );
    of(r#""max_age":"0600""#, &["max_age: is the text `0600`; write `600` without quotes"]);
    of(
        r#""max_age":"99999999999""#,
        &[
            "max_age: is the text `99999999999`; write `86400` without quotes, the most seconds for which any browser keeps a preflight",
        ],
    );
    of(
        r#""allow_methods":["GET, PUT","P T"]"#,
        &[
            "allow_methods[0]: `GET, PUT` is not a token; write each as an entry of its own: `[\"GET\", \"PUT\"]`",
            "allow_methods[1]: `P T` is not a token; write letters, digits and `-` only",
        ],
    );
}

#[test]
fn prefixes_of_headers() {
    of(r#""allow_headers":["x-amz-*","X-Goog-*","x-*","Authorization","authorization*"]"#, &[]);
    of(
        r#""allow_headers":["x-amz-*","Sec-*","Proxy-*","Access-Control-Request-*","X-Amz-*","**"]"#,
        &[
            "warning allow_headers[1]: `Sec-*` is a header that browsers let no script send; remove it",
            "warning allow_headers[2]: `Proxy-*` is a header that browsers let no script send; remove it",
            "warning allow_headers[3]: `Access-Control-Request-*` belongs to preflights, into which browsers write it; remove it",
            "warning allow_headers[4]: `X-Amz-*` is there twice; remove one",
            "warning allow_headers[5]: `**` is only the header of that name; write `*` if you mean every header",
        ],
    );
    of(
        r#""allow_headers":["*","x-amz-*"]"#,
        &["warning allow_headers[1]: `x-amz-*` stands beside `*`, which covers it; remove it"],
    );
}

#[test]
fn prefixes_that_take_in_too_much() {
    of(
        r#""allow_headers":["A*","auth*","x*"]"#,
        &[
            "warning allow_headers[0]: `A*` takes in `Authorization` too; write more of the names that you mean, as in `x-amz-*`",
            "warning allow_headers[1]: `auth*` takes in `Authorization` too; write more of the names that you mean, as in `x-amz-*`",
            "warning allow_headers[2]: `x*` takes in every header that begins with this letter; write more of the names that you mean, as in `x-amz-*`",
        ],
    );
}
