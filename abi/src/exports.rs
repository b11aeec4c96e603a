//! What the host calls. Nothing else is exported, so that no host calls anything in vain.

use crate::Flow;
use crate::contexts::with;
use crate::host;
use crate::lent::lend;

#[unsafe(no_mangle)]
extern "C" fn proxy_abi_version_0_2_1() {}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_memory_allocate(size: usize) -> *mut u8 {
    lend(size)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_context_create(id: u32, parent: u32) {
    with(|contexts| contexts.create(id, parent));
}

/// There is nothing to start, but some hosts ask.
#[unsafe(no_mangle)]
extern "C" fn proxy_on_vm_start(_id: u32, _configuration_size: usize) -> bool {
    true
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_configure(id: u32, _configuration_size: usize) -> bool {
    let configuration = host::plugin_configuration();
    let accepted = with(|contexts| Some(contexts.plugins.get_mut(&id)?.on_configure(configuration)));
    accepted.flatten().unwrap_or(false)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_tick(id: u32) {
    with(|contexts| contexts.plugins.get_mut(&id).map(|plugin| plugin.on_tick()));
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_request_headers(id: u32, _count: usize, _is_all: bool) -> Flow {
    let flow = with(|contexts| Some(contexts.streams.get_mut(&id)?.on_request_headers()));
    flow.flatten().unwrap_or(Flow::Continue)
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_response_headers(id: u32, _count: usize, _is_all: bool) -> Flow {
    with(|contexts| contexts.streams.get_mut(&id).map(|stream| stream.on_response_headers()));
    Flow::Continue
}

#[unsafe(no_mangle)]
extern "C" fn proxy_on_delete(id: u32) {
    with(|contexts| contexts.delete(id));
}
