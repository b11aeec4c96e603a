//! Uploads: tus, and object stores.

use crate::row::Page::{App, Stranger};
use crate::row::Row;

pub(crate) const ROWS: &[Row] = &[
    (
        "tus: an upload in two parts, with a mistake, and its end",
        App,
        "tus",
        "tus(api)",
        "OPTIONS 204 tus-version: 1.0.0 tus-extension: creation,termination tus-max-size: 1000000 | POST 201 ok tus-resumable: 1.0.0 | \
         PATCH 204 upload-offset: 5 | PATCH 409 ok upload-offset: null | HEAD 200 upload-offset: 5 upload-length: 10 | \
         PATCH 204 upload-offset: 10 | DELETE 204",
        &[
            "preflight OPTIONS tus-resumable 204",
            "OPTIONS 204",
            "POST 201",
            "preflight PATCH content-type,tus-resumable,upload-offset 204",
            "PATCH 204",
            "PATCH 409",
            "HEAD 200",
            "PATCH 204",
            "DELETE 204",
        ],
    ),
    (
        "tus: discovery where `OPTIONS` is not a listed method",
        App,
        "tus-undiscovered",
        "tus(api)",
        "refused",
        &["preflight OPTIONS tus-resumable 204 method-not-allowed"],
    ),
    (
        "tus: an upload whose place is not exposed",
        App,
        "tus-unexposed",
        "tus(api)",
        "OPTIONS 204 tus-version: null tus-extension: null tus-max-size: null | POST 201 ok tus-resumable: null | Error: no location",
        &["preflight OPTIONS tus-resumable 204", "OPTIONS 204", "POST 201"],
    ),
    (
        "tus: parts whose offset is not listed",
        App,
        "tus-without-offsets",
        "tus(api)",
        "OPTIONS 204 tus-version: 1.0.0 tus-extension: creation,termination tus-max-size: 1000000 | POST 201 ok tus-resumable: 1.0.0 | \
         refused",
        &[
            "preflight OPTIONS tus-resumable 204",
            "OPTIONS 204",
            "POST 201",
            "preflight PATCH content-type,tus-resumable,upload-offset 204 header-not-allowed",
        ],
    ),
    (
        "tus: another page",
        Stranger,
        "tus",
        "tus(api)",
        "refused",
        &["preflight OPTIONS tus-resumable 403 origin-not-allowed"],
    ),
    (
        "S3: an upload with metadata, by a signed URL",
        App,
        "objects",
        "upload(api)",
        "200 ok etag: \"5d41\" x-amz-request-id: T1 x-amz-version-id: 7",
        &["preflight PUT content-type,x-amz-acl,x-amz-meta-color 204", "PUT 200"],
    ),
    (
        "S3: headers of the family that is not listed",
        App,
        "objects-without-family",
        "upload(api)",
        "refused",
        &["preflight PUT content-type,x-amz-acl,x-amz-meta-color 204 header-not-allowed"],
    ),
    (
        "S3: headers of another family",
        App,
        "objects",
        "upload(api, { 'x-goog-meta-color': 'blue' })",
        "refused",
        &["preflight PUT content-type,x-amz-acl,x-amz-meta-color,x-goog-meta-color 204 header-not-allowed"],
    ),
    (
        "S3: what is not exposed",
        App,
        "objects-unexposed",
        "upload(api)",
        "200 ok etag: null x-amz-request-id: null x-amz-version-id: null",
        &["preflight PUT content-type,x-amz-acl,x-amz-meta-color 204", "PUT 200"],
    ),
    (
        "S3: another page",
        Stranger,
        "objects",
        "upload(api)",
        "refused",
        &["preflight PUT content-type,x-amz-acl,x-amz-meta-color 403 origin-not-allowed"],
    ),
];
