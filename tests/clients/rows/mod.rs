//! The rows, a file for each kind of client.

mod background;
mod browser;
mod cookies;
mod downloads;
mod grpc;
mod protocols;
mod uploads;
mod whole;

use crate::row::Row;

pub(crate) fn all() -> Vec<Row> {
    let kinds = [
        grpc::GRPC_WEB,
        grpc::CONNECT,
        browser::ROWS,
        uploads::ROWS,
        protocols::ROWS,
        downloads::ROWS,
        cookies::ROWS,
        background::ROWS,
        whole::ROWS,
    ];
    kinds.concat()
}
