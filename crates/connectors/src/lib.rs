//! Connectors, one folder per PG.
