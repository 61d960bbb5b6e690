//! In-memory backend with a durable and a volatile part.
