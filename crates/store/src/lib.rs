//! The `Store` trait, the commit unit, table descriptions and the conformance suite.
