//! How much may be under way: slow start and the answer to a timeout (RFC 5681), in segments.

use serde::Serialize;

/// What a congestion control must be told and asked. Segments are the unit, as in Linux.
pub trait CongestionControl {
    /// How many segments may be under way.
    fn window(&self) -> u32;
    /// Whether the window is still far from where a loss is expected: segments then go out faster than they are
    /// acknowledged.
    fn in_early_slow_start(&self) -> bool;
    /// Whether the window doubles with each round trip.
    fn in_slow_start(&self) -> bool;
    /// `acked` segments were acknowledged. A window that did not hold anything back is not `limited` by it.
    fn on_ack(&mut self, acked: u32, limited: bool);
    /// The retransmission timer ran out.
    fn on_timeout(&mut self);
    /// A segment was found lost: the window that is aimed at is halved (`tcp_reno_ssthresh()`, which takes the window
    /// where RFC 5681 takes what is under way).
    fn on_loss(&mut self);
    /// Sets the window, as a recovery asks.
    fn set_window(&mut self, segments: u32);
    /// `tcp_cwnd_restart()`: nothing was sent for so many whole timeouts; the window falls back towards `initial`.
    fn on_idle(&mut self, timeouts: u32, initial: u32);
}

/// Slow start and congestion avoidance of RFC 5681 with the initial window of RFC 6928.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Congestion {
    /// `snd_cwnd`.
    cwnd: u32,
    /// `snd_ssthresh`; above it the window grows by one segment a round trip.
    ssthresh: u32,
    /// Acknowledged segments that have not opened the window yet (`snd_cwnd_cnt`).
    counted: u32,
}

impl Congestion {
    /// TCP_INIT_CWND (RFC 6928).
    pub const INITIAL_WINDOW: u32 = 10;
}

impl Default for Congestion {
    fn default() -> Self {
        Congestion::new(0)
    }
}

impl Congestion {
    /// `tcp_init_cwnd()`: with the window that the route names, or 0 for the usual one.
    pub fn new(initial_window: u32) -> Congestion {
        Congestion {
            cwnd: match initial_window {
                0 => Congestion::INITIAL_WINDOW,
                segments => segments,
            },
            ssthresh: u32::MAX,
            counted: 0,
        }
    }
}

impl Congestion {
    /// `snd_ssthresh`.
    pub fn threshold(&self) -> u32 {
        self.ssthresh
    }
}

impl CongestionControl for Congestion {
    fn window(&self) -> u32 {
        self.cwnd
    }

    fn in_early_slow_start(&self) -> bool {
        self.cwnd < self.ssthresh / 2
    }

    fn in_slow_start(&self) -> bool {
        self.cwnd < self.ssthresh
    }

    fn on_ack(&mut self, acked: u32, limited: bool) {
        // A window that was not used does not grow.
        if !limited {
            return;
        }
        if self.cwnd < self.ssthresh {
            self.cwnd = (self.cwnd + acked).min(self.ssthresh);
            return;
        }
        self.counted += acked;
        if self.counted >= self.cwnd {
            self.counted -= self.cwnd;
            self.cwnd += 1;
        }
    }

    fn on_timeout(&mut self) {
        self.on_loss();
        self.cwnd = 1;
    }

    fn on_loss(&mut self) {
        self.ssthresh = (self.cwnd / 2).max(2);
        self.counted = 0;
    }

    fn set_window(&mut self, segments: u32) {
        self.cwnd = segments.max(1);
    }

    fn on_idle(&mut self, timeouts: u32, initial: u32) {
        let initial = Congestion::new(initial).cwnd.min(self.cwnd);
        // tcp_current_ssthresh()
        self.ssthresh = self.ssthresh.max(self.cwnd / 2 + self.cwnd / 4);
        self.cwnd = (self.cwnd >> timeouts.min(31)).max(initial);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slow_start_doubles_and_a_timeout_halves_the_threshold() {
        let mut c = Congestion::default();
        c.on_ack(10, true);
        assert_eq!(c.window(), 20);
        c.on_timeout();
        assert_eq!(c.window(), 1);
        for _ in 0..9 {
            let all = c.window();
            c.on_ack(all.min(10 - all.min(9)), true);
        }
        c.on_ack(10, true);
        assert!(
            (10..=12).contains(&c.window()),
            "grows by one a round trip: {}",
            c.window()
        );
    }

    #[test]
    fn an_unused_window_does_not_grow() {
        let mut c = Congestion::default();
        c.on_ack(1, false);
        assert_eq!(c.window(), Congestion::INITIAL_WINDOW);
    }
}
