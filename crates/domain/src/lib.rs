//! Pure core: ids, money, aggregates, `decide` and `apply`. No async, no I/O, no clock.
