//! How fast the machine is. Run with: cargo test --release --test c_machine_speed -- --ignored --nocapture

mod c_machine_support;

use c_machine_support::{End, machine, run};
use std::time::Instant;

const ROUNDS: u64 = 100_000_000;

/// The benchmark of the project: two simple statements a round.
const LOOP: &str = "int main(void) { long sum = 0; int i, k = 12345;\n\
                    for (i = 0; i < 100000000; i++) sum += i ^ k;\n\
                    return sum == 0; }";

const MEMORY: &str = "unsigned char a[4096]; int main(void) { unsigned sum = 0; int i;\n\
                      for (i = 0; i < 100000000; i++) { a[i & 4095] = i; sum += a[(i * 7) & 4095]; }\n\
                      return sum == 0; }";

#[test]
#[ignore = "measures; says nothing in a debug build"]
fn simple_statements_a_second() {
    for (name, source) in [("registers", LOOP), ("memory", MEMORY)] {
        let m = machine(source).unwrap();
        let begin = Instant::now();
        let out = run(m, "", u64::MAX);
        let seconds = begin.elapsed().as_secs_f64();
        assert_eq!(out.end, End::Exit(0));
        println!(
            "{name}: {:.1} million statements/s, {:.1} million instructions/s",
            2.0 * ROUNDS as f64 / seconds / 1e6,
            out.used as f64 / seconds / 1e6
        );
    }
}
