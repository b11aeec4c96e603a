//! Messages on files: what cannot be read, what is read otherwise than it looks, and what Envoy refuses.

use super::Row;

/// The ids, in the order in which a file is read.
pub(super) const ROWS: &[Row] = &[
    ("unreadable", &["^cannot be read: ", "^is not text in UTF-8"]),
    ("not-yaml", &["^is neither YAML nor JSON"]),
    ("yaml-alias", &["without quotes names an alias of YAML"]),
    ("yaml-escape", &["means nothing in double quotes"]),
    ("yaml-indentation", &["a value in brackets or quotes goes on"]),
    ("yaml-key", &["a list or a map stands where a field has its name"]),
    ("template", &["is a template, which this is not until it is rendered"]),
    ("read-differently", &[" to Envoy and "]),
    ("other-number", &["^Envoy reads ", "^Kubernetes reads "]),
    ("nothing-found", &["^holds no configuration of the filter"]),
    ("policy-out-of-place", &["where nothing that `_` knows reads it"]),
    ("other-product", &["and not of this filter; `_` makes a policy"]),
    ("later-document", &["stands in a later document of the file"]),
    (
        "any-without-type",
        &["has no `_`, and Envoy refuses it", "is not an object, and Envoy refuses it; write `_` and"],
    ),
    ("any-of-other-type", &["is not one that the filter reads"]),
    (
        "any-value",
        &["is not an object, and Envoy refuses it; write the fields", "in a `_`, and Envoy refuses it"],
    ),
    ("any-not-base64", &["is not base64"]),
    ("any-stray-field", &["stands beside `_`, and Envoy refuses it"]),
];
