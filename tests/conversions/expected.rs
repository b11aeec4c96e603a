//! Whether pages get more or less than where each file comes from, worked out by hand from what the products publish.

use super::difference::Expected;

const SAME: Expected = Expected { more: false, less: false };
const MORE: Expected = Expected { more: true, less: false };
const LESS: Expected = Expected { more: false, less: true };
const BOTH: Expected = Expected { more: true, less: true };

/// The row of a file.
pub(crate) fn of(name: &str) -> Option<Expected> {
    ROWS.iter().find(|(row, _)| *row == name).map(|(_, expected)| *expected)
}

const ROWS: [(&str, Expected); 59] = [
    ("envoy/1-one-host", SAME),
    ("envoy/2-levels", SAME),
    ("istio-virtualservice/1-one-route", SAME),
    ("istio-virtualservice/2-some-routes", LESS),
    ("gateway-api-httproute/1-plain", SAME),
    ("gateway-api-httproute/2-any-https", MORE),
    ("envoy-gateway-securitypolicy/1-one-route", SAME),
    ("envoy-gateway-securitypolicy/2-extensions", LESS),
    ("ingress-nginx/1-defaults", SAME),
    ("ingress-nginx/2-named-origins", MORE),
    ("kong/1-kongplugin", SAME),
    ("kong/2-regexes", LESS),
    ("traefik/1-middleware", SAME),
    ("traefik/2-open-regex", LESS),
    ("apisix/1-apisixroute", MORE),
    ("apisix/2-double-star", SAME),
    ("envoy/everyone", LESS),
    ("envoy/matchers", LESS),
    ("envoy/deprecated", BOTH),
    ("envoy/prefix", BOTH),
    ("envoy/nobody", LESS),
    ("envoy/shadow", SAME),
    ("envoy/alternatives", SAME),
    ("istio-virtualservice/prefixes", BOTH),
    ("istio-virtualservice/deprecated-list", SAME),
    ("istio-virtualservice/everyone", LESS),
    ("istio-virtualservice/order", LESS),
    ("istio-virtualservice/method-match", MORE),
    ("gateway-api-httproute/everyone", LESS),
    ("gateway-api-httproute/paths", MORE),
    ("gateway-api-httproute/regex-path", LESS),
    ("gateway-api-httproute/any-https-with-credentials", MORE),
    ("envoy-gateway-securitypolicy/everyone", LESS),
    ("envoy-gateway-securitypolicy/ports", SAME),
    ("envoy-gateway-securitypolicy/plain-http", SAME),
    ("envoy-gateway-securitypolicy/star-beside", SAME),
    ("ingress-nginx/slash-means-everyone", SAME),
    ("ingress-nginx/no-credentials", SAME),
    ("ingress-nginx/star-among", SAME),
    ("ingress-nginx/off", SAME),
    ("ingress-nginx/exact-path", MORE),
    ("ingress-nginx/implementation-specific", LESS),
    ("ingress-nginx/second-without", SAME),
    ("ingress-nginx/without-scheme", SAME),
    ("kong/everyone-with-credentials", LESS),
    ("kong/empty-list", SAME),
    ("kong/without-scheme", SAME),
    ("kong/look-around", LESS),
    ("kong/preflight-continue", MORE),
    ("kong/levels", BOTH),
    ("traefik/everyone-with-credentials", LESS),
    ("traefik/star-among", SAME),
    ("traefik/without-origins", SAME),
    ("traefik/regexes", LESS),
    ("traefik/two-routers", BOTH),
    ("apisix/defaults", SAME),
    ("apisix/regexes", SAME),
    ("apisix/everyone-with-credentials", LESS),
    ("apisix/two-routes", SAME),
];
