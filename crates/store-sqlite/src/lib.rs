//! SQLite backend: one writer thread with group commit and full sync.
