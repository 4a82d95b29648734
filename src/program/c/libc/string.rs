//! <string.h> and <strings.h>: C strings.

use super::memory::allocate;
use super::{Flow, Invocation, Lib, Step, int_result};
use crate::abi::Errno;
use crate::program::c::machine::Machine;
use crate::program::c::machine::memory::Life;

pub(super) fn strlen(m: &mut Machine, call: &Invocation) -> Flow {
    let most = match call.lib {
        Lib::Strnlen => m.arg(call, 1),
        _ => u64::MAX,
    };
    let text = bounded(m, m.arg(call, 0), most)?;
    Ok(text.len() as u64)
}

/// At most `most` bytes of a string, reading no further.
fn bounded(m: &mut Machine, at: u64, most: u64) -> Step<Vec<u8>> {
    match m.memory().string_within(at, most) {
        Ok(bytes) => {
            m.owe(bytes.len() as u64);
            Ok(bytes)
        }
        Err(bad) => m.access_fault(bad, at, 1, false),
    }
}

/// strcpy() and strncpy().
pub(super) fn strcpy(m: &mut Machine, call: &Invocation) -> Flow {
    let (to, from) = (m.arg(call, 0), m.arg(call, 1));
    let bytes = match call.lib {
        Lib::Strncpy => {
            let n = m.arg(call, 2);
            let mut bytes = bounded(m, from, n)?;
            // The rest is filled with zeros, as far as the object could possibly go.
            let most = m.memory().room(to).saturating_add(1);
            bytes.resize(n.min(most) as usize, 0);
            bytes
        }
        _ => {
            let mut bytes = m.c_string(from)?;
            bytes.push(0);
            bytes
        }
    };
    m.put(to, &bytes)?;
    Ok(to)
}

/// strcat() and strncat().
pub(super) fn strcat(m: &mut Machine, call: &Invocation) -> Flow {
    let (to, from) = (m.arg(call, 0), m.arg(call, 1));
    let most = match call.lib {
        Lib::Strncat => m.arg(call, 2),
        _ => u64::MAX,
    };
    let before = m.c_string(to)?.len() as u64;
    let mut bytes = bounded(m, from, most)?;
    bytes.push(0);
    m.put(to.wrapping_add(before), &bytes)?;
    Ok(to)
}

/// strcmp() and its relatives.
pub(super) fn strcmp(m: &mut Machine, call: &Invocation) -> Flow {
    let most = match call.lib {
        Lib::Strncmp | Lib::Strncasecmp => m.arg(call, 2),
        _ => u64::MAX,
    };
    let fold = matches!(call.lib, Lib::Strcasecmp | Lib::Strncasecmp);
    let (a, b) = (m.arg(call, 0), m.arg(call, 1));
    let mut i = 0;
    // It stops at the first difference and reads no further.
    while i < most {
        let (x, y) = match (
            m.memory().load(a.wrapping_add(i), 1),
            m.memory().load(b.wrapping_add(i), 1),
        ) {
            (Ok(x), Ok(y)) => (x as u8, y as u8),
            (Err(bad), _) => return m.access_fault(bad, a.wrapping_add(i), 1, false),
            (_, Err(bad)) => return m.access_fault(bad, b.wrapping_add(i), 1, false),
        };
        let (x, y) = match fold {
            true => (x.to_ascii_lowercase(), y.to_ascii_lowercase()),
            false => (x, y),
        };
        if x != y || x == 0 {
            m.owe(i);
            return int_result(i32::from(x) - i32::from(y));
        }
        i += 1;
    }
    m.owe(i);
    int_result(0)
}

/// strchr() and strrchr(); the end of the string counts as part of it.
pub(super) fn strchr(m: &mut Machine, call: &Invocation) -> Flow {
    let (at, wanted) = (m.arg(call, 0), m.arg(call, 1) as u8);
    let text = m.c_string(at)?;
    let found = match (wanted, call.lib) {
        (0, _) => Some(text.len()),
        (_, Lib::Strrchr | Lib::Rindex) => text.iter().rposition(|b| *b == wanted),
        _ => text.iter().position(|b| *b == wanted),
    };
    Ok(found.map_or(0, |i| at + i as u64))
}

pub(super) fn strstr(m: &mut Machine, call: &Invocation) -> Flow {
    let at = m.arg(call, 0);
    let text = m.c_string(at)?;
    let wanted = m.c_string(m.arg(call, 1))?;
    if wanted.is_empty() {
        return Ok(at);
    }
    m.owe((text.len() as u64).saturating_mul(wanted.len() as u64) / 8);
    let found = text.windows(wanted.len()).position(|w| w == wanted);
    Ok(found.map_or(0, |i| at + i as u64))
}

/// strspn(), strcspn() and strpbrk().
pub(super) fn strspn(m: &mut Machine, call: &Invocation) -> Flow {
    let at = m.arg(call, 0);
    let text = m.c_string(at)?;
    let set = m.c_string(m.arg(call, 1))?;
    let wanted = call.lib == Lib::Strspn;
    let end = text.iter().position(|b| set.contains(b) != wanted);
    match call.lib {
        Lib::Strpbrk => Ok(end.map_or(0, |i| at + i as u64)),
        _ => Ok(end.unwrap_or(text.len()) as u64),
    }
}

/// strtok() and strtok_r().
pub(super) fn strtok(m: &mut Machine, call: &Invocation) -> Flow {
    let save = match call.lib {
        Lib::StrtokR => Some(m.arg(call, 2)),
        _ => None,
    };
    let set = m.c_string(m.arg(call, 1))?;
    let mut at = m.arg(call, 0);
    if at == 0 {
        at = match save {
            None => m.lib_state().strtok,
            Some(save) => match m.memory().load(save, 8) {
                Ok(at) => at,
                Err(bad) => return m.access_fault(bad, save, 8, false),
            },
        };
    }
    if at == 0 {
        return Ok(0);
    }
    let text = m.c_string(at)?;
    let begin = text
        .iter()
        .position(|b| !set.contains(b))
        .unwrap_or(text.len());
    let end = text[begin..]
        .iter()
        .position(|b| set.contains(b))
        .map(|n| begin + n);
    let next = match end {
        Some(end) => {
            m.put(at + end as u64, &[0])?;
            at + end as u64 + 1
        }
        None => at + text.len() as u64,
    };
    match save {
        None => m.lib_state_mut().strtok = next,
        Some(save) => m.put(save, &next.to_le_bytes())?,
    }
    Ok(if begin < text.len() {
        at + begin as u64
    } else {
        0
    })
}

pub(super) fn strdup(m: &mut Machine, call: &Invocation) -> Flow {
    let most = match call.lib {
        Lib::Strndup => m.arg(call, 1),
        _ => u64::MAX,
    };
    let mut bytes = bounded(m, m.arg(call, 0), most)?;
    bytes.push(0);
    let flow = allocate(m, bytes.len() as u64, false);
    if let Ok(at) = flow
        && at != 0
    {
        m.put(at, &bytes)?;
    }
    flow
}

pub(super) fn strerror(m: &mut Machine, call: &Invocation) -> Flow {
    let mut text = message(m.int(call, 0)).into_bytes();
    text.push(0);
    if m.lib_state().own.error == 0 {
        let at = m.memory_mut().add_static(64, Life::Static, u32::MAX);
        m.lib_state_mut().own.error = at.unwrap_or(0);
    }
    let at = m.lib_state().own.error;
    m.put(at, &text)?;
    Ok(at)
}

/// What strerror() says of an error's number.
fn message(number: i32) -> String {
    match Errno::from_number(number) {
        Some(errno) => errno.message().to_owned(),
        None if number == 0 => "Success".to_owned(),
        None => format!("Unknown error {number}"),
    }
}

impl Machine {
    /// strerror(errno)
    pub(super) fn errno_text(&self) -> String {
        message(self.errno())
    }
}
