//! A second proxy-wasm host, small and independent of Envoy: the built plugin runs in an interpreter, as the ABI has it,
//! and every call of the host is counted. <https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1>

mod imports;
mod state;

use wasmi::{Engine, Instance, Linker, Module, Store, WasmParams, WasmResults};

use super::cases::Headers;
use super::http::{Head, Response};
use super::plugin;
pub(crate) use state::{Call, State};

/// The plugin's number; streams count up from it.
const PLUGIN: u32 = 1;
const CONTINUE: u32 = 0;

/// How a host differs from one that has all that the plugin asks for.
#[derive(Default)]
pub(crate) struct Lacks {
    /// The functions that it refuses, each with the status that it answers.
    pub(crate) refused: Vec<(&'static str, u32)>,
    /// Whether the plugin does not see its own replies as responses.
    pub(crate) hides_replies: bool,
    /// Whether it logs lines at level `debug` from the start on.
    pub(crate) is_verbose: bool,
}

/// One VM with one configured plugin.
pub(crate) struct Host {
    store: Store<State>,
    hides_replies: bool,
    instance: Instance,
    last_id: u32,
}

/// What came of one request.
pub(crate) struct Played {
    pub(crate) is_forwarded: bool,
    pub(crate) response: Response,
    /// What the plugin left in the filter state.
    pub(crate) recorded: Option<Vec<u8>>,
    /// The host calls in order, except those between requests.
    pub(crate) calls: Vec<Call>,
}

/// The module, compiled once for all VMs of a test program.
pub(crate) fn compiled() -> &'static Module {
    static MODULE: std::sync::OnceLock<Module> = std::sync::OnceLock::new();
    MODULE.get_or_init(|| {
        let bytes = std::fs::read(plugin::module()).expect("cargo has built it");
        Module::new(&Engine::default(), bytes).expect("the plugin is a module")
    })
}

impl Host {
    /// Starts a VM and configures the plugin. The lines that it logs at level `error` if it refuses.
    pub(crate) fn start(configuration: &str) -> Result<Self, Vec<String>> {
        Self::start_without(&Lacks::default(), configuration)
    }

    /// The same on a host that lacks something.
    pub(crate) fn start_without(lacks: &Lacks, configuration: &str) -> Result<Self, Vec<String>> {
        let mut host = Self::unconfigured(lacks);
        match host.configure(configuration) {
            false => Err(host.state().errors()),
            true => Ok(host),
        }
    }

    /// Gives the plugin a configuration, as a host that has one VM for several does. Whether it takes it.
    pub(crate) fn configure(&mut self, configuration: &str) -> bool {
        self.store.data_mut().configuration = configuration.as_bytes().to_vec();
        self.call::<_, u32>("proxy_on_configure", (PLUGIN, configuration.len() as u32)) == 1
    }

    fn unconfigured(lacks: &Lacks) -> Self {
        let module = compiled();
        let mut store = Store::new(module.engine(), State::new());
        if lacks.is_verbose {
            store.data_mut().log_level = 1;
        }
        let mut linker = Linker::new(module.engine());
        imports::define(&mut linker).expect("no import is defined twice");
        imports::refuse(&mut linker, module, &lacks.refused);
        let instance = linker.instantiate(&mut store, module).expect("every import is there");
        let instance = instance.ensure_no_start(&mut store).expect("the module starts nothing by itself");
        let mut host = Self { store, hides_replies: lacks.hides_replies, instance, last_id: PLUGIN };
        host.call::<_, ()>("_initialize", ());
        host.call::<_, ()>("proxy_on_context_create", (PLUGIN, 0_u32));
        assert_eq!(host.call::<_, u32>("proxy_on_vm_start", (PLUGIN, 0_u32)), 1);
        host
    }

    /// Plays a request, pseudo-headers among its `headers`, for which the upstream has an `answer`.
    pub(crate) fn play(&mut self, headers: &Headers, answer: (u16, &Headers)) -> Played {
        self.last_id += 1;
        let id = self.last_id;
        self.store.data_mut().begin(headers);
        self.call::<_, ()>("proxy_on_context_create", (id, PLUGIN));
        let flow: u32 = self.call("proxy_on_request_headers", (id, headers.len() as u32, 1_u32));
        let reply = self.store.data_mut().take_reply();
        let is_forwarded = reply.is_none();
        assert_eq!(is_forwarded, flow == CONTINUE, "a request goes on unless it was answered");
        let (status, response_headers, body) =
            reply.unwrap_or_else(|| (answer.0, answer.1.clone(), Vec::new()));
        self.store.data_mut().respond(&response_headers);
        // As in Envoy, the plugin sees its own reply as well.
        if is_forwarded || !self.hides_replies {
            self.call::<_, u32>("proxy_on_response_headers", (id, response_headers.len() as u32, 1_u32));
        }
        self.call::<_, ()>("proxy_on_delete", id);
        let (headers, recorded, calls) = self.store.data_mut().end();
        let response = Response { status, head: Head { start: String::new(), headers }, body };
        Played { is_forwarded, response, recorded, calls }
    }

    /// Lets the time of a tick pass, if the plugin asked for ticks; its calls of the host meanwhile.
    pub(crate) fn tick(&mut self) -> Vec<Call> {
        self.store.data_mut().calls.clear();
        if self.state().has_ticks {
            self.call::<_, ()>("proxy_on_tick", PLUGIN);
        }
        std::mem::take(&mut self.store.data_mut().calls)
    }

    /// Makes room for more lines.
    pub(crate) fn forget_log(&mut self) {
        self.store.data_mut().log.clear();
    }

    /// Deletes the plugin, as a host does after a new configuration has replaced it.
    pub(crate) fn delete(&mut self) {
        self.call::<_, ()>("proxy_on_delete", PLUGIN);
    }

    /// What the host has seen.
    pub(crate) fn state(&self) -> &State {
        self.store.data()
    }

    /// The same, to prepare what it answers.
    pub(crate) fn state_mut(&mut self) -> &mut State {
        self.store.data_mut()
    }

    /// How large the VM's memory is, in bytes.
    pub(crate) fn memory_bytes(&self) -> usize {
        let memory = self.instance.get_memory(&self.store, "memory").expect("the plugin exports its memory");
        memory.data_size(&self.store)
    }

    fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, arguments: P) -> R {
        let function = self.instance.get_typed_func::<P, R>(&self.store, name);
        let function = function.unwrap_or_else(|error| panic!("{name}: {error}"));
        function.call(&mut self.store, arguments).unwrap_or_else(|trap| panic!("{name} traps: {trap}"))
    }
}
