//! Request and answer types of the V2 API, generated from `spec/`.
