//! The one door out: HTTP client, address policy, time-outs.
