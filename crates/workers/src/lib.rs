//! Background work: webhook delivery, resolver of unclear PG answers, notices, search index.
