//! Reading and writing, checked.

use super::*;

impl Memory {
    /// The slot of an access of `size` bytes, if it is allowed for reading.
    #[inline]
    pub(super) fn check(&self, at: u64, size: u64) -> Result<u32, BadAccess> {
        let slot = slot_of(at);
        let Some(object) = self.objects.get(slot as usize) else {
            return Err(BadAccess::Wild);
        };
        let offset = offset_of(at);
        let right = object.generation == (at >> 48) as u16;
        let inside = offset >= 0 && (offset as u64).saturating_add(size) <= u64::from(object.size);
        let readable = matches!(
            object.life,
            Life::Static | Life::ReadOnly | Life::Local | Life::Heap
        );
        if right && inside && readable {
            return Ok(slot);
        }
        Err(self.complain(at, size, right))
    }

    #[cold]
    fn complain(&self, at: u64, size: u64, right: bool) -> BadAccess {
        let slot = slot_of(at);
        let object = &self.objects[slot as usize];
        if at < 1 << 28 {
            return if at < 1 << 16 {
                BadAccess::Null
            } else {
                BadAccess::Wild
            };
        }
        match object.life {
            Life::Empty => BadAccess::Wild,
            _ if !right && u64::from(object.generation) > at >> 48 => BadAccess::Gone,
            _ if !right => BadAccess::Wild,
            Life::Code => BadAccess::Code,
            Life::DeadLocal | Life::Freed => BadAccess::Dead(slot),
            Life::Static | Life::ReadOnly | Life::Local | Life::Heap => BadAccess::Outside {
                slot,
                offset: offset_of(at),
                size,
            },
        }
    }

    #[inline]
    fn check_write(&self, at: u64, size: u64) -> Result<u32, BadAccess> {
        let slot = self.check(at, size)?;
        if self.objects[slot as usize].life == Life::ReadOnly {
            return Err(BadAccess::ReadOnly(slot));
        }
        Ok(slot)
    }

    #[inline]
    fn place_of(&self, slot: u32, at: u64) -> (usize, usize, usize) {
        let flat = self.objects[slot as usize].base + offset_of(at) as u32;
        let within = (flat & 0x3fff_ffff) as usize;
        ((flat >> 30) as usize, within / PAGE, within % PAGE)
    }

    /// Reads a little-endian scalar of 1, 2, 4 or 8 bytes.
    #[inline]
    pub(crate) fn load(&self, at: u64, size: u32) -> Result<u64, BadAccess> {
        let slot = self.check(at, u64::from(size))?;
        let (segment, page, start) = self.place_of(slot, at);
        if start + size as usize > PAGE || start % 64 + size as usize > 64 {
            return self.load_slowly(at, size);
        }
        let page = &self.pages[segment][page];
        let mask = ((1u64 << size) - 1) << (start % 64);
        let missing = !page.written[start / 64] & mask;
        if missing != 0 {
            let offset = offset_of(at) as u32 + (missing.trailing_zeros() - (start % 64) as u32);
            return Err(BadAccess::Unwritten { slot, offset });
        }
        let bytes = &page.bytes;
        Ok(match size {
            1 => u64::from(bytes[start]),
            2 => u64::from(u16::from_le_bytes([bytes[start], bytes[start + 1]])),
            4 => {
                let mut b = [0; 4];
                b.copy_from_slice(&bytes[start..start + 4]);
                u64::from(u32::from_le_bytes(b))
            }
            _ => {
                let mut b = [0; 8];
                b.copy_from_slice(&bytes[start..start + 8]);
                u64::from_le_bytes(b)
            }
        })
    }

    #[cold]
    fn load_slowly(&self, at: u64, size: u32) -> Result<u64, BadAccess> {
        let mut value = 0;
        for i in 0..u64::from(size) {
            value |= self.load(at + i, 1)? << (8 * i);
        }
        Ok(value)
    }

    /// Writes a little-endian scalar of 1, 2, 4 or 8 bytes.
    #[inline]
    pub(crate) fn store(&mut self, at: u64, size: u32, value: u64) -> Result<(), BadAccess> {
        let slot = self.check_write(at, u64::from(size))?;
        let (segment, page, start) = self.place_of(slot, at);
        if start + size as usize > PAGE || start % 64 + size as usize > 64 {
            for i in 0..u64::from(size) {
                self.store(at + i, 1, value >> (8 * i))?;
            }
            return Ok(());
        }
        let page = Rc::make_mut(&mut self.pages[segment][page]);
        page.written[start / 64] |= ((1u64 << size) - 1) << (start % 64);
        let bytes = value.to_le_bytes();
        page.bytes[start..start + size as usize].copy_from_slice(&bytes[..size as usize]);
        Ok(())
    }

    /// Reads bytes, all of which must have been written if `strict`.
    pub(crate) fn read(&self, at: u64, size: u64, strict: bool) -> Result<Vec<u8>, BadAccess> {
        let slot = self.check(at, size)?;
        let mut out = Vec::with_capacity(size as usize);
        let (segment, mut page, mut start) = self.place_of(slot, at);
        let mut left = size as usize;
        while left > 0 {
            let n = left.min(PAGE - start);
            let from = &self.pages[segment][page];
            if strict {
                for i in start..start + n {
                    if from.written[i / 64] >> (i % 64) & 1 == 0 {
                        let offset = (offset_of(at) + out.len() as i64 + (i - start) as i64) as u32;
                        return Err(BadAccess::Unwritten { slot, offset });
                    }
                }
            }
            out.extend_from_slice(&from.bytes[start..start + n]);
            left -= n;
            page += 1;
            start = 0;
        }
        Ok(out)
    }

    /// Which bytes have been written, one flag each; for the view.
    #[inline(never)]
    pub(crate) fn written(&self, at: u64, size: u64) -> Vec<bool> {
        let Ok(slot) = self.check(at, size) else {
            return vec![false; size as usize];
        };
        (0..size)
            .map(|i| {
                let (segment, page, start) = self.place_of(slot, at + i);
                self.pages[segment][page].written[start / 64] >> (start % 64) & 1 == 1
            })
            .collect()
    }

    /// Writes bytes.
    pub(crate) fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), BadAccess> {
        let slot = self.check_write(at, bytes.len() as u64)?;
        self.poke(slot, at, bytes);
        Ok(())
    }

    /// Writes bytes even into what the program must not write: for initial values.
    pub(crate) fn initialise(&mut self, at: u64, bytes: &[u8]) -> Result<(), BadAccess> {
        let slot = self.check(at, bytes.len() as u64)?;
        self.poke(slot, at, bytes);
        Ok(())
    }

    fn poke(&mut self, slot: u32, at: u64, bytes: &[u8]) {
        let (segment, mut page, mut start) = self.place_of(slot, at);
        let mut rest = bytes;
        while !rest.is_empty() {
            let n = rest.len().min(PAGE - start);
            let to = Rc::make_mut(&mut self.pages[segment][page]);
            to.bytes[start..start + n].copy_from_slice(&rest[..n]);
            mark(&mut to.written, start, n, true);
            rest = &rest[n..];
            page += 1;
            start = 0;
        }
    }

    /// Sets bytes to one value.
    pub(crate) fn set(&mut self, at: u64, value: u8, size: u64) -> Result<(), BadAccess> {
        let slot = self.check_write(at, size)?;
        let chunk = [value; 256];
        let mut done = 0;
        while done < size {
            let n = (size - done).min(256);
            self.poke(slot, at + done, &chunk[..n as usize]);
            done += n;
        }
        Ok(())
    }

    /// Copies bytes, the unwritten ones as unwritten; the two may overlap.
    pub(crate) fn copy(&mut self, to: u64, from: u64, size: u64) -> Result<(), BadAccess> {
        let target = self.check_write(to, size)?;
        let bytes = self.read(from, size, false)?;
        let flags = self.written(from, size);
        self.poke(target, to, &bytes);
        for (i, flag) in flags.iter().enumerate() {
            if !flag {
                let (segment, page, start) = self.place_of(target, to + i as u64);
                let page = Rc::make_mut(&mut self.pages[segment][page]);
                mark(&mut page.written, start, 1, false);
            }
        }
        Ok(())
    }

    /// The bytes of a C string, without its end.
    pub(crate) fn string(&self, at: u64) -> Result<Vec<u8>, BadAccess> {
        self.string_within(at, u64::MAX)
    }

    /// The bytes of a C string, at most `most` of them.
    pub(crate) fn string_within(&self, at: u64, most: u64) -> Result<Vec<u8>, BadAccess> {
        let mut out = Vec::new();
        while (out.len() as u64) < most {
            match self.load(at + out.len() as u64, 1)? as u8 {
                0 => break,
                byte => out.push(byte),
            }
        }
        Ok(out)
    }

    // ---- the store ----

    /// Makes sure that there are pages for that place.
    pub(super) fn cover(&mut self, base: u32, size: u32) {
        let segment = (base >> 30) as usize;
        let end = (base & 0x3fff_ffff) as usize + size as usize;
        while self.pages[segment].len() * PAGE < end {
            let blank = self.blank.clone();
            self.pages[segment].push(blank);
        }
    }

    /// Sets a fresh object's bytes to zero, written or not.
    pub(super) fn fill(&mut self, base: u32, size: u32, written: bool) {
        let segment = (base >> 30) as usize;
        let mut at = (base & 0x3fff_ffff) as usize;
        let end = at + size as usize;
        while at < end {
            let (page, start) = (at / PAGE, at % PAGE);
            let n = (end - at).min(PAGE - start);
            if n == PAGE {
                let whole = if written { &self.zeroed } else { &self.blank };
                self.pages[segment][page] = whole.clone();
            } else {
                let page = Rc::make_mut(&mut self.pages[segment][page]);
                page.bytes[start..start + n].fill(0);
                mark(&mut page.written, start, n, written);
            }
            at += n;
        }
    }
}

fn mark(written: &mut [u64; PAGE / 64], start: usize, n: usize, yes: bool) {
    let mut at = start;
    let end = start + n;
    while at < end {
        let count = (end - at).min(64 - at % 64);
        let mask = if count == 64 {
            u64::MAX
        } else {
            ((1u64 << count) - 1) << (at % 64)
        };
        if yes {
            written[at / 64] |= mask;
        } else {
            written[at / 64] &= !mask;
        }
        at += count;
    }
}
