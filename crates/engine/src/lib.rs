//! Use cases: load, decide, commit, run effects; idempotency; authorisation.
