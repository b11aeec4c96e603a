//! The listeners of the suite: each has the policy of a recipe, as its file is, or without its decisive line.

use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use crate::support::config::{Configuration, UPSTREAM, cors_filter, filter};
use crate::support::http::CASE;
use crate::support::yaml;

/// The clusters beside [`UPSTREAM`].
pub(crate) const GRPC: &str = "grpc";
pub(crate) const MCP: &str = "mcp";
pub(crate) const UNTOLD_MCP: &str = "untold mcp";
pub(crate) const WEBSOCKET: &str = "websocket";

/// An API, whose name is a label of its hosts.
pub(crate) struct Api {
    pub(crate) name: &'static str,
    recipe: &'static str,
    lacks: Lacks,
    chain: Chain,
}

/// What a policy has less than its recipe.
enum Lacks {
    Nothing,
    /// A field.
    Field(&'static str),
    /// One entry of a field.
    Entry(&'static str, &'static str),
}

/// What stands behind the filter.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chain {
    Alone,
    GrpcWeb,
    /// Authentication between the filter and `grpc_web`, against what the recipe says.
    AuthenticationThenGrpcWeb,
    GrpcWebThenAuthentication,
    Connect,
    Mcp,
    /// A server that judges `Origin` itself and knows no page.
    UntoldMcp,
    /// The same where the route takes `Origin` away, as the recipe for such servers has it.
    UntoldMcpWithoutOrigin,
    WebSocket,
}

use Chain::{
    Alone, AuthenticationThenGrpcWeb, Connect, GrpcWeb, GrpcWebThenAuthentication, Mcp, UntoldMcp,
    UntoldMcpWithoutOrigin, WebSocket,
};
use Lacks::{Entry, Field, Nothing};

/// Each control stands behind its recipe.
pub(crate) const APIS: [Api; 47] = [
    api("grpc-web", "grpc-web", Nothing, GrpcWeb),
    api("grpc-web-unexposed", "grpc-web", Field("expose_headers"), GrpcWeb),
    api("grpc-web-undeclared", "grpc-web", Entry("allow_headers", "x-grpc-web"), GrpcWeb),
    api("grpc-web-authenticated", "grpc-web", Nothing, GrpcWebThenAuthentication),
    api("grpc-web-misplaced", "grpc-web", Nothing, AuthenticationThenGrpcWeb),
    api("grpc-web-public", "public", Nothing, GrpcWeb),
    api("connect", "connect", Nothing, Connect),
    api("connect-unexposed", "connect", Field("expose_headers"), Connect),
    api("connect-unversioned", "connect", Entry("allow_headers", "connect-protocol-version"), Connect),
    api("events", "websockets", Nothing, Alone),
    api("websockets", "websockets", Nothing, WebSocket),
    api("websockets-unblocked", "websockets", Field("block_denied_requests"), WebSocket),
    api("dashboard", "dashboard", Nothing, Alone),
    api("dashboard-without-cookies", "dashboard", Field("allow_credentials"), Alone),
    api("tus", "tus", Nothing, Alone),
    api("tus-undiscovered", "tus", Entry("allow_methods", "OPTIONS"), Alone),
    api("tus-unexposed", "tus", Field("expose_headers"), Alone),
    api("tus-without-offsets", "tus", Entry("allow_headers", "upload-offset"), Alone),
    api("objects", "object-store", Nothing, Alone),
    api("objects-without-family", "object-store", Entry("allow_headers", "x-amz-*"), Alone),
    api("objects-unexposed", "object-store", Field("expose_headers"), Alone),
    api("mcp", "mcp", Nothing, Mcp),
    api("mcp-unexposed", "mcp", Entry("expose_headers", "mcp-session-id"), Mcp),
    api("mcp-endless", "mcp", Field("allow_methods"), Mcp),
    api("mcp-without-version", "mcp", Entry("allow_headers", "mcp-protocol-version"), Mcp),
    api("mcp-untold", "mcp", Nothing, UntoldMcp),
    api("mcp-untold-without-origin", "mcp", Nothing, UntoldMcpWithoutOrigin),
    api("mcp-of-upstream", "mcp", Nothing, Alone),
    api("monitoring", "monitoring", Nothing, Alone),
    api("monitoring-unlisted", "monitoring", Field("allow_headers"), Alone),
    api("monitoring-untimed", "monitoring", Field("allow_timing"), Alone),
    api("beacons", "beacons", Nothing, Alone),
    api("beacons-without-cookies", "beacons", Field("allow_credentials"), Alone),
    api("beacons-without-type", "beacons", Field("allow_headers"), Alone),
    api("downloads", "downloads", Nothing, Alone),
    api("downloads-unexposed", "downloads", Field("expose_headers"), Alone),
    api("downloads-without-range", "downloads", Entry("allow_headers", "range"), Alone),
    api("public", "public", Nothing, Alone),
    api("graphql", "graphql", Nothing, Alone),
    api("graphql-without-preflight", "graphql", Entry("allow_headers", "apollo-require-preflight"), Alone),
    api("webdav", "webdav", Nothing, Alone),
    api("webdav-read-only", "webdav", Entry("allow_methods", "LOCK"), Alone),
    api("own-and-public", "own-and-public", Nothing, Alone),
    api("left-alone", "leave-alone", Nothing, Alone),
    api("callbacks", "callbacks", Nothing, Alone),
    api("rest", "rest", Nothing, Alone),
    api("rest-without-accept", "rest", Entry("allow_headers", "accept"), Alone),
];

const fn api(name: &'static str, recipe: &'static str, lacks: Lacks, chain: Chain) -> Api {
    Api { name, recipe, lacks, chain }
}

impl Api {
    /// The filters before the router.
    pub(crate) fn filters(&self) -> Vec<Value> {
        let grpc_web = || filter("grpc_web", "grpc_web.v3.GrpcWeb", &json!({}));
        let behind = match self.chain {
            Alone | Mcp | UntoldMcp | UntoldMcpWithoutOrigin | WebSocket => Vec::new(),
            GrpcWeb => vec![grpc_web()],
            AuthenticationThenGrpcWeb => vec![authentication(), grpc_web()],
            GrpcWebThenAuthentication => vec![grpc_web(), authentication()],
            Connect => {
                vec![filter("connect_grpc_bridge", "connect_grpc_bridge.v3.FilterConfig", &json!({}))]
            }
        };
        [vec![cors_filter(&Configuration::Struct(&self.policy()))], behind].concat()
    }

    /// The only route.
    pub(crate) fn route(&self) -> Value {
        let removed = (self.chain == UntoldMcpWithoutOrigin).then_some("origin");
        let added = (self.chain == WebSocket).then(|| json!({ "header": { "key": CASE, "value": "0" } }));
        json!({
            "match": { "prefix": "/" },
            "route": self.action(),
            "request_headers_to_remove": removed.as_slice(),
            "request_headers_to_add": added.as_slice(),
        })
    }

    fn action(&self) -> Value {
        // As the recipe has it for servers that judge `Host` themselves.
        let to_mcp = |cluster: &str| json!({ "cluster": cluster, "host_rewrite_literal": "mcp.internal", "append_x_forwarded_host": true });
        match self.chain {
            Alone => json!({ "cluster": UPSTREAM }),
            Mcp => to_mcp(MCP),
            UntoldMcp | UntoldMcpWithoutOrigin => to_mcp(UNTOLD_MCP),
            WebSocket => json!({ "cluster": WEBSOCKET }),
            _ => json!({ "cluster": GRPC }),
        }
    }

    fn policy(&self) -> Value {
        let file = format!("envoy/recipes/{}.yaml", self.recipe);
        let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(&file));
        let text = text.unwrap_or_else(|error| panic!("{file}: {error}"));
        let mut config = yaml::document(&text);
        let lacked = match self.lacks {
            Nothing => true,
            Field(field) => policy(&mut config).remove(field).is_some(),
            Entry(field, entry) => remove(&mut policy(&mut config)[field], entry),
        };
        assert!(lacked, "{file} does not have what {} lacks", self.name);
        config
    }
}

/// The only policy, or the first of several.
fn policy(config: &mut Value) -> &mut Map<String, Value> {
    let is_one = config["policies"].is_null();
    let policy = if is_one { config } else { &mut config["policies"][0] };
    policy.as_object_mut().expect("a policy is an object")
}

fn remove(list: &mut Value, entry: &str) -> bool {
    let list = list.as_array_mut().expect("a list");
    let before = list.len();
    list.retain(|known| known != entry);
    list.len() < before
}

/// Nobody's password is right.
fn authentication() -> Value {
    let users = json!({ "users": { "inline_string": "somebody:{SHA}2kuSN7rMzfGcB2DKt67EqDWQELA=" } });
    filter("basic_auth", "basic_auth.v3.BasicAuth", &users)
}
