//! The job that puts customers' domains into the file that Envoy watches.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Instant;

use super::{binary, page};
use crate::support::envoy::Envoy;
use crate::support::example;
use crate::support::filter::Filter;
use crate::support::http::{Request, send};
use crate::support::upstream::{Answer, Upstream};
use crate::support::wait::wait_until;

const CUSTOMERS: usize = 50_000;

/// So many new connections in a row, answered by one policy, show that both workers have it.
const PROBES: usize = 16;

/// The job as the page has it, run in `envoy/ecds` of a checkout.
struct Job {
    script: String,
    directory: PathBuf,
}

impl Job {
    fn new(checkout: &Path) -> Self {
        let script = page::block("Thousands of customers' domains", "sh");
        let script = match Filter::under_test() {
            Filter::Plugin => script,
            // The command does not read the configuration of a module.
            Filter::Module => script.replace("proxy-wasm-cors check cors.yaml.new && ", ""),
        };
        Self { script, directory: checkout.join("envoy/ecds") }
    }

    fn run(&self, customers: &str) -> Output {
        fs::write(self.directory.join("customers.txt"), customers).expect("it can be written");
        let command = binary::path().parent().expect("a file is in a directory").to_string_lossy();
        Command::new("sh")
            .args(["-c", &self.script])
            .current_dir(&self.directory)
            .env("PATH", format!("{command}:/usr/bin:/bin"))
            .output()
            .expect("there is a shell")
    }

    /// The file that Envoy watches.
    fn in_force(&self) -> Vec<u8> {
        fs::read(self.directory.join("cors.yaml")).expect("it is there")
    }
}

fn customers(count: usize) -> String {
    (0..count).fold(String::new(), |mut lines, number| {
        writeln!(lines, "shop.customer-{number}.example").expect("a text grows");
        lines
    })
}

/// The status of a preflight of a page.
struct Asked(u16);

impl Asked {
    fn status(&self, origin: &str) -> u16 {
        send(self.0, &Request::preflight("/", origin, "GET")).status
    }

    fn wait_for(&self, origin: &str, status: u16) {
        wait_until("the new file is in force", || (0..PROBES).all(|_| self.status(origin) == status));
    }

    #[track_caller]
    fn check(&self, rows: &[(u16, &str)]) {
        for (expected, origin) in rows {
            assert_eq!(self.status(origin), *expected, "{origin}");
        }
    }
}

/// All are in force by a rename, one that has left is out by the next, and a bad line changes nothing.
#[test]
fn thousands_of_customers() {
    let upstream = Upstream::start(|_| Answer::new(200));
    let checkout = example::checkout(upstream.port());
    let job = Job::new(checkout.path());
    let envoy = Envoy::start_from(checkout, example::ECDS, &[]);
    let pages = Asked(envoy.port(example::LISTENER));
    let last = "https://shop.customer-49999.example";
    pages.check(&[(204, "http://localhost:8080"), (403, last)]);

    let ended = job.run(&customers(CUSTOMERS));
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stdout));
    let renamed = Instant::now();
    pages.wait_for(last, 204);
    println!("{CUSTOMERS} origins in force {:?} after the rename", renamed.elapsed());
    pages.check(&[
        (204, "https://shop.customer-0.example"),
        (403, "http://shop.customer-0.example"),
        (403, "https://customer-0.example"),
        (403, "https://shop.customer-50000.example"),
        (403, "http://localhost:8080"),
    ]);

    assert!(job.run(&customers(CUSTOMERS - 1)).status.success());
    pages.wait_for(last, 403);
    pages.check(&[(204, "https://shop.customer-49998.example")]);
    if Filter::under_test() == Filter::Plugin {
        a_bad_line(&job);
        pages.check(&[(204, "https://shop.customer-1.example")]);
    }
}

/// The file is not moved, and the command says what is wrong.
fn a_bad_line(job: &Job) {
    let before = job.in_force();
    let ended = job.run("shop.customer-0.example\nShop.Example/\n");
    assert!(!ended.status.success());
    let told = String::from_utf8_lossy(&ended.stdout);
    assert!(told.contains("problem: allow_origins[1]: `https://Shop.Example/`"), "{told}");
    assert!(job.in_force() == before, "a file with a bad line is in force");
}
