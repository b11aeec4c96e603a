//! What the SDK offers a plugin but this one does not use.
//!
//! The SDK calls plugins through tables of all methods of its traits, so the default of each method stays in the
//! module, with everything that it calls. The methods that serialize maps or calls are the heaviest; here they do
//! nothing.

/// Methods that return nothing, for the trait that is implemented around them.
macro_rules! unused {
    ($($name:ident($($argument:ty),*) $(-> $answer:ty = $value:expr)?;)*) => {
        $(fn $name(&self, $(_: $argument),*) $(-> $answer)? {
            $($value)?
        })*
    };
}

/// Those of `Context`.
macro_rules! unused_context {
    () => {
        $crate::plugin::unused::unused! {
            get_http_call_response_headers() -> Vec<(String, String)> = Vec::new();
            get_http_call_response_headers_bytes() -> Vec<(String, Bytes)> = Vec::new();
            get_http_call_response_header(&str) -> Option<String> = None;
            get_http_call_response_header_bytes(&str) -> Option<Bytes> = None;
            get_http_call_response_body(usize, usize) -> Option<Bytes> = None;
            get_http_call_response_trailers() -> Vec<(String, String)> = Vec::new();
            get_http_call_response_trailers_bytes() -> Vec<(String, Bytes)> = Vec::new();
            get_http_call_response_trailer(&str) -> Option<String> = None;
            get_http_call_response_trailer_bytes(&str) -> Option<Bytes> = None;
            get_grpc_stream_initial_metadata() -> Vec<(String, Bytes)> = Vec::new();
            get_grpc_stream_trailing_metadata() -> Vec<(String, Bytes)> = Vec::new();
            get_grpc_status() -> (u32, Option<String>) = (0, None);
            get_shared_data(&str) -> (Option<Bytes>, Option<u32>) = (None, None);
            set_shared_data(&str, Option<&[u8]>, Option<u32>) -> Result<(), Status> = Err(Status::InternalFailure);
            remove_shared_data(&str, Option<u32>) -> Result<(), Status> = Err(Status::InternalFailure);
            register_shared_queue(&str) -> u32 = 0;
            resolve_shared_queue(&str, &str) -> Option<u32> = None;
            get_property(Vec<&str>) -> Option<Bytes> = None;
            set_property(Vec<&str>, Option<&[u8]>);
            dispatch_http_call(&str, Vec<(&str, &str)>, Option<&[u8]>, Vec<(&str, &str)>, Duration)
                -> Result<u32, Status> = Err(Status::InternalFailure);
            dispatch_grpc_call(&str, &str, &str, Vec<(&str, &[u8])>, Option<&[u8]>, Duration)
                -> Result<u32, Status> = Err(Status::InternalFailure);
            open_grpc_stream(&str, &str, &str, Vec<(&str, &[u8])>) -> Result<u32, Status>
                = Err(Status::InternalFailure);
            call_foreign_function(&str, Option<&[u8]>) -> Result<Option<Bytes>, Status>
                = Err(Status::InternalFailure);
        }
    };
}

/// Those of `HttpContext`.
macro_rules! unused_http_context {
    () => {
        $crate::plugin::unused::unused! {
            get_http_request_headers() -> Vec<(String, String)> = Vec::new();
            get_http_request_headers_bytes() -> Vec<(String, Bytes)> = Vec::new();
            set_http_request_headers(Vec<(&str, &str)>);
            set_http_request_headers_bytes(Vec<(&str, &[u8])>);
            get_http_request_header(&str) -> Option<String> = None;
            get_http_request_trailers() -> Vec<(String, String)> = Vec::new();
            get_http_request_trailers_bytes() -> Vec<(String, Bytes)> = Vec::new();
            set_http_request_trailers(Vec<(&str, &str)>);
            set_http_request_trailers_bytes(Vec<(&str, &[u8])>);
            get_http_request_trailer(&str) -> Option<String> = None;
            get_http_response_headers() -> Vec<(String, String)> = Vec::new();
            get_http_response_headers_bytes() -> Vec<(String, Bytes)> = Vec::new();
            set_http_response_headers(Vec<(&str, &str)>);
            set_http_response_headers_bytes(Vec<(&str, &[u8])>);
            get_http_response_header(&str) -> Option<String> = None;
            get_http_response_trailers() -> Vec<(String, String)> = Vec::new();
            get_http_response_trailers_bytes() -> Vec<(String, Bytes)> = Vec::new();
            set_http_response_trailers(Vec<(&str, &str)>);
            set_http_response_trailers_bytes(Vec<(&str, &[u8])>);
            get_http_response_trailer(&str) -> Option<String> = None;
            set_http_request_header(&str, Option<&str>);
            add_http_request_header(&str, &str);
            set_http_request_trailer(&str, Option<&str>);
            add_http_request_trailer(&str, &str);
            set_http_response_header(&str, Option<&str>);
            add_http_response_header(&str, &str);
            set_http_response_trailer(&str, Option<&str>);
            add_http_response_trailer(&str, &str);
            send_grpc_response(GrpcStatusCode, Option<&str>, Vec<(&str, &[u8])>);
            send_http_response(u32, Vec<(&str, &str)>, Option<&[u8]>);
        }
    };
}

pub(super) use {unused, unused_context, unused_http_context};
