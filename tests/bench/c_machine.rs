//! How many simple statements a second the C machine executes: `cargo bench --bench c_machine`.
//!
//! A timing says something only beside another one from the same machine at the same time, so this is
//! no test.
#![allow(missing_docs)]

use sockscope::abi::{Program, Stop, Syscall};
use sockscope::program::SourceFile;
use sockscope::program::c::{self, Config, Machine};
use std::time::Instant;

const ROUNDS: u64 = 100_000_000;

/// Two simple statements a round, all in registers.
const REGISTERS: &str = "int main(void) { long sum = 0; int i, k = 12345;
for (i = 0; i < 100000000; i++) sum += i ^ k;
return sum == 0; }";

/// The same number of statements through memory.
const MEMORY: &str = "unsigned char a[4096]; int main(void) { unsigned sum = 0; int i;
for (i = 0; i < 100000000; i++) { a[i & 4095] = i; sum += a[(i * 7) & 4095]; }
return sum == 0; }";

fn main() {
    for (name, source) in [("registers", REGISTERS), ("memory", MEMORY)] {
        let file = SourceFile::new(format!("{name}.c"), source);
        let image = c::compile(&[file], &c::Options::default()).expect("the benchmark compiles");
        let mut machine = Machine::new(image, &Config::default());
        let begin = Instant::now();
        let ran = machine.run(u64::MAX, false);
        let seconds = begin.elapsed().as_secs_f64();
        let exit = Syscall::ExitGroup { status: 0 };
        assert_eq!(ran.stop, Stop::Syscall(exit.into()));
        let statements = 2.0 * ROUNDS as f64 / seconds / 1e6;
        let instructions = ran.used as f64 / seconds / 1e6;
        println!(
            "{name}: {statements:.1} million statements/s, {instructions:.1} million instructions/s"
        );
    }
}
