//! Memory as a stored program has it: the static objects, before the first instruction.

use super::{Life, MAX_STATIC, Memory, Object, address, round};
use serde::{Deserialize, Serialize};

/// Every slot's object, with its bytes up to the last that is not zero. All bytes of a static object
/// count as written (C11 6.7.9p10).
#[derive(Serialize, Deserialize)]
pub(super) struct Statics(Vec<(Object, Vec<u8>)>);

impl From<Memory> for Statics {
    fn from(memory: Memory) -> Statics {
        let slots = memory.objects.iter().enumerate();
        let stored = slots.map(|(slot, object)| {
            let at = address(slot as u32, object.generation, 0);
            // What cannot be read (code, a `FILE`) has no bytes.
            let mut bytes = memory
                .read(at, u64::from(object.size), false)
                .unwrap_or_default();
            let end = bytes.iter().rposition(|byte| *byte != 0);
            bytes.truncate(end.map_or(0, |last| last + 1));
            (*object, bytes)
        });
        Statics(stored.collect())
    }
}

/// Fails for what no compiler makes: an object outside of the static segment, or larger than it.
impl TryFrom<Statics> for Memory {
    type Error = &'static str;

    fn try_from(stored: Statics) -> Result<Memory, &'static str> {
        let mut memory = Memory::new();
        memory.objects.clear();
        for (slot, (object, bytes)) in stored.0.into_iter().enumerate() {
            memory.objects.push(object);
            let code = matches!(object.life, Life::Code | Life::Empty);
            let end = u64::from(object.base) + u64::from(object.size);
            if !code && end <= MAX_STATIC {
                let top = object.base + round(object.size);
                memory.tops[0] = memory.tops[0].max(top);
                memory.cover(object.base, object.size);
                memory.fill(object.base, object.size, true);
            }
            let at = address(slot as u32, object.generation, 0);
            if !bytes.is_empty() && memory.initialise(at, &bytes).is_err() {
                return Err("an object that no compiler makes");
            }
        }
        Ok(memory)
    }
}
