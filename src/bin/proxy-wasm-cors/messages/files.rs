//! Messages about files: what cannot be read, what reads differently than it looks, and what Envoy refuses.

use super::Row;

/// The ids, in the order in which a file is read.
pub(super) const ROWS: &[Row] = &[
    ("unreadable", &["^cannot be read: ", "^is not UTF-8 text"]),
    ("not-yaml", &["^is neither YAML nor JSON"]),
    ("yaml-alias", &["without quotes is a YAML alias"]),
    ("yaml-escape", &["means nothing in double quotes"]),
    ("yaml-indentation", &["a value in brackets or quotes continues"]),
    ("yaml-key", &["there is a list or a map where the name of a field belongs"]),
    ("template", &["is a template; render it"]),
    ("read-differently", &[" to Envoy and "]),
    ("other-number", &["^Envoy reads ", "^Kubernetes reads "]),
    ("nothing-found", &["^contains no configuration of the filter"]),
    ("policy-out-of-place", &["where nothing reads it, as far as `_` knows"]),
    ("other-product", &["not of this filter; `_` turns them into a policy"]),
    ("later-document", &["stands in a later document of the file"]),
    (
        "any-without-type",
        &["has no `_`, so Envoy refuses it", "is not an object, so Envoy refuses it; write `_` and"],
    ),
    ("any-of-other-type", &["is not one that the filter can read"]),
    (
        "any-value",
        &["is not an object, so Envoy refuses it; write the fields", "in a `_`, so Envoy refuses it"],
    ),
    ("any-not-base64", &["is not base64"]),
    ("any-stray-field", &["stands beside `_`, so Envoy refuses it"]),
];
