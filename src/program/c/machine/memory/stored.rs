//! Memory as a stored program has it: the static objects, before the first instruction.

use super::{Life, MAX_STATIC, Memory, Object, address, round};
use crate::program::c::flat::{Flat, Flatten, Reader, flatten};

flatten! {
    Object { base size generation life tag tag2 }
}

/// Every slot's object, with its bytes up to the last that is not zero. All bytes of a static object
/// count as written (C11 6.7.9p10).
impl Flatten for Memory {
    fn put(&self, flat: &mut Flat) {
        self.objects.put(flat);
        for (slot, object) in self.objects.iter().enumerate() {
            let at = address(slot as u32, object.generation, 0);
            // What cannot be read (code) has no bytes.
            let bytes = self.read(at, u64::from(object.size), false);
            let bytes = bytes.unwrap_or_default();
            let end = bytes.iter().rposition(|byte| *byte != 0);
            flat.octets(&bytes[..end.map_or(0, |last| last + 1)]);
        }
    }

    fn get(from: &mut Reader) -> Memory {
        let mut memory = Memory::new();
        let objects: Vec<Object> = Flatten::get(from);
        for (slot, object) in objects.iter().enumerate() {
            let end = u64::from(object.base) + u64::from(object.size);
            if !matches!(object.life, Life::Code | Life::Empty) {
                if end > MAX_STATIC {
                    from.wrong();
                    break;
                }
                memory.tops[0] = memory.tops[0].max(object.base + round(object.size));
                memory.cover(object.base, object.size);
                memory.fill(object.base, object.size, true);
                memory.objects.push(*object);
            }
            let bytes = from.octets();
            let at = address(slot as u32, object.generation, 0);
            if !bytes.is_empty() && memory.initialise(at, bytes).is_err() {
                from.wrong();
            }
        }
        memory
    }
}
