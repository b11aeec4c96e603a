//! Messages about where the filter stands: what answers before it, beside it or instead of it.

use super::Row;

/// The ids, those of Envoy's connection manager first.
pub(super) const ROWS: &[Row] = &[
    ("router-before", &["stands before this filter, but has to be the last"]),
    ("cache-before", &["stands before this filter, which never sees a GET that the cache answers"]),
    ("filter-before", &["stands before this filter and answers some requests itself"]),
    ("native-cors", &["is Envoy's own CORS filter: where a route has a"]),
    (
        "native-cors-policy",
        &["Envoy's own CORS filter beside this one; keep", "is for Envoy's own CORS filter, which is not in"],
    ),
    (
        "escaped-slashes",
        &[
            "can leave `_` and `_` in paths",
            "before any filter, with 400 and without CORS headers",
            "before any filter, without CORS headers, and browsers",
        ],
    ),
    ("upgrade-without-filter", &["replaces the list for WebSockets"]),
    ("unknown-route", &["no route of this listener"]),
    ("fails-open", &["lets requests pass without this filter while the plugin is down"]),
    ("fetched-module", &["a fetch that fails lets requests pass without this filter"]),
    ("no-default-config", &["has no `_`: an Envoy that starts while the policy is refused"]),
    ("late-phase", &["this filter runs after authentication"]),
    ("late-in-chain", &["puts this filter behind filters that answer requests themselves"]),
];
