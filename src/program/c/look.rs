//! The C machine, looked into.

use super::Machine;
use crate::program::{Inspect, Place};

impl Inspect for Machine {
    fn place(&self) -> Option<Place> {
        let location = self.location()?;
        Some(Place {
            file: location.file,
            line: location.line,
            column: location.columns.0,
            function: location.function,
        })
    }

    fn library_call(&self) -> Option<&str> {
        Machine::library_call(self)
    }

    fn fault(&self) -> Option<String> {
        let fault = Machine::fault(self)?;
        Some(fault.render(&self.image().files))
    }
}
