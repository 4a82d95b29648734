//! Round-trip times and the retransmission timeout (RFC 6298, as Linux computes it).

use serde::Serialize;
use std::time::Duration;

/// The RTT estimator. Times are in microseconds; `srtt` and `mdev` are scaled by 8 and 4, as in
/// Linux, so that integer arithmetic keeps their fractions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Rtt {
    /// Smoothed round-trip time × 8; 0 before the first measurement.
    srtt_us: u32,
    /// Mean deviation × 4.
    mdev_us: u32,
    /// Its maximum over the last window of data, not below [`Rtt::MIN_RTO`].
    rttvar_us: u32,
    /// The timeout without backoff.
    rto_us: u32,
    /// The least of all measurements (`tcp_min_rtt()`); 0 before the first.
    least_us: u32,
}

impl Default for Rtt {
    fn default() -> Self {
        Rtt {
            srtt_us: 0,
            mdev_us: 0,
            rttvar_us: 0,
            rto_us: Rtt::INITIAL_RTO.as_micros() as u32,
            least_us: 0,
        }
    }
}

impl Rtt {
    /// Before any measurement: RFC 6298 §2.1, TCP_TIMEOUT_INIT.
    pub const INITIAL_RTO: Duration = Duration::from_secs(1);
    /// net.ipv4.tcp_rto_min_us, where the RFC recommends a second.
    pub const MIN_RTO: Duration = Duration::from_millis(200);
    /// net.ipv4.tcp_rto_max_ms.
    pub const MAX_RTO: Duration = Duration::from_secs(120);

    /// The retransmission timeout after `backoff` timeouts in a row.
    pub fn rto(&self, backoff: u32) -> Duration {
        let us = u64::from(self.rto_us) << backoff.min(32);
        Duration::from_micros(us).min(Rtt::MAX_RTO)
    }

    /// The smoothed round-trip time, if one was measured.
    pub fn smoothed(&self) -> Option<Duration> {
        (self.srtt_us > 0).then(|| Duration::from_micros(u64::from(self.srtt_us >> 3)))
    }

    /// `tcpi_rtt` and `tcpi_rttvar`, microseconds.
    pub fn reported(&self) -> (u32, u32) {
        (self.srtt_us >> 3, self.mdev_us >> 2)
    }

    /// The shortest round trip; zero if none was measured.
    pub fn least(&self) -> Duration {
        Duration::from_micros(self.least_us.into())
    }

    /// Takes a measurement (`tcp_rtt_estimator()`, `tcp_set_rto()`). Never of a segment that was
    /// sent more than once (Karn), unless a timestamp tells which copy was answered.
    pub fn measure(&mut self, rtt: Duration) {
        let m = u32::try_from(rtt.as_micros())
            .unwrap_or(u32::MAX)
            .clamp(1, 1 << 27);
        self.least_us = if self.least_us == 0 {
            m
        } else {
            m.min(self.least_us)
        };
        let min_var = Rtt::MIN_RTO.as_micros() as u32;
        if self.srtt_us == 0 {
            self.srtt_us = m << 3;
            self.mdev_us = m << 1;
            self.rttvar_us = self.mdev_us.max(min_var);
        } else {
            let error = m as i32 - (self.srtt_us >> 3) as i32;
            self.srtt_us = (self.srtt_us as i32 + error).max(1) as u32;
            let deviation = error.unsigned_abs() as i32 - (self.mdev_us >> 2) as i32;
            // A shorter round trip than expected must not raise the variance at full weight.
            let gained = if error < 0 && deviation > 0 {
                deviation >> 3
            } else {
                deviation
            };
            self.mdev_us = (self.mdev_us as i32 + gained).max(0) as u32;
            self.rttvar_us = self.mdev_us.max(min_var);
        }
        self.rto_us = (self.srtt_us >> 3) + self.rttvar_us;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_timeout_is_a_second_and_doubles_up_to_two_minutes() {
        let rtt = Rtt::default();
        assert_eq!(rtt.rto(0), Duration::from_secs(1));
        assert_eq!(rtt.rto(3), Duration::from_secs(8));
        assert_eq!(rtt.rto(40), Rtt::MAX_RTO);
    }

    #[test]
    fn a_fast_path_has_linuxs_minimum_above_its_round_trip() {
        let mut rtt = Rtt::default();
        for _ in 0..100 {
            rtt.measure(Duration::from_micros(40));
        }
        assert_eq!(rtt.rto(0), Duration::from_micros(200_040));
    }

    #[test]
    fn jitter_raises_the_timeout() {
        let mut rtt = Rtt::default();
        for ms in [100, 400, 100, 400, 100, 400, 100, 400] {
            rtt.measure(Duration::from_millis(ms));
        }
        assert!(rtt.rto(0) > Duration::from_millis(600), "{:?}", rtt.rto(0));
    }
}
