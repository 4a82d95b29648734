//! What the real kernel is given of a scenario: the stage, and the programs' parts on it.

use crate::kernel::sysctl::Sysctl;
use crate::kernel::task::Capabilities;
use crate::native::{DeviceConfig, PuppetSpec, StageConfig};
use crate::program::c::Machine;
use crate::scenario::{Compiled, ProgramSource, Scenario};
use crate::sim::network::Neighbours;
use std::time::Duration;

/// The stage that a scenario asks for. A network that is shared is not asked to change.
pub fn stage_config(scenario: &Scenario) -> StageConfig {
    let mut config = StageConfig::default();
    let world = &scenario.world;
    for (setting, _) in world.sysctl.changes() {
        let name = Sysctl::NAMES[setting as usize];
        // A name of the list has a value.
        let value = world.sysctl.get(name).unwrap_or_default();
        config.sysctls.push((name.replace('.', "/"), value));
    }
    let devices = world.network.stubs.iter().map(|stub| DeviceConfig {
        address: stub.address,
        prefix: stub.prefix,
        silent: stub.neighbours == Neighbours::Silent,
    });
    config.devices = devices.collect();
    config
}

/// The programs of a scenario that run, and what their puppets are to be.
pub fn roles(scenario: &Scenario, compiled: &Compiled) -> Vec<(Machine, PuppetSpec)> {
    let machines = scenario.machines(compiled).into_iter();
    let spec = |source: &ProgramSource| PuppetSpec {
        stdin: source.stdin.clone(),
        root: scenario.root,
        tty: scenario.tty,
        capabilities: numbers(source.capabilities),
        descriptors: source.nofile.map(u64::from),
    };
    machines.zip(scenario.cast().map(spec)).collect()
}

/// As linux/capability.h numbers them.
fn numbers(capabilities: Capabilities) -> u64 {
    let Capabilities {
        net_admin,
        net_bind_service,
        net_raw,
    } = capabilities;
    u64::from(net_bind_service) << 10 | u64::from(net_admin) << 12 | u64::from(net_raw) << 13
}

/// How a run goes besides its programs.
#[derive(Clone, Debug)]
pub struct Play {
    /// For each program the index of the one after whose end it starts; at the beginning without one.
    pub after: Vec<Option<u32>>,
    /// A run in which every program sleeps for so long is cut off.
    pub patience: Duration,
}

impl Play {
    /// As a scenario says.
    pub fn of(scenario: &Scenario, patience: Duration) -> Play {
        Play {
            after: scenario.cast().map(|program| program.after).collect(),
            patience,
        }
    }
}
