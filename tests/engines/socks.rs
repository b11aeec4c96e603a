//! A SOCKS proxy on loopback, through which a browser finds the hosts of a test and no others:
//! <https://www.rfc-editor.org/rfc/rfc1928>. It passes bytes on unchanged, so nothing between the browser and the test
//! changes a request.

use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;

use serde_json::{Value, json};

const VERSION: u8 = 5;
const NO_AUTHENTICATION: [u8; 2] = [VERSION, 0];
const CONNECT: u8 = 1;
const IPV4: u8 = 1;
const DOMAIN_NAME: u8 = 3;
/// Followed by the address that the proxy connects from, which no browser reads.
const SUCCEEDED: [u8; 10] = [VERSION, 0, 0, IPV4, 0, 0, 0, 0, 0, 0];
const HOST_UNREACHABLE: [u8; 10] = [VERSION, 4, 0, IPV4, 0, 0, 0, 0, 0, 0];

/// A proxy that serves until the test program ends.
pub(crate) struct Socks {
    port: u16,
}

impl Socks {
    /// Starts a proxy that connects to the loopback port that `port_of` gives a host and its port.
    pub(crate) fn start(port_of: impl Fn(&str, u16) -> Option<u16> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("loopback has a free port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let port_of = Arc::new(port_of);
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let port_of = Arc::clone(&port_of);
                // A connection that breaks shows in the browser.
                thread::spawn(move || serve(client, &*port_of).ok());
            }
        });
        Self { port }
    }

    /// As the option of a browser.
    pub(crate) fn url(&self) -> String {
        format!("socks://127.0.0.1:{}", self.port)
    }

    /// As <https://www.w3.org/TR/webdriver2/#proxy>.
    pub(crate) fn capability(&self) -> Value {
        let address = format!("127.0.0.1:{}", self.port);
        json!({ "proxyType": "manual", "socksProxy": address, "socksVersion": VERSION })
    }
}

fn serve(mut client: TcpStream, port_of: &dyn Fn(&str, u16) -> Option<u16>) -> io::Result<()> {
    let (host, port) = read_destination(&mut client)?;
    let upstream = port_of(&host, port).map(|port| TcpStream::connect(("127.0.0.1", port)));
    let Some(Ok(upstream)) = upstream else { return client.write_all(&HOST_UNREACHABLE) };
    client.write_all(&SUCCEEDED)?;
    for stream in [&client, &upstream] {
        stream.set_nodelay(true)?;
    }
    let (from, to) = (client.try_clone()?, upstream.try_clone()?);
    thread::spawn(move || pass_on(from, to));
    pass_on(upstream, client);
    Ok(())
}

fn read_destination(client: &mut TcpStream) -> io::Result<(String, u16)> {
    let [_, methods] = read(client)?;
    io::copy(&mut client.take(u64::from(methods)), &mut io::sink())?;
    client.write_all(&NO_AUTHENTICATION)?;
    let host = match read(client)? {
        [VERSION, CONNECT, _, IPV4] => std::net::Ipv4Addr::from(read::<4>(client)?).to_string(),
        [VERSION, CONNECT, _, DOMAIN_NAME] => {
            let [length] = read(client)?;
            let mut name = String::new();
            client.take(u64::from(length)).read_to_string(&mut name)?;
            name
        }
        _ => return Err(io::ErrorKind::Unsupported.into()),
    };
    Ok((host, u16::from_be_bytes(read(client)?)))
}

fn read<const LENGTH: usize>(client: &mut TcpStream) -> io::Result<[u8; LENGTH]> {
    let mut bytes = [0; LENGTH];
    client.read_exact(&mut bytes)?;
    Ok(bytes)
}

fn pass_on(mut from: TcpStream, mut to: TcpStream) {
    // Either fails only if the peer is gone.
    io::copy(&mut from, &mut to).ok();
    to.shutdown(Shutdown::Write).ok();
}
