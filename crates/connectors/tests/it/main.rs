//! The connectors from outside: recorded exchanges, rules, settings, notices, arbitrary bytes, and
//! the simulator that was written without knowing them.

// The attribute tells clippy that these are tests.
#[cfg(test)]
mod arbitrary_bytes;
mod corpus;
#[cfg(test)]
mod exchanges;
#[cfg(test)]
mod identity;
#[cfg(test)]
mod identity_windows;
#[cfg(test)]
mod notices;
#[cfg(test)]
mod operations;
#[cfg(test)]
mod popbill;
#[cfg(test)]
mod rules;
#[cfg(test)]
mod settings;
#[cfg(test)]
mod settlement;
#[cfg(test)]
mod simulator;
mod windows;
