//! All that a recipe lists is of use: each of its methods and headers once, whatever they mean.

use crate::row::Page::{App, Dashboard};
use crate::row::Row;

pub(crate) const ROWS: &[Row] = &[
    (
        "all of the dashboard",
        Dashboard,
        "dashboard",
        "everything(api, 'PUT,DELETE', \
         'content-type,x-csrf-token', \
         'x-job-id')",
        "200 | 200",
        &["preflight PUT content-type,x-csrf-token 204", "PUT 200", "DELETE 200"],
    ),
    (
        "all of tus",
        App,
        "tus",
        "everything(api, 'PATCH,DELETE,OPTIONS', \
         'content-type,tus-resumable,upload-length,upload-offset,upload-metadata,\
         upload-defer-length,upload-concat,x-http-method-override', \
         'location,tus-resumable,tus-version,tus-extension,tus-max-size,upload-offset,\
         upload-length,upload-metadata,upload-concat,upload-defer-length')",
        "200 | 200 | 200",
        &[
            "preflight PATCH content-type,tus-resumable,upload-concat,upload-defer-length,upload-length,\
         upload-metadata,upload-offset,x-http-method-override 204",
            "PATCH 200",
            "DELETE 200",
            "OPTIONS 200",
        ],
    ),
    (
        "all of downloads",
        App,
        "downloads",
        "everything(api, 'GET', \
         'range,if-none-match,if-range', \
         'accept-ranges,content-range,content-encoding,etag,content-disposition')",
        "200",
        &["preflight GET if-none-match,if-range,range 204", "GET 200"],
    ),
    (
        "all of object stores",
        App,
        "objects",
        "everything(api, 'PUT,DELETE', \
         'content-type,content-md5,x-amz-acl', \
         'etag,x-amz-request-id,x-amz-version-id')",
        "200 | 200",
        &["preflight PUT content-md5,content-type,x-amz-acl 204", "PUT 200", "DELETE 200"],
    ),
    // Chromium keeps no preflight for a call with a condition.
    (
        "all of REST",
        App,
        "rest",
        "everything(api, 'PUT,PATCH,DELETE', \
         'content-type,authorization,if-match,if-none-match,prefer,idempotency-key', \
         'etag,link,location,retry-after,x-total-count,x-ratelimit-limit,\
         x-ratelimit-remaining,x-ratelimit-reset')",
        "200 | 200 | 200",
        &[
            "preflight PUT authorization,content-type,idempotency-key,if-match,if-none-match,prefer 204",
            "PUT 200",
            "preflight PATCH authorization,content-type,idempotency-key,if-match,if-none-match,prefer 204",
            "PATCH 200",
            "preflight DELETE authorization,content-type,idempotency-key,if-match,if-none-match,prefer 204",
            "DELETE 200",
        ],
    ),
    (
        "all of GraphQL",
        App,
        "graphql",
        "everything(api, 'POST', \
         'content-type,authorization,apollo-require-preflight,apollographql-client-name,\
         apollographql-client-version')",
        "200",
        &[
            "preflight POST apollo-require-preflight,apollographql-client-name,apollographql-client-version,\
         authorization,content-type 204",
            "POST 200",
        ],
    ),
    (
        "all of WebDAV: headers",
        App,
        "webdav",
        "everything(api, 'PUT', \
         'content-type,authorization,depth,destination,overwrite,if,if-match,\
         if-none-match,lock-token,timeout,prefer', \
         'dav,etag,lock-token,location,preference-applied')",
        "200",
        &[
            "preflight PUT authorization,content-type,depth,destination,if,if-match,if-none-match,\
         lock-token,overwrite,prefer,timeout 204",
            "PUT 200",
        ],
    ),
    (
        "all of WebDAV: methods",
        App,
        "webdav",
        "everything(api, 'PUT,DELETE,OPTIONS,PROPFIND,PROPPATCH,REPORT,MKCOL,COPY,MOVE,LOCK,UNLOCK,SEARCH', \
         'depth')",
        "200 | 200 | 200 | 200 | 200 | 200 | 200 | 200 | 200 | 200 | 200 | 200",
        &[
            "preflight PUT depth 204",
            "PUT 200",
            "DELETE 200",
            "OPTIONS 200",
            "PROPFIND 200",
            "PROPPATCH 200",
            "REPORT 200",
            "MKCOL 200",
            "COPY 200",
            "MOVE 200",
            "LOCK 200",
            "UNLOCK 200",
            "SEARCH 200",
        ],
    ),
    (
        "all of MCP",
        App,
        "mcp-of-upstream",
        "everything(api, 'DELETE', \
         'content-type,authorization,mcp-protocol-version,mcp-session-id,mcp-method,\
         mcp-name,mcp-param-city,last-event-id', \
         'mcp-session-id,www-authenticate')",
        "200",
        &[
            "preflight DELETE authorization,content-type,last-event-id,mcp-method,mcp-name,mcp-param-city,\
         mcp-protocol-version,mcp-session-id 204",
            "DELETE 200",
        ],
    ),
    (
        "all of monitoring",
        App,
        "monitoring",
        "everything(api, 'GET', \
         'traceparent,tracestate,baggage,sentry-trace,b3,x-datadog-origin')",
        "200",
        &["preflight GET b3,baggage,sentry-trace,traceparent,tracestate,x-datadog-origin 204", "GET 200"],
    ),
];
