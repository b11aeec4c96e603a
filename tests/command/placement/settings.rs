//! Settings of a listener with the filter.

use super::{Change, MOVE, Warnings};

const WEBSOCKETS: &str = "upgrade_type: websocket";

/// Each alone.
pub(super) const SETTINGS: &[(&[Change], Warnings)] = &[
    (&[("FAIL_RELOAD", "FAIL_OPEN")], &[("failure_policy", "; write `FAIL_RELOAD`, or `FAIL_CLOSED`")]),
    (&[("FAIL_RELOAD", "3")], &[("failure_policy", "`failure_policy: FAIL_OPEN` lets requests pass")]),
    (
        &[("failure_policy: FAIL_RELOAD", "failurePolicy: FAIL_OPEN")],
        &[("failurePolicy", "while the plugin is down")],
    ),
    (
        &[("failure_policy: FAIL_RELOAD", "fail_open: true")],
        &[("fail_open", "; write `failure_policy: FAIL_RELOAD` instead")],
    ),
    (&[("failure_policy: FAIL_RELOAD", "failOpen: on")], &[("failOpen", "`fail_open: true` lets")]),
    (&[("failure_policy: FAIL_RELOAD", "fail_open: false")], &[]),
    (&[("FAIL_RELOAD", "FAIL_CLOSED")], &[]),
    (&[("FAIL_RELOAD", "2")], &[]),
    (
        &[("UNESCAPE_AND_FORWARD", "REJECT_REQUEST")],
        &[(
            "path_with",
            "before any filter, with 400 and without CORS headers; write `UNESCAPE_AND_FORWARD`",
        )],
    ),
    (
        &[("path_with_escaped_slashes_action: UNESCAPE_AND_FORWARD", "pathWithEscapedSlashesAction: 3")],
        &[("pathWith", "`UNESCAPE_AND_REDIRECT` redirects")],
    ),
    (&[("UNESCAPE_AND_FORWARD", "KEEP_UNCHANGED")], &[("path_with", "`KEEP_UNCHANGED` can leave `%2F`")]),
    (
        &[("UNESCAPE_AND_FORWARD", "IMPLEMENTATION_SPECIFIC_DEFAULT")],
        &[("path_with", "`IMPLEMENTATION_SPECIFIC_DEFAULT` can leave")],
    ),
    (&[("UNESCAPE_AND_FORWARD", "4")], &[]),
    (&[("path_with_escaped_slashes_action: UNESCAPE_AND_FORWARD", "x: 1")], &[]),
    (
        &[("routes: [users]", "routes: [users, user]")],
        &[(
            "routes: [users, user]",
            "`policies[0].match.routes[1]`: no route of this listener is named `user`, so this entry never matches; give the route that you mean this `name`, or write one that exists: `users`",
        )],
    ),
    (
        &[("- name: users\n                match", "- match")],
        &[("routes: [users]", "because no route has one")],
    ),
    (&[("routes: [users]", "routes: [\"us*\"]")], &[]),
    (
        &[("routes: [users]", "routes: [\"api*\"]")],
        &[(
            "api*",
            "no route of this listener has a name that begins with `api`, so this entry never matches",
        )],
    ),
    (&[("routes: [users]", "routes: [user]"), ("route_config:", "rds:")], &[]),
    (
        &[
            ("routes: [users]", "routes: [user]"),
            ("            virtual_hosts:", "            vhds: {}\n            virtual_hosts:"),
        ],
        &[],
    ),
    (
        &[(
            WEBSOCKETS,
            "upgrade_type: websocket\n            filters: [{ name: envoy.filters.http.router }]",
        )],
        &[("filters: [{", "can open WebSockets, even with `block_denied_requests`; add this filter")],
    ),
    (
        &[
            ("upgrade_configs:", "upgradeConfigs:"),
            (
                WEBSOCKETS,
                "upgradeType: WebSocket\n            filters: [{ name: envoy.filters.http.router }]",
            ),
        ],
        &[("filters: [{", "can open WebSockets")],
    ),
    (&[(WEBSOCKETS, "upgrade_type: websocket\n            filters: []")], &[]),
    (
        &[(WEBSOCKETS, "upgrade_type: CONNECT\n            filters: [{ name: envoy.filters.http.router }]")],
        &[],
    ),
    (
        &[(
            WEBSOCKETS,
            "upgrade_type: websocket\n            filters: [{ name: cors, config_discovery: { type_urls: [type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm], default_config: {} } }, { name: envoy.filters.http.router }]",
        )],
        &[],
    ),
    (
        &[(
            WEBSOCKETS,
            "upgrade_type: websocket\n            filters: [{ name: envoy.filters.http.rbac }, { name: cors, config_discovery: { type_urls: [type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm], default_config: {} } }]",
        )],
        &[("filters: [{", MOVE)],
    ),
];
