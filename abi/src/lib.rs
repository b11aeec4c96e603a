//! As much of the [proxy-wasm ABI 0.2.1] as an HTTP filter needs: what the host calls ([`Plugin`], [`Stream`]) and what
//! it can be asked ([`host`]).
//!
//! Why not the SDK `proxy-wasm`: it exports every callback that any plugin may have, and a host calls each one that it
//! finds for every stream; it carries code for each, whether it is called or not; and it ends the module, and with it
//! every request of the worker, when the host answers with a status that it does not expect. Here a call that fails
//! gives nothing, or does nothing.
//!
//! [proxy-wasm ABI 0.2.1]: https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1

pub mod host;

mod contexts;
mod exports;
mod imports;
mod lent;

pub use contexts::start;

/// One configured plugin in one VM.
pub trait Plugin {
    /// Takes the configuration, `None` if there is none; `false` refuses it.
    fn on_configure(&mut self, configuration: Option<Vec<u8>>) -> bool;

    /// Is called in the period that was asked for.
    fn on_tick(&mut self);

    /// A new stream.
    fn stream(&self) -> Box<dyn Stream>;
}

/// One request and its response.
pub trait Stream {
    /// The head of the request is there.
    fn on_request_headers(&mut self) -> Flow;

    /// The head of the response is there.
    fn on_response_headers(&mut self);
}

/// What becomes of a request after a callback.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Flow {
    /// It goes on.
    Continue = 0,
    /// It stops here, as the plugin has answered it.
    Stop = 1,
}

/// Makes the crate a plugin: `new` is called for each configured one.
#[macro_export]
macro_rules! plugin {
    ($new:expr) => {
        unsafe extern "C" {
            fn __wasm_call_ctors();
        }

        /// Is called once, before everything else.
        #[unsafe(no_mangle)]
        pub extern "C" fn _initialize() {
            // SAFETY: the linker makes this function, to be called once. Unless it is, every export does.
            unsafe { __wasm_call_ctors() }
            $crate::start($new);
        }
    };
}
