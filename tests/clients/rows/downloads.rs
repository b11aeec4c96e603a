//! Downloads in parts.

use crate::row::Page::{App, Stranger};
use crate::row::Row;

pub(crate) const ROWS: &[Row] = &[
    (
        "downloads: the first bytes, without a preflight",
        App,
        "downloads",
        "fetch(`${api}/alphabet`, { headers: { range: 'bytes=0-9' } }).then((it) => read(it, 'content-range', 'accept-ranges', 'etag'))",
        "206 abcdefghij content-range: bytes 0-9/26 accept-ranges: bytes etag: \"a-z\"",
        &["GET 206"],
    ),
    (
        "downloads: the last bytes",
        App,
        "downloads",
        "fetch(`${api}/alphabet`, { headers: { range: 'bytes=-10' } }).then((it) => read(it, 'content-range'))",
        "206 qrstuvwxyz content-range: bytes 16-25/26",
        &["preflight GET range 204", "GET 206"],
    ),
    (
        "downloads: the last bytes, not listed",
        App,
        "downloads-without-range",
        "fetch(`${api}/alphabet`, { headers: { range: 'bytes=-10' } }).then((it) => read(it, 'content-range'))",
        "refused",
        &["preflight GET range 204 header-not-allowed"],
    ),
    (
        "downloads: the first bytes need no listing",
        App,
        "downloads-without-range",
        "fetch(`${api}/alphabet`, { headers: { range: 'bytes=0-9' } }).then((it) => read(it, 'content-range'))",
        "206 abcdefghij content-range: bytes 0-9/26",
        &["GET 206"],
    ),
    (
        "downloads: where a part belongs is not exposed",
        App,
        "downloads-unexposed",
        "fetch(`${api}/alphabet`, { headers: { range: 'bytes=0-9' } }).then((it) => read(it, 'content-range', 'accept-ranges'))",
        "206 abcdefghij content-range: null accept-ranges: null",
        &["GET 206"],
    ),
    (
        "downloads: a part if nothing has changed",
        App,
        "downloads",
        "fetch(`${api}/alphabet`, { headers: { range: 'bytes=5-', 'if-range': '\"a-z\"' } }).then((it) => read(it, 'content-range'))",
        "206 fghijklmnopqrstuvwxyz content-range: bytes 5-25/26",
        &["preflight GET if-range 204", "GET 206"],
    ),
    (
        "downloads: past the end",
        App,
        "downloads",
        "fetch(`${api}/alphabet`, { headers: { range: 'bytes=99-' } }).then((it) => read(it, 'content-range'))",
        "416 ok content-range: bytes */26",
        &["GET 416"],
    ),
    (
        "downloads: what the server can do, by HEAD",
        App,
        "downloads",
        "fetch(`${api}/alphabet`, { method: 'HEAD' }).then((it) => read(it, 'accept-ranges', 'content-length'))",
        "200 accept-ranges: bytes content-length: 26",
        &["HEAD 200"],
    ),
    (
        "downloads: another page",
        Stranger,
        "downloads",
        "fetch(`${api}/alphabet`, { headers: { range: 'bytes=0-9' } }).then((it) => read(it))",
        "refused",
        &["GET 206 origin-not-allowed"],
    ),
];
