//! However many requests there have been, the memory of the VM is as large as after the first few: contexts are freed.
//! `make soak` plays a million requests.

#![expect(clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]
#![expect(clippy::indexing_slicing, clippy::arithmetic_side_effects, reason = "a test fails by panicking")]

mod support;

use std::collections::HashSet;
use std::time::Instant;

use support::cases::Headers;
use support::host::Host;

/// So many show a leak of 30 bytes a request: memory grows by pages of 64 KiB, of which one may be free at the start.
const REQUESTS: usize = 5_000;

const CONFIG: &str = r#"{"allow_origins":["https://a.example",{"regex":"https://pr-[0-9]+\\.a\\.example"}],"allow_headers":["*"],
    "allow_methods":["PUT"],"allow_credentials":true}"#;

/// One of each class; the last ones differ from one time to the next.
fn requests(time: usize) -> [Headers; 6] {
    let request = |lines: &[(&str, &str)]| {
        lines.iter().map(|(name, value)| ((*name).to_owned(), value.as_bytes().to_vec())).collect()
    };
    let put = ("access-control-request-method", "PUT");
    let names = format!("x-{time},x-{}", "y".repeat(time % 1000));
    let evil = format!("https://{time}.example");
    let preflight = [(":method", "OPTIONS"), put, ("access-control-request-headers", &names)];
    [
        request(&[]),
        request(&[("origin", "https://a.example")]),
        request(&[("origin", "https://pr-7.a.example")]),
        request(&[("origin", &evil), (":authority", "a.example")]),
        request(&[&preflight[..], &[("origin", "https://a.example")]].concat()),
        request(&[&preflight[..], &[("origin", &evil)]].concat()),
    ]
}

#[test]
fn memory_is_flat() {
    let times: usize = std::env::var("SOAK_REQUESTS").map_or(REQUESTS, |it| it.parse().expect("a number"));
    let mut host = Host::start(CONFIG).expect("it is valid");
    // Debug lines take memory as well.
    host.state_mut().log_level = 0;
    host.tick();
    let upstream = vec![("vary".to_owned(), b"accept".to_vec())];
    let mut play = |time: usize| {
        for request in requests(time) {
            host.play(&request, (200, &upstream));
        }
        if time % 100 == 0 {
            host.tick();
            host.forget_log();
        }
        host.memory_bytes()
    };
    let before = (0..2_000).map(&mut play).last();
    let begin = Instant::now();
    let sizes: HashSet<usize> = (2_000..2_000 + times.div_ceil(6)).map(&mut play).collect();
    println!("{times} requests in {:?}: memory of {sizes:?} bytes", begin.elapsed());
    assert_eq!(sizes, before.into_iter().collect(), "the size of memory");
}

/// Configurations of all sizes that replace each other take no more memory the second time, and less than twice that of
/// the largest.
#[test]
fn memory_is_flat_over_configurations() {
    let mut random = fastrand::Rng::with_seed(1);
    let configurations: Vec<String> = (0..24).map(|_| configuration(&mut random)).collect();
    let largest = configurations.iter().max_by_key(|text| text.len()).expect("there are some");
    let alone = Host::start(largest).expect("it is valid").memory_bytes();
    let mut host = Host::start(&configurations[0]).expect("it is valid");
    let mut round = || {
        for configuration in &configurations {
            assert!(host.configure(configuration), "it is valid");
            host.forget_log();
        }
        host.memory_bytes()
    };
    let (_, second, third) = (round(), round(), round());
    println!("the largest alone takes {alone} bytes, all one after the other {second}");
    assert_eq!(second, third);
    assert!(second < 2 * alone);
}

fn configuration(random: &mut fastrand::Rng) -> String {
    let mut word = |most: usize| {
        let length = random.usize(1..=most);
        std::iter::repeat_with(|| random.lowercase()).take(length).collect::<String>()
    };
    let (origins, regexes, headers) = (word(800).len(), word(40).len(), word(50).len());
    let origins = (0..origins).map(|at| format!(r#""https://{}{at}.a.example""#, word(30)));
    let mut origins: Vec<String> = origins.collect();
    origins.extend((0..regexes).map(|at| {
        format!(r#"{{"regex":"https://({}|b)-[0-9]+\\.{}{at}\\.a\\.example"}}"#, word(9), word(9))
    }));
    let headers: Vec<String> = (0..headers).map(|at| format!(r#""x-{}{at}""#, word(30))).collect();
    format!(r#"{{"allow_origins":[{}],"allow_headers":[{}]}}"#, origins.join(","), headers.join(","))
}
