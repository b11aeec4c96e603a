//! Listeners and whole Envoys that take each other's place under traffic, each with a policy of its own.

use std::sync::atomic::{AtomicU16, Ordering::SeqCst};
use std::thread;

use super::policies::policy;
use super::stage::CLIENTS;
use super::traffic::{Over, Tally, Traffic};
use crate::support::config::{Bootstrap, Configuration, Listener, cors_filter};
use crate::support::envoy::{Directory, Envoy};
use crate::support::upstream::{Answer, Upstream};
use crate::support::wait::wait_until;
use crate::support::wasm_log;

/// In whole seconds. In one, Envoy would close all connections at once in the end.
const DRAIN_TIME: [&str; 2] = ["--drain-time-s", "2"];

/// By LDS: the new listener is added, and the old one removed when the new one answers.
pub(crate) fn of_listeners(rounds: usize) {
    let upstream = Upstream::start(|_| Answer::new(200));
    let bootstrap = |numbers: &[usize]| bootstrap(upstream.port(), numbers).dynamic();
    let envoy = Envoy::start_with(Directory::new(), &bootstrap(&[0]), &DRAIN_TIME);
    let stat = |name: &str| envoy.stat(&format!("listener_manager.{name}"));
    let port = |number| {
        let found = envoy.read_listeners().into_iter().find(|(listener, _)| *listener == name(number));
        found.map(|(_, port)| port)
    };
    let tally = drive(envoy.port(&name(0)), rounds, |number, succeed| {
        envoy.update(&bootstrap(&[number - 1, number]));
        wait_until("there is a new listener", || {
            stat("total_listeners_warming") == 0 && port(number).is_some()
        });
        succeed(port(number).expect("it is there"));
        envoy.update(&bootstrap(&[number]));
        wait_until("there is no old listener", || {
            stat("total_listeners_active") == 1 && stat("total_listeners_draining") == 0
        });
    });
    assert_eq!(wasm_log::trap(&envoy.log()), None);
    println!("{rounds} listeners replaced; {tally}");
}

/// By processes: the new one starts, and the old one drains when the new one answers.
pub(crate) fn of_envoys(rounds: usize) {
    let upstream = Upstream::start(|_| Answer::new(200));
    let start =
        |number| Envoy::start_with(Directory::new(), &bootstrap(upstream.port(), &[number]), &DRAIN_TIME);
    let mut envoy = start(0);
    let tally = drive(envoy.port(&name(0)), rounds, |number, succeed| {
        let new = start(number);
        succeed(new.port(&name(number)));
        envoy.drain();
        wait_until("connections end", || envoy.stat("http.test.downstream_cx_active") == 0);
        assert_eq!(wasm_log::trap(&envoy.log()), None);
        envoy = new;
    });
    println!("{rounds} Envoys replaced; {tally}");
}

/// Has clients send while `replace` puts one policy after the other in place, telling the port of each.
fn drive(first: u16, rounds: usize, mut replace: impl FnMut(usize, &dyn Fn(u16))) -> Tally {
    let (traffic, port) = (Traffic::default(), AtomicU16::new(first));
    let tally = thread::scope(|scope| {
        let over = Over(&traffic.is_over);
        let clients: Vec<_> =
            (0..CLIENTS).map(|_| scope.spawn(|| traffic.of_one_client(|| port.load(SeqCst)))).collect();
        for number in 1..=rounds {
            traffic.go_on();
            replace(number, &|new| {
                traffic.newest.store(number, SeqCst);
                port.store(new, SeqCst);
                traffic.go_on();
            });
            traffic.oldest.store(number, SeqCst);
            traffic.go_on();
        }
        drop(over);
        let tallies = clients.into_iter().map(|client| client.join().expect("no client panics"));
        tallies.reduce(Tally::plus).expect("there are clients")
    });
    tally.check();
    // Each client kept a connection until its listener went, every time.
    assert!(tally.closed + tally.retried >= rounds * CLIENTS, "{tally}");
    // A request may meet with the very moment of a close, each client's with each once.
    assert!(tally.retried <= rounds * CLIENTS, "{tally}");
    tally
}

fn bootstrap(upstream_port: u16, numbers: &[usize]) -> Bootstrap {
    numbers.iter().fold(Bootstrap::new(upstream_port), |bootstrap, number| {
        let filters = vec![cors_filter(&Configuration::Struct(&policy(*number)))];
        bootstrap.listener(&Listener::new(name(*number), filters))
    })
}

fn name(number: usize) -> String {
    format!("api-{number}")
}
