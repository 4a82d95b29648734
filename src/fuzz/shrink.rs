//! From a long sequence that shows a difference to the shortest that still does.

use super::lockstep::{self, Divergence};
use super::{Case, Kept};
use crate::kernel::planted::Planted;
use crate::native::Error;

/// At most so many shorter sequences are tried.
const TRIES: usize = 400;

/// Shrinks by leaving out pieces, from halves down to single calls, until none can be left out.
pub(super) fn shrink(
    case: Case,
    found: Divergence,
    planted: Option<Planted>,
) -> Result<Kept, Error> {
    let mut best = Kept {
        case,
        divergence: found,
    };
    best.case.ops.truncate(best.divergence.step + 1);
    let mut tries = 0;
    let mut piece = best.case.ops.len().div_ceil(2);
    while piece > 0 {
        let mut shorter = false;
        let mut from = best.case.ops.len();
        while from > 0 && tries < TRIES {
            let to = from;
            from = from.saturating_sub(piece);
            let mut candidate = best.case.clone();
            candidate.ops.drain(from..to);
            tries += 1;
            if let Some(divergence) = lockstep::run(&candidate, planted)? {
                candidate.ops.truncate(divergence.step + 1);
                best = Kept {
                    case: candidate,
                    divergence,
                };
                from = from.min(best.case.ops.len());
                shorter = true;
            }
        }
        if !shorter || piece > 1 {
            piece /= 2;
        }
        if tries >= TRIES {
            break;
        }
    }
    Ok(best)
}
