//! libFuzzer's entry to `properties/decide.rs`, which defines what the bytes mean and what must hold.

#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| proxy_wasm_cors_fuzz::decide::check(input));
