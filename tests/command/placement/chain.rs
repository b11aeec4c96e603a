//! What stands before or beside the filter in a listener's list.

use super::{Change, MOVE, Warnings};

const FIRST: &str = "header_mutation.v3.HeaderMutation";
const POLICIES: &str =
    "                    policies:\n                    - name: users\n                      mode: enforce";
const WATCHING: Change = ("mode: enforce", "mode: shadow");
const NATIVE: Change = ("jwt_authn.v3.JwtAuthentication", "cors.v3.Cors");
const NATIVE_POLICY: Change = (
    "                route: { cluster: api }",
    "                route: { cluster: api }
                typed_per_filter_config:
                  second: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.cors.v3.CorsPolicy }",
);

/// Before it.
pub(super) const BEFORE: &[(&[Change], Warnings)] = &[
    (&[(FIRST, "cache.v3.CacheConfig")], &[("- name: first", "a GET that the cache answers")]),
    (&[(FIRST, "cache_v2.v3.CacheV2Config")], &[("- name: first", MOVE)]),
    (&[(FIRST, "jwt_authn.v3.JwtAuthentication")], &[("- name: first", "(a missing or invalid token)")]),
    (&[(FIRST, "ext_authz.v3.ExtAuthz")], &[("- name: first", MOVE)]),
    (&[(FIRST, "oauth2.v3.OAuth2")], &[("- name: first", MOVE)]),
    (&[(FIRST, "basic_auth.v3.BasicAuth")], &[("- name: first", MOVE)]),
    (&[(FIRST, "api_key_auth.v3.ApiKeyAuth")], &[("- name: first", MOVE)]),
    (&[(FIRST, "rbac.v3.RBAC")], &[("- name: first", MOVE)]),
    (&[(FIRST, "csrf.v3.CsrfPolicy")], &[("- name: first", MOVE)]),
    (&[(FIRST, "local_ratelimit.v3.LocalRateLimit")], &[("- name: first", MOVE)]),
    (&[(FIRST, "ratelimit.v3.RateLimit")], &[("- name: first", MOVE)]),
    (&[(FIRST, "health_check.v3.HealthCheck")], &[("- name: first", MOVE)]),
    (&[(FIRST, "fault.v3.HTTPFault")], &[("- name: first", MOVE)]),
    (&[(FIRST, "router.v3.Router")], &[("- name: first", "has to be the last filter")]),
    // The type decides, not the name.
    (&[("- name: first", "- name: envoy.filters.http.jwt_authn")], &[]),
    (
        &[
            ("- name: first", "- name: envoy.filters.http.jwt_authn"),
            (
                "typed_config:\n              \"@type\": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
                "x: 1",
            ),
        ],
        &[("- name: envoy.filters.http.jwt_authn", MOVE)],
    ),
    (&[(FIRST, "grpc_stats.v3.FilterConfig")], &[]),
    // In camelCase, in what wraps it, and fetched.
    (
        &[
            ("http_filters", "httpFilters"),
            (
                "typed_config:\n              \"@type\": type.googleapis.com/envoy.extensions.filters.http.header_mutation",
                "typedConfig:\n              \"@type\": type.googleapis.com/envoy.extensions.filters.http.cache",
            ),
        ],
        &[("- name: first", MOVE)],
    ),
    (
        &[(
            "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
            "type.googleapis.com/xds.type.v3.TypedStruct\n              type_url: type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
        )],
        &[("- name: first", MOVE)],
    ),
    (
        &[(
            "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
            "type.googleapis.com/envoy.config.route.v3.FilterConfig\n              config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC }",
        )],
        &[("- name: first", MOVE)],
    ),
    (
        &[(
            "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
            "type.googleapis.com/envoy.extensions.common.matching.v3.ExtensionWithMatcher\n              extension_config: { name: c, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC } }",
        )],
        &[("- name: first", MOVE)],
    ),
    (
        &[(
            "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
            "type.googleapis.com/envoy.extensions.common.matching.v3.ExtensionWithMatcher\n              extension_config: { name: c, typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.composite.v3.Composite } }\n              xds_matcher: { on_no_match: { action: { typed_config: { \"@type\": type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC } } } }",
        )],
        &[("- name: first", MOVE)],
    ),
    (
        &[(
            "typed_config:\n              \"@type\": type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation",
            "config_discovery:\n              type_urls: [type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz]",
        )],
        &[("- name: first", MOVE)],
    ),
    // Off, and off but for a route.
    (&[("- name: first", "- name: first\n            disabled: true"), (FIRST, "rbac.v3.RBAC")], &[]),
    (
        &[
            ("- name: first", "- name: first\n            disabled: true"),
            (FIRST, "rbac.v3.RBAC"),
            (
                "                route: {",
                "                typed_per_filter_config: { first: { config: {} } }\n                route: {",
            ),
        ],
        &[("- name: first", MOVE)],
    ),
];

/// Beside it.
pub(super) const BESIDE: &[(&[Change], Warnings)] = &[
    (&[NATIVE], &[("- name: second", "`second` is Envoy's own CORS filter")]),
    (
        &[
            ("- name: second", "- name: envoy.filters.http.cors"),
            (
                "typed_config:\n              \"@type\": type.googleapis.com/envoy.extensions.filters.http.jwt_authn.v3.JwtAuthentication",
                "x: 1",
            ),
        ],
        &[("- name: envoy.filters.http.cors", "; remove one of them")],
    ),
    (
        &[NATIVE, NATIVE_POLICY],
        &[("- name: second", "; remove one of them"), ("v3.CorsPolicy", "beside this one; keep only one")],
    ),
    (&[NATIVE_POLICY], &[("v3.CorsPolicy", "it does nothing; put what it allows into this filter's policy")]),
    (
        &[("route: { cluster: api }", "route: { cluster: api, cors: { allow_origin_string_match: [] } }")],
        &[("route: { cluster", "it does nothing")],
    ),
    // To compare them is a use of shadow mode.
    (&[NATIVE, NATIVE_POLICY, WATCHING], &[]),
    (
        &[
            NATIVE,
            NATIVE_POLICY,
            (POLICIES, "                    policies:\n                    - name: users"),
        ],
        &[("- name: second", ""), ("v3.CorsPolicy", "")],
    ),
];
