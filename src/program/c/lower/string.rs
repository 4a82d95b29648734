//! String literals (C11 6.4.5).

use super::*;

impl Lower<'_> {
    /// A string literal's object: the same bytes are the same object, as gcc has it.
    pub(super) fn string_literal(
        &mut self,
        bytes: &Rc<[u8]>,
        encoding: Encoding,
        span: Span,
    ) -> Parsed<(u64, Ty)> {
        let unit = encoding.size() as u64;
        let of = Ty::int(match encoding {
            Encoding::Bytes => Int::Char,
            Encoding::Utf16 => Int::UShort,
            Encoding::Utf32 => Int::UInt,
            Encoding::Wide => Int::Int,
        });
        let size = bytes.len() as u64 + unit;
        let ty = self
            .types
            .plain(Kind::Array(of, Some((size / unit) as u32)));
        let hash = hash(&[hash_bytes(bytes), unit]);
        let is = |string: u32| {
            let (known, size, _) = &self.strings[string as usize];
            known == bytes && *size == unit
        };
        if let Some(string) = self.strings_at.find(hash, &is) {
            return Ok((self.strings[string as usize].2, ty));
        }
        let tag = self.statics.len() as u32;
        let Some(at) = self.memory.add_static(size, Life::ReadOnly, tag) else {
            return self.error(span, "the program's static data take more than 32 MiB");
        };
        let _ = self.memory.initialise(at, bytes);
        self.statics.push(Static {
            name: None,
            ty,
            at: span,
            size: size as u32,
            address: at,
        });
        self.defined.push(true);
        self.strings_at.add(hash, self.strings.len() as u32);
        self.strings.push((bytes.clone(), unit, at));
        Ok((at, ty))
    }
}
