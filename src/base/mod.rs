//! What every layer stands on: virtual time, sequence numbers, ids, choices.
