//! The V2 face: one file per operation.
