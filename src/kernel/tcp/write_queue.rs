//! The write queue: what a program wrote, in chunks, before it is sent.

use crate::kernel::tcp::connection::{Chunk, Connection};
use std::rc::Rc;

/// Octets that still go into the last buffer that was not sent.
pub(super) fn tail_room(c: &Connection, goal: u32) -> u32 {
    if c.snd.unsent.back().is_none_or(|tail| tail.fin || tail.eor) {
        return 0;
    }
    let mut len = 0;
    for chunk in c.snd.unsent.iter().rev() {
        len += chunk.data.len() as u32;
        if chunk.starts {
            break;
        }
    }
    goal.saturating_sub(len)
}

/// Appends to the last buffer, or as a new one: in pieces of at most a full segment.
pub(super) fn append(c: &mut Connection, mut data: &[u8], mut starts: bool) {
    let mss = c.mss as usize;
    while !data.is_empty() {
        let len = match c.snd.unsent.back_mut() {
            Some(tail) if !starts && tail.data.len() < mss => {
                let len = data.len().min(mss - tail.data.len());
                tail.data = [&tail.data[..], &data[..len]].concat().into();
                len
            }
            _ => {
                let len = data.len().min(mss);
                let chunk = Chunk::new(c.snd.write_seq, Rc::from(&data[..len]), starts);
                c.snd.unsent.push_back(chunk);
                starts = false;
                len
            }
        };
        c.snd.write_seq += len as u32;
        data = &data[len..];
    }
}

/// `tcp_mark_push()`: the last chunk gets PSH.
pub(super) fn mark_push(c: &mut Connection) {
    if let Some(tail) = c.snd.unsent.back_mut() {
        tail.push = true;
    }
    c.snd.pushed_seq = c.snd.write_seq;
}

/// Octets in the first buffer.
pub(super) fn head_len(c: &Connection) -> u32 {
    let chunks = c.snd.unsent.iter().enumerate();
    let own = chunks.take_while(|(at, chunk)| *at == 0 || !chunk.starts);
    own.map(|(_, chunk)| chunk.data.len() as u32).sum()
}

/// `tcp_grow_skb()`: a first buffer that is shorter than what may be sent takes from the next, whether the peer's window
/// lets it go or not.
pub(super) fn grow_head(c: &mut Connection, want: u32) {
    let mut missing = want.saturating_sub(head_len(c));
    let chunks = &mut c.snd.unsent;
    let Some(next) = (1..chunks.len()).find(|at| chunks[*at].starts) else {
        return;
    };
    if missing == 0 || chunks[next - 1].eor || chunks[next].data.is_empty() {
        return;
    }
    chunks[next].starts = false;
    let mut at = next;
    while let Some(chunk) = chunks.get_mut(at)
        && (at == next || !chunk.starts)
    {
        let len = chunk.data.len() as u32;
        if len > missing && missing > 0 {
            let mut rest = chunk.clone();
            rest.data = chunk.data[missing as usize..].into();
            rest.seq += missing;
            rest.starts = true;
            chunk.data = chunk.data[..missing as usize].into();
            (chunk.push, chunk.fin, chunk.eor) = (false, false, false);
            chunks.insert(at + 1, rest);
            return;
        }
        if missing == 0 {
            chunk.starts = true;
            return;
        }
        missing -= len;
        at += 1;
    }
}

/// A first chunk that is shorter than the segment that is to be sent takes from those behind it.
pub(super) fn fill_head(c: &mut Connection, want: u32) {
    let want = want as usize;
    while let Some(head) = c.snd.unsent.front()
        && head.data.len() < want
        && !head.fin
        && !head.eor
        && let Some(mut next) = c.snd.unsent.remove(1)
    {
        let head = &mut c.snd.unsent[0];
        let taken = next.data.len().min(want - head.data.len());
        head.data = [&head.data[..], &next.data[..taken]].concat().into();
        if taken == next.data.len() {
            head.push |= next.push;
            head.fin |= next.fin;
            head.eor |= next.eor;
        } else {
            next.data = next.data[taken..].into();
            next.seq += taken as u32;
            c.snd.unsent.insert(1, next);
        }
    }
}

/// `tso_fragment()`: cuts the first unsent chunk to so many octets, or one segment.
pub(super) fn split_head(c: &mut Connection, most: u32) {
    let mss = c.mss.min(most);
    let Some(head) = c.snd.unsent.front_mut() else {
        return;
    };
    if head.data.len() as u32 <= mss {
        return;
    }
    let (first, rest) = head.data.split_at(mss as usize);
    let rest = Chunk {
        seq: head.seq + mss,
        data: Rc::from(rest),
        starts: false,
        ..head.clone()
    };
    head.data = Rc::from(first);
    head.push = false;
    head.fin = false;
    head.eor = false;
    c.snd.unsent.insert(1, rest);
}

/// `tcp_retrans_try_collapse()`: small segments that go out again go together, as far as they fit into one. What has
/// arrived stays apart; where duplicates alone tell of it, nobody knows which that is.
pub(super) fn collapse(c: &mut Connection, at: usize) {
    if !c.snd.rack.blocks && c.snd.recovery.sacked > 0 {
        return;
    }
    let (mss, window_end) = (c.mss as usize, c.snd.window_end());
    if c.snd
        .in_flight
        .get(at)
        .is_none_or(|head| head.data.len() >= mss)
    {
        return;
    }
    let chunks = &mut c.snd.in_flight;
    while let (Some(head), Some(next)) = (chunks.get(at), chunks.get(at + 1)) {
        let single = next.starts && chunks.get(at + 2).is_none_or(|after| after.starts);
        let fits = head.data.len() + next.data.len() <= mss && !next.end().after(window_end);
        if !single || !fits || head.eor || head.fin || next.sacked {
            return;
        }
        let Some(next) = chunks.remove(at + 1) else {
            return;
        };
        let head = &mut chunks[at];
        head.data = [&head.data[..], &next.data[..]].concat().into();
        head.push |= next.push;
        head.fin = next.fin;
        head.eor = next.eor;
    }
}
