//! The functions that the host has.

use wasmi::{Caller, Error, ExternType, Linker, Memory, Module, Val};

use super::state::{Metric, State};
use crate::support::cases::Headers;

const OK: u32 = 0;
const NOT_FOUND: u32 = 1;
const BAD_ARGUMENT: u32 = 2;

const REQUEST_HEADERS: u32 = 0;
const RESPONSE_HEADERS: u32 = 2;
const PLUGIN_CONFIGURATION: u32 = 7;

type Host<'a> = Caller<'a, State>;

/// Where the module has text, and where it wants to have a number or a place.
type Place = u32;

pub(super) fn define(linker: &mut Linker<State>, module: &Module) -> Result<(), Error> {
    define_telling(linker)?;
    define_headers(linker)?;
    define_properties(linker)?;
    define_wasi(linker)?;
    define_uncalled(linker, module);
    Ok(())
}

/// The SDK imports all functions of the ABI. The plugin needs none but the above: to call another one is a trap.
fn define_uncalled(linker: &mut Linker<State>, module: &Module) {
    for import in module.imports().filter(|import| import.module() == "env") {
        let (name, ExternType::Func(kind)) = (import.name().to_owned(), import.ty()) else { continue };
        let trap =
            move |_: Host<'_>, _: &[_], _: &mut [_]| Err(Error::new(format!("the plugin calls {name}")));
        // What is defined already stays as it is, and this fails.
        linker.func_new("env", import.name(), kind.clone(), trap).ok();
    }
}

/// Lets functions answer a status and do nothing, each in the place of one that is defined.
pub(super) fn refuse(linker: &mut Linker<State>, module: &Module, refused: &[(&'static str, u32)]) {
    linker.allow_shadowing(true);
    for (name, status) in refused.iter().copied() {
        let import = module.imports().find(|import| import.name() == name).expect("the plugin imports it");
        let kind = import.ty().func().expect("it is a function").clone();
        let refuse = move |_: Host<'_>, _: &[Val], answer: &mut [Val]| {
            answer[0] = Val::I32(status as i32);
            Ok(())
        };
        linker.func_new("env", name, kind, refuse).expect("another definition may be replaced");
    }
}

fn define_telling(linker: &mut Linker<State>) -> Result<(), Error> {
    linker.func_wrap("env", "proxy_log", |mut host: Host<'_>, level: u32, text: Place, size: u32| {
        let line = String::from_utf8(read(&host, text, size)).expect("a line of the log is text");
        host.data_mut().called(format!("log {level}"), false);
        host.data_mut().log.push((level, line));
        OK
    })?;
    linker.func_wrap("env", "proxy_get_log_level", |mut host: Host<'_>, level: Place| {
        let known = host.data().log_level;
        host.data_mut().called("log level".to_owned(), false);
        write(&mut host, level, &known.to_le_bytes());
        OK
    })?;
    linker.func_wrap("env", "proxy_set_tick_period_milliseconds", |mut host: Host<'_>, period: u32| {
        host.data_mut().has_ticks = period > 0;
        OK
    })?;
    linker.func_wrap(
        "env",
        "proxy_define_metric",
        |mut host: Host<'_>, kind: u32, name: Place, size: u32, id: Place| {
            assert!(kind <= 1, "the plugin has counters and gauges only");
            let name = text(&host, name, size);
            // One that is there already, from the configuration before, is the same.
            let metrics = &mut host.data_mut().metrics;
            let known = metrics.iter().position(|metric| metric.name == name);
            let last = known.unwrap_or_else(|| {
                metrics.push(Metric { name, is_gauge: kind == 1, value: 0 });
                metrics.len() - 1
            }) as u32;
            write(&mut host, id, &last.to_le_bytes());
            OK
        },
    )?;
    linker.func_wrap("env", "proxy_record_metric", |mut host: Host<'_>, id: u32, value: u64| {
        host.data_mut().called("record".to_owned(), false);
        host.data_mut().metrics[id as usize].value = value;
        OK
    })?;
    linker.func_wrap("env", "proxy_increment_metric", |mut host: Host<'_>, id: u32, by: i64| {
        host.data_mut().called("count".to_owned(), false);
        host.data_mut().metrics[id as usize].value += u64::try_from(by).expect("a counter counts up");
        OK
    })?;
    Ok(())
}

fn define_headers(linker: &mut Linker<State>) -> Result<(), Error> {
    linker.func_wrap(
        "env",
        "proxy_get_header_map_value",
        |mut host: Host<'_>, map: u32, name: Place, size: u32, value: Place, value_size: Place| {
            let name = text(&host, name, size);
            let Some(headers) = headers(host.data_mut(), map) else { return BAD_ARGUMENT };
            let lines = headers.iter().filter(|(known, _)| *known == name);
            let lines: Vec<&[u8]> = lines.map(|(_, value)| value.trim_ascii()).collect();
            let found = (!lines.is_empty()).then(|| lines.join(&b","[..]));
            host.data_mut().called(format!("read {name}"), found.is_some());
            answer(&mut host, found, value, value_size)
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_replace_header_map_value",
        |mut host: Host<'_>, map: u32, name: Place, size: u32, value: Place, value_size: u32| {
            let (name, value) = (text(&host, name, size), read(&host, value, value_size));
            host.data_mut().called(format!("set {name}"), false);
            edit(host.data_mut(), map, name, Some(value))
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_add_header_map_value",
        |mut host: Host<'_>, map: u32, name: Place, size: u32, value: Place, value_size: u32| {
            let (name, value) = (text(&host, name, size), read(&host, value, value_size));
            host.data_mut().called(format!("add {name}"), false);
            let Some(headers) = headers(host.data_mut(), map) else { return BAD_ARGUMENT };
            headers.push((name, value));
            OK
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_remove_header_map_value",
        |mut host: Host<'_>, map: u32, name: Place, size: u32| {
            let name = text(&host, name, size);
            host.data_mut().called(format!("remove {name}"), false);
            edit(host.data_mut(), map, name, None)
        },
    )?;
    linker.func_wrap("env", "proxy_send_local_response", reply)?;
    Ok(())
}

#[expect(clippy::too_many_arguments, reason = "the ABI has them")]
fn reply(
    mut host: Host<'_>,
    status: u32,
    _details: Place,
    _details_size: u32,
    body: Place,
    body_size: u32,
    headers: Place,
    headers_size: u32,
    _grpc_status: i32,
) -> u32 {
    let body = read(&host, body, body_size);
    let mut headers = pairs(&read(&host, headers, headers_size));
    if !body.is_empty() {
        headers.push(("content-type".to_owned(), b"text/plain".to_vec()));
    }
    host.data_mut().called("reply".to_owned(), false);
    host.data_mut().reply = Some((u16::try_from(status).expect("a status"), headers, body));
    OK
}

fn define_properties(linker: &mut Linker<State>) -> Result<(), Error> {
    linker.func_wrap(
        "env",
        "proxy_get_property",
        |mut host: Host<'_>, path: Place, size: u32, value: Place, value_size: Place| {
            assert_eq!(text(&host, path, size), "xds\0route_name");
            let found = host.data().route.clone();
            host.data_mut().called("read (route)".to_owned(), found.is_some());
            answer(&mut host, found, value, value_size)
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_set_property",
        |mut host: Host<'_>, path: Place, size: u32, value: Place, value_size: u32| {
            assert_eq!(text(&host, path, size), "cors");
            let value = read(&host, value, value_size);
            host.data_mut().called("record".to_owned(), false);
            host.data_mut().recorded = Some(value);
            OK
        },
    )?;
    linker.func_wrap(
        "env",
        "proxy_get_buffer_bytes",
        |mut host: Host<'_>, buffer: u32, start: u32, _max: u32, data: Place, size: Place| {
            assert_eq!((buffer, start), (PLUGIN_CONFIGURATION, 0));
            let found = Some(host.data().configuration.clone()).filter(|bytes| !bytes.is_empty());
            answer(&mut host, found, data, size)
        },
    )?;
    Ok(())
}

/// The standard library asks for these where it starts and where it panics.
fn define_wasi(linker: &mut Linker<State>) -> Result<(), Error> {
    const WASI: &str = "wasi_snapshot_preview1";
    linker.func_wrap(WASI, "random_get", |mut host: Host<'_>, data: Place, size: u32| {
        host.data_mut().wasi_calls += 1;
        write(&mut host, data, &vec![7; size as usize]);
        OK
    })?;
    linker.func_wrap(WASI, "environ_sizes_get", |mut host: Host<'_>, count: Place, size: Place| {
        host.data_mut().wasi_calls += 1;
        write(&mut host, count, &[0; 4]);
        write(&mut host, size, &[0; 4]);
        OK
    })?;
    linker.func_wrap(WASI, "environ_get", |mut host: Host<'_>, _places: Place, _data: Place| {
        host.data_mut().wasi_calls += 1;
        OK
    })?;
    linker.func_wrap(WASI, "fd_write", |_: u32, _: Place, _: u32, _: Place| -> u32 {
        panic!("the plugin writes to a file")
    })?;
    linker.func_wrap(WASI, "proc_exit", |code: u32| -> () { panic!("the plugin exits with {code}") })?;
    Ok(())
}

/// Gives the module what was found, in memory that it lends for it.
fn answer(host: &mut Host<'_>, found: Option<Vec<u8>>, data: Place, size: Place) -> u32 {
    let Some(found) = found else { return NOT_FOUND };
    let length = found.len() as u32;
    let lend = host.get_export("proxy_on_memory_allocate").and_then(|export| export.into_func());
    let lend = lend.expect("the plugin lends memory").typed::<u32, u32>(&*host).expect("by its size");
    let place = lend.call(&mut *host, length).expect("the plugin has memory left");
    write(host, place, &found);
    write(host, data, &place.to_le_bytes());
    write(host, size, &length.to_le_bytes());
    OK
}

fn headers(state: &mut State, map: u32) -> Option<&mut Headers> {
    match (map, &mut state.response) {
        (REQUEST_HEADERS, None) => Some(&mut state.request),
        (RESPONSE_HEADERS, Some(response)) => Some(response),
        // As in Envoy: the headers of a request cannot be read any more when its response is there.
        _ => None,
    }
}

fn edit(state: &mut State, map: u32, name: String, value: Option<Vec<u8>>) -> u32 {
    let Some(headers) = headers(state, map) else { return BAD_ARGUMENT };
    let before = headers.len();
    headers.retain(|(known, _)| *known != name);
    // Envoy says `OK` to the removal of what is not there, and the ABI allows both.
    let status = if value.is_none() && headers.len() == before { NOT_FOUND } else { OK };
    headers.extend(value.map(|value| (name, value)));
    status
}

/// Headers as the ABI has them: their number, the sizes of each name and value, each name and value with a NUL.
fn pairs(bytes: &[u8]) -> Headers {
    let number = |at: usize| u32::from_le_bytes(bytes[4 * at..4 * at + 4].try_into().expect("four")) as usize;
    let mut at = 4 + 8 * number(0);
    let mut next = |size: usize| {
        let text = bytes[at..at + size].to_vec();
        assert_eq!(bytes[at + size], 0, "each ends with NUL");
        at += size + 1;
        text
    };
    let pair = |index: usize| {
        let name = String::from_utf8(next(number(1 + 2 * index))).expect("a name is text");
        (name, next(number(2 + 2 * index)))
    };
    let headers = (0..number(0)).map(pair).collect();
    assert_eq!(at, bytes.len(), "nothing follows the headers");
    headers
}

fn memory(host: &Host<'_>) -> Memory {
    host.get_export("memory").and_then(|export| export.into_memory()).expect("the plugin exports its memory")
}

fn read(host: &Host<'_>, place: Place, size: u32) -> Vec<u8> {
    let start = place as usize;
    memory(host).data(host)[start..start + size as usize].to_vec()
}

fn text(host: &Host<'_>, place: Place, size: u32) -> String {
    String::from_utf8(read(host, place, size)).expect("names are text")
}

fn write(host: &mut Host<'_>, place: Place, bytes: &[u8]) {
    let start = place as usize;
    memory(host).data_mut(host)[start..start + bytes.len()].copy_from_slice(bytes);
}
