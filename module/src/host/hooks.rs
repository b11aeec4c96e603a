//! The hooks: the functions that Envoy finds in the module by their names and calls, on the main thread for
//! configurations and on a worker for streams. None lets a panic out, which would end the process.
//!
//! Those at the end of the file do nothing, but Envoy refuses a module without them.

use std::ffi::c_char;
use std::marker::PhantomData;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr::null;
use std::sync::Arc;

use super::abi::{self, Buffer, ConfigEnvoy, ConfigModule, FilterEnvoy, FilterModule};
use super::{Exchange, Level, Setup, borrowed, find, log};
use crate::filter::{Filter, RoutePolicies};
use crate::stream::Stream;

/// The result of a hook, unless it panics. The standard library has then already printed where.
fn guarded<T>(hook: impl FnOnce() -> T) -> Option<T> {
    let done = catch_unwind(AssertUnwindSafe(hook)).ok();
    if done.is_none() {
        log(
            Level::Critical,
            format_args!("proxy_wasm_cors: the filter has failed because of a bug in it; please report this"),
        );
    }
    done
}

/// The pointer that Envoy keeps until it calls the hook that ends what it points to.
fn kept<T>(made: Option<Option<T>>) -> ConfigModule {
    made.flatten().map_or(null(), |made| Arc::into_raw(Arc::new(made)).cast())
}

/// Called once for each load, on the main thread: returns the version of the ABI.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_program_init() -> *const c_char {
    let is_newer = !find(abi::ONLY_IN_NEWER).is_null();
    if is_newer { abi::VERSION.as_ptr() } else { abi::OLDER_VERSION.as_ptr() }
}

/// Makes a configuration of the filter; null refuses it.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_http_filter_config_new(
    config: ConfigEnvoy,
    name: Buffer,
    bytes: Buffer,
) -> ConfigModule {
    // SAFETY: Envoy lends both for the hook, and nothing that it makes borrows them.
    let (name, bytes) = unsafe { (borrowed(name), borrowed(bytes)) };
    let setup = Setup { config, lent: PhantomData };
    kept(guarded(|| Filter::made(name, bytes, &setup)))
}

/// What the module's scheduler asked for, on the main thread. Releases that have no scheduler do not call it.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_http_filter_config_scheduled(
    config: ConfigEnvoy,
    filter: ConfigModule,
    _event: u64,
) {
    let setup = Setup { config, lent: PhantomData };
    // SAFETY: `kept` made it of this type, and Envoy does not end the configuration during the hook.
    guarded(|| unsafe { &*filter.cast::<Filter>() }.collect_counts(&setup));
}

/// Ends a configuration, after its last stream has ended.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_http_filter_config_destroy(filter: ConfigModule) {
    // SAFETY: `kept` made it of this type, and Envoy gives it back once.
    guarded(|| drop(unsafe { Arc::from_raw(filter.cast::<Filter>()) }));
}

/// Makes the policies of a route, a virtual host or a route table; null refuses them.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_http_filter_per_route_config_new(
    name: Buffer,
    bytes: Buffer,
) -> ConfigModule {
    // SAFETY: Envoy lends both for the hook, and nothing that it makes borrows them.
    let (name, bytes) = unsafe { (borrowed(name), borrowed(bytes)) };
    kept(guarded(|| RoutePolicies::made(name, bytes)))
}

/// Ends them. A stream that they judged may not have its response yet.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_http_filter_per_route_config_destroy(policies: ConfigModule) {
    // SAFETY: `kept` made it of this type, and Envoy gives it back once.
    guarded(|| drop(unsafe { Arc::from_raw(policies.cast::<RoutePolicies>()) }));
}

impl Exchange<'_> {
    fn of(filter: FilterEnvoy) -> Self {
        Self { filter, lent: PhantomData }
    }

    /// The policies of the stream's route, if it has any.
    pub(crate) fn route_policies(&self) -> Option<Arc<RoutePolicies>> {
        // SAFETY: the stream is in a hook.
        let policies = unsafe { abi::route_config(self.filter) }.cast::<RoutePolicies>();
        // SAFETY: `kept` made it of this type; the stream's route keeps it for the hook, and the count for the stream.
        (!policies.is_null()).then(|| unsafe {
            Arc::increment_strong_count(policies);
            Arc::from_raw(policies)
        })
    }
}

/// Makes the filter of a stream. Never null.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_http_filter_new(filter: ConfigModule, _: FilterEnvoy) -> FilterModule {
    // SAFETY: `kept` made it of this type, and Envoy keeps it until after the end of the stream.
    let filter = unsafe {
        Arc::increment_strong_count(filter.cast::<Filter>());
        Arc::from_raw(filter.cast::<Filter>())
    };
    Box::into_raw(Box::new(Stream::under(filter))).cast()
}

/// Ends the filter of a stream.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_http_filter_destroy(stream: FilterModule) {
    // SAFETY: the hook above made it of this type, and Envoy gives it back once.
    guarded(|| drop(unsafe { Box::from_raw(stream.cast::<Stream>()) }));
}

/// Called when the headers of the request are there.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_http_filter_request_headers(
    filter: FilterEnvoy,
    stream: FilterModule,
    _ends: bool,
) -> u32 {
    let exchange = Exchange::of(filter);
    // SAFETY: a stream has one hook at a time, and the borrow ends before a reply, during which there may be others.
    let flow = guarded(|| unsafe { &mut *stream.cast::<Stream>() }.on_request(&exchange));
    match flow {
        Some(None) => return abi::CONTINUE,
        Some(Some(answer)) if guarded(|| exchange.reply(&answer)).is_some() => {}
        _ => exchange.fail(),
    }
    abi::STOP
}

/// Called when the headers of the response are there, or of another filter's answer.
#[unsafe(no_mangle)]
extern "C" fn envoy_dynamic_module_on_http_filter_response_headers(
    filter: FilterEnvoy,
    stream: FilterModule,
    _ends: bool,
) -> u32 {
    let exchange = Exchange::of(filter);
    // SAFETY: a stream has one hook at a time, and nothing in it replies.
    let done = guarded(|| unsafe { &mut *stream.cast::<Stream>() }.on_response(&exchange));
    if done.is_some() {
        return abi::CONTINUE;
    }
    exchange.fail();
    abi::STOP
}

/// Hooks that do nothing: the name of each, the types of its arguments, and what it returns.
macro_rules! idle {
    ($($name:ident($($argument:ty),*) $(-> $answer:expr)?;)*) => {
        $(idle!(@ $name($($argument),*) $($answer)?);)*
    };
    (@ $name:ident($($argument:ty),*) $answer:expr) => {
        /// Nothing to do; Envoy goes on.
        #[unsafe(no_mangle)]
        extern "C" fn $name($(_: $argument),*) -> u32 {
            $answer
        }
    };
    (@ $name:ident($($argument:ty),*)) => {
        /// Nothing to do.
        #[unsafe(no_mangle)]
        extern "C" fn $name($(_: $argument),*) {}
    };
}

idle! {
    envoy_dynamic_module_on_http_filter_request_body(FilterEnvoy, FilterModule, bool) -> abi::CONTINUE;
    envoy_dynamic_module_on_http_filter_request_trailers(FilterEnvoy, FilterModule) -> abi::CONTINUE;
    envoy_dynamic_module_on_http_filter_response_body(FilterEnvoy, FilterModule, bool) -> abi::CONTINUE;
    envoy_dynamic_module_on_http_filter_response_trailers(FilterEnvoy, FilterModule) -> abi::CONTINUE;
    envoy_dynamic_module_on_http_filter_stream_complete(FilterEnvoy, FilterModule);
    envoy_dynamic_module_on_http_filter_scheduled(FilterEnvoy, FilterModule, u64);
    envoy_dynamic_module_on_http_filter_http_callout_done(
        FilterEnvoy, FilterModule, u64, u32, *const Buffer, usize, *const Buffer, usize
    );
    envoy_dynamic_module_on_http_filter_http_stream_headers(
        FilterEnvoy, FilterModule, u64, *const Buffer, usize, bool
    );
    envoy_dynamic_module_on_http_filter_http_stream_data(
        FilterEnvoy, FilterModule, u64, *const Buffer, usize, bool
    );
    envoy_dynamic_module_on_http_filter_http_stream_trailers(
        FilterEnvoy, FilterModule, u64, *const Buffer, usize
    );
    envoy_dynamic_module_on_http_filter_http_stream_complete(FilterEnvoy, FilterModule, u64);
    envoy_dynamic_module_on_http_filter_http_stream_reset(FilterEnvoy, FilterModule, u64, u32);
    envoy_dynamic_module_on_http_filter_downstream_above_write_buffer_high_watermark(
        FilterEnvoy, FilterModule
    );
    envoy_dynamic_module_on_http_filter_downstream_below_write_buffer_low_watermark(
        FilterEnvoy, FilterModule
    );
}
