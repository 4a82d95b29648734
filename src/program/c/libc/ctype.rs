//! <ctype.h> in the C locale.

use super::{Flow, Invocation, Lib, int_result};
use crate::program::c::machine::Machine;

pub(super) fn class(m: &mut Machine, call: &Invocation) -> Flow {
    let c = m.int(call, 0);
    if !(-128..=255).contains(&c) {
        return m.usage(&format!(
            "{}() takes a character or EOF, this is {c}",
            call.lib.name()
        ));
    }
    let byte = u8::try_from(c).unwrap_or(0x80);
    let yes = match call.lib {
        Lib::Tolower => return int_result(if byte.is_ascii_uppercase() { c + 32 } else { c }),
        Lib::Toupper => return int_result(if byte.is_ascii_lowercase() { c - 32 } else { c }),
        Lib::Isalnum => byte.is_ascii_alphanumeric(),
        Lib::Isalpha => byte.is_ascii_alphabetic(),
        Lib::Isblank => matches!(byte, b' ' | b'\t'),
        Lib::Iscntrl => byte.is_ascii_control(),
        Lib::Isdigit => byte.is_ascii_digit(),
        Lib::Isgraph => byte.is_ascii_graphic(),
        Lib::Islower => byte.is_ascii_lowercase(),
        Lib::Isprint => byte.is_ascii_graphic() || byte == b' ',
        Lib::Ispunct => byte.is_ascii_punctuation(),
        Lib::Isspace => matches!(byte, b' ' | 9..=13),
        Lib::Isupper => byte.is_ascii_uppercase(),
        _ => byte.is_ascii_hexdigit(),
    };
    int_result(i32::from(yes))
}
