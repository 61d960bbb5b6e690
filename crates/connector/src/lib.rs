//! What a PG connector is: sans-I/O exchanges, outcomes, capabilities, the `Transport` trait.
