//! A server of tus 1.0: <https://tus.io/protocols/resumable-upload>.

use std::collections::HashMap;
use std::sync::Mutex;

use crate::support::upstream::{Answer, Seen};

const VERSION: &str = "1.0.0";

#[derive(Default)]
pub(crate) struct Tus {
    uploads: Mutex<HashMap<String, Upload>>,
}

struct Upload {
    length: usize,
    bytes: Vec<u8>,
}

impl Tus {
    pub(crate) fn answer(&self, request: &Seen) -> Answer {
        // What a server can do is asked for without a version.
        let is_known =
            request.method() == "OPTIONS" || request.value("tus-resumable").as_deref() == Some(VERSION);
        let answer = match request.method() {
            _ if !is_known => Answer::new(412).header("Tus-Version", VERSION),
            "OPTIONS" => Answer::new(204)
                .header("Tus-Version", VERSION)
                .header("Tus-Extension", "creation,termination")
                .header("Tus-Max-Size", "1000000"),
            "POST" => self.create(request),
            _ => self.on_upload(request),
        };
        answer.header("Tus-Resumable", VERSION)
    }

    fn create(&self, request: &Seen) -> Answer {
        let Some(length) = request.value("upload-length").and_then(|length| length.parse().ok()) else {
            return Answer::new(400);
        };
        let mut uploads = self.uploads.lock().expect("no holder panics");
        let path = format!("/files/{}", uploads.len());
        uploads.insert(path.clone(), Upload { length, bytes: Vec::new() });
        Answer::new(201).header("Location", path)
    }

    fn on_upload(&self, request: &Seen) -> Answer {
        let mut uploads = self.uploads.lock().expect("no holder panics");
        let Some(upload) = uploads.get_mut(request.path()) else { return Answer::new(404) };
        match request.method() {
            "PATCH" => upload.append(request),
            "HEAD" => Answer::new(200)
                .header("Upload-Offset", upload.bytes.len().to_string())
                .header("Upload-Length", upload.length.to_string()),
            // The number stays taken: a new upload gets another.
            "DELETE" => {
                *upload = Upload { length: 0, bytes: Vec::new() };
                Answer::new(204)
            }
            _ => Answer::new(405),
        }
    }
}

impl Upload {
    fn append(&mut self, request: &Seen) -> Answer {
        let offset = self.bytes.len().to_string();
        let is_typed = request.value("content-type").as_deref() == Some("application/offset+octet-stream");
        if !is_typed || request.value("upload-offset") != Some(offset) {
            return Answer::new(if is_typed { 409 } else { 415 });
        }
        self.bytes.extend(&request.body);
        Answer::new(204).header("Upload-Offset", self.bytes.len().to_string())
    }
}
