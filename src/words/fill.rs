//! Templates: `{name}` stands for a value, `{Name}` for the same with a capital first letter, and
//! `{name:은}` for the value with the Korean particle that fits it. `{:은}` is the particle alone, for
//! what stands before it: `**{name}**{:은}`.

use super::josa;

/// A placeholder and its value.
pub type Slot = (&'static str, String);

/// Puts the values in. A placeholder without a value stays as it is, and the tests look for that.
///
/// ```
/// use sockscope::words::fill;
/// let slots = [("sock", "socket fd 3".to_owned())];
/// assert_eq!(fill("{Sock} waits, {sock:은} …", &slots), "Socket fd 3 waits, socket fd 3은 …");
/// ```
pub fn fill(template: &str, slots: &[Slot]) -> String {
    let mut out = String::with_capacity(template.len() + 32);
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let Some((key, tail)) = after.split_once('}') else {
            out.push('{');
            rest = after;
            continue;
        };
        let (name, particle) = key.split_once(':').unwrap_or((key, ""));
        if !name.is_empty() {
            put(&mut out, name, slots);
        }
        let particle = josa::pick(&out, particle);
        out.push_str(particle);
        rest = tail;
    }
    out.push_str(rest);
    out
}

fn put(out: &mut String, name: &str, slots: &[Slot]) {
    let found = |(key, _): &&Slot| key.eq_ignore_ascii_case(name);
    let Some((_, value)) = slots.iter().find(found) else {
        out.push('{');
        out.push_str(name);
        out.push('}');
        return;
    };
    let capital = name.starts_with(|c: char| c.is_ascii_uppercase());
    match value.chars().next() {
        Some(first) if capital => {
            out.push(first.to_ascii_uppercase());
            out.push_str(&value[first.len_utf8()..]);
        }
        _ => out.push_str(value),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_capitals_and_particles_are_filled_in() {
        let slots = [
            ("sock", "socket fd 3".to_owned()),
            ("name", "server".to_owned()),
        ];
        assert_eq!(fill("{Sock} of {name}.", &slots), "Socket fd 3 of server.");
        assert_eq!(
            fill("**{name}**{:이} {name:은}", &slots),
            "**server**가 server는"
        );
        assert_eq!(
            fill("{name:으} {nothing} {", &slots),
            "server로 {nothing} {"
        );
    }
}
