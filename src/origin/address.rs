//! IP addresses in texts. The standard library's code for reading and showing them is just as correct, but takes more
//! than twice as much of the module.

use std::fmt;
use std::net::{Ipv4Addr, Ipv6Addr};

const GROUPS: usize = 8;

/// Reads four decimal parts, <https://url.spec.whatwg.org/#concept-ipv4-serializer>.
pub fn ipv4(text: &str) -> Option<Ipv4Addr> {
    let mut octets = [0; 4];
    let mut parts = text.split('.');
    for octet in &mut octets {
        let part = parts.next()?;
        let is_short = matches!(part.as_bytes(), [b'0'..=b'9'] | [b'1'..=b'9', ..]);
        *octet = part.parse().ok().filter(|_| is_short)?;
    }
    parts.next().is_none().then(|| octets.into())
}

/// Reads any of the forms of an IPv6 address, <https://www.rfc-editor.org/rfc/rfc4291#section-2.2>.
pub fn ipv6(text: &str) -> Option<Ipv6Addr> {
    let (mut groups, mut count, mut gap) = ([0; GROUPS], 0_usize, None);
    let mut add = |group: u16| {
        groups.get_mut(count).map(|place| {
            *place = group;
            count = count.saturating_add(1);
            count
        })
    };
    let mut rest = text;
    if let Some(after) = rest.strip_prefix("::") {
        (gap, rest) = (Some(0), after);
    }
    while !rest.is_empty() {
        let (part, after) = rest.split_at_checked(rest.find(':').unwrap_or(rest.len()))?;
        let count = match ipv4(part) {
            Some(address) if after.is_empty() => {
                let [a, b, c, d] = address.octets();
                add(u16::from_be_bytes([a, b]))?;
                add(u16::from_be_bytes([c, d]))?
            }
            _ => add(group(part)?)?,
        };
        rest = match (after.strip_prefix("::"), after.strip_prefix(':')) {
            (Some(after), _) if gap.is_none() => {
                gap = Some(count);
                after
            }
            (None, Some(after)) if !after.is_empty() => after,
            (None, None) => "",
            _ => return None,
        };
    }
    let missing = GROUPS.saturating_sub(count);
    let is_whole = gap.is_some() == (missing > 0);
    is_whole.then(|| spread(groups, gap.unwrap_or(GROUPS), missing))
}

/// Moves what comes after the gap to the end.
fn spread(groups: [u16; GROUPS], gap: usize, missing: usize) -> Ipv6Addr {
    let place = |at: usize| if at < gap { Some(at) } else { at.checked_sub(missing).filter(|at| *at >= gap) };
    let group = |at| place(at).and_then(|at| groups.get(at)).copied().unwrap_or_default();
    std::array::from_fn::<u16, GROUPS, _>(group).into()
}

fn group(part: &str) -> Option<u16> {
    let is_group = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_hexdigit());
    u16::from_str_radix(part, 16).ok().filter(|_| is_group)
}

/// The one form of an IPv6 address that browsers write, <https://url.spec.whatwg.org/#concept-ipv6-serializer>.
pub struct Canonical(pub Ipv6Addr);

impl fmt::Display for Canonical {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let groups = self.0.segments();
        let (start, end) = longest_zeros(&groups);
        for (at, group) in groups.iter().enumerate() {
            if at == start && start < end {
                f.write_str("::")?;
            }
            if at < start || at >= end {
                let colon = if at > 0 && at != end { ":" } else { "" };
                write!(f, "{colon}{group:x}")?;
            }
        }
        Ok(())
    }
}

/// The first of the longest runs of zeros, if it has more than one.
fn longest_zeros(groups: &[u16]) -> (usize, usize) {
    let mut longest = (GROUPS, GROUPS);
    for start in 0..groups.len() {
        let zeros = groups.iter().skip(start).take_while(|group| **group == 0).count();
        if zeros > 1 && zeros > longest.1.saturating_sub(longest.0) {
            longest = (start, start.saturating_add(zeros));
        }
    }
    longest
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Compared with the standard library, which has its own form for an address that stands for an IPv4 address.
    #[track_caller]
    fn check(text: &str) {
        assert_eq!(ipv4(text), text.parse().ok(), "{text}");
        assert_eq!(ipv6(text), text.parse().ok(), "{text}");
        if let Some(address) = ipv6(text).filter(|address| address.to_ipv4_mapped().is_none()) {
            assert_eq!(Canonical(address).to_string(), address.to_string());
        }
    }

    #[test]
    fn addresses_of_each_form() {
        for text in ["1.2.3.4", "0.0.0.0", "255.255.255.255", "256.1.1.1", "01.2.3.4", "1.2.3", "1.2.3.4.5"] {
            check(text);
        }
        for text in
            ["", ".", "1.2.3.", "+1.2.3.4", "1.2.3.4 ", "1..2.3", "1.2.3.0004", "00.0.0.0", "0.0.0.00"]
        {
            check(text);
        }
        for text in ["::", "::1", "1::", "1::1", ":", ":::", "1:::1", "1::1::1", ":1", "1:", "1::1:", ":1::1"]
        {
            check(text);
        }
        for text in ["1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8:9", "1:2:3"] {
            check(text);
        }
        for text in
            ["::1.2.3.4", "::ffff:1.2.3.4", "1:2:3:4:5:6:1.2.3.4", "1:2:3:4:5:6:7:1.2.3.4", "1.2.3.4::"]
        {
            check(text);
        }
        for text in
            ["::1.2.3.4:5", "12345::", "+1::", "g::", "::FFFF:aB", "0001::", "::%1", "1:2:3:4::5:6:7:8"]
        {
            check(text);
        }
        for text in
            ["0:0:1:0:0:0:1:0", "0:0:1:0:0:1:0:0", "1:0:1:0:1:0:1:0", "0:0:0:0:0:0:0:0", "1:0:0:0:0:0:0:0"]
        {
            check(text);
        }
    }

    #[test]
    fn whatever_stands_between_colons() {
        let mut random = fastrand::Rng::with_seed(1);
        let parts = ["", "0", "0", "0", "1", "f", "10", "abcd", "0f", "00000", "1.2.3.4", ":", "x"];
        for _ in 0..200_000 {
            let count = random.usize(1..=9);
            let text: Vec<&str> = (0..count).map(|_| parts[random.usize(..parts.len())]).collect();
            check(&text.join(":"));
            let octets: Vec<&str> = (0..count).map(|_| parts[random.usize(..parts.len())]).collect();
            check(&octets.join("."));
        }
        for _ in 0..50_000 {
            let groups: [u16; 8] = std::array::from_fn(|_| if random.bool() { 0 } else { random.u16(..) });
            check(&Ipv6Addr::from(groups).to_string());
        }
    }
}
