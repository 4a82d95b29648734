//! Templates: `{name}` stands for a value, `{Name}` for the same with a capital first letter, and
//! `{name:은}` for the value with the Korean particle that fits it. `{:은}` is the particle alone, for
//! what stands before it: `**{name}**{:은}`.

use crate::explain::josa;

/// The values of one event by placeholder.
pub(super) type Slots = Vec<(&'static str, String)>;

/// Puts the values in. A placeholder without a value stays as it is, and the tests look for that.
pub(super) fn fill(template: &str, slots: &Slots) -> String {
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

fn put(out: &mut String, name: &str, slots: &Slots) {
    let found = |(key, _): &&(&'static str, String)| key.eq_ignore_ascii_case(name);
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
        let slots = vec![
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
