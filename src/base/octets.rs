//! Numbers in octets.

/// So many octets at a place; zeros where there are none. Not inlined, and without a check that could fail: for each of
/// those the page carries a message.
#[inline(never)]
pub(crate) fn octets<const N: usize>(bytes: &[u8], at: usize) -> [u8; N] {
    let rest = bytes.get(at..).unwrap_or_default();
    rest.first_chunk().copied().unwrap_or([0; N])
}
