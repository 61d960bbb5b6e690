//! Stacks as `perf script` prints them, folded into one tree of calls.

use std::collections::BTreeMap;
use std::fmt::Write as _;

/// Calls of one function from one place, and what they called.
#[derive(Debug, Default)]
pub struct Node {
    /// Samples in it and in what it called.
    pub samples: u64,
    /// What it called, by name.
    pub calls: BTreeMap<String, Self>,
}

impl Node {
    /// All samples.
    pub const fn total(&self) -> u64 {
        self.samples
    }
}

/// Frames that say nothing about where the time goes: the runtime, and the standard library's ways
/// to call a closure. What they take themselves counts for who called them.
const PLUMBING: [&str; 8] = [
    "core::",
    "std::",
    "alloc::",
    "tokio::runtime",
    "tokio::task",
    "tokio::future",
    "futures_util::",
    "tracing::instrument",
];

/// Which part of the whole a sample is of: the first of these that is in its stack, from the
/// innermost call outwards. In this order in the table and the picture.
pub const PARTS: [(&str, &[&str]); 8] = [
    ("SQLite", &["sqlite3", "naru_store_sqlite", "rusqlite"]),
    ("JSON", &["serde_json", "serde", "serde_core"]),
    (
        "connector, HTTP client",
        &["naru_connectors", "naru_egress", "reqwest", "hyper_util"],
    ),
    ("webhooks", &["naru_engine::webhooks", "naru_workers"]),
    ("engine and rules", &["naru_engine", "naru_domain"]),
    ("V2 face", &["naru_api_v2", "naru_wire_v2", "axum"]),
    ("HTTP server", &["hyper", "naru_server", "h2", "httparse"]),
    ("cryptography", &["ring", "sha2", "aes", "cbc", "hmac"]),
];

/// Folds what `perf script -F comm,ip,sym` printed.
pub fn fold(script: &str) -> Node {
    let mut root = Node::default();
    for sample in script.split("\n\n") {
        let mut lines = sample.lines().filter(|line| !line.trim().is_empty());
        let Some(thread) = lines.next() else {
            continue;
        };
        let mut frames: Vec<String> = lines.map(frame).collect();
        frames.push(thread.trim().to_owned());
        frames.reverse();
        let is_worth_it = |name: &&String| {
            !name.is_empty() && !PLUMBING.iter().any(|start| name.starts_with(start))
        };
        let mut node = &mut root;
        node.samples += 1;
        let mut last = "";
        for name in frames.iter().filter(is_worth_it) {
            if name == last {
                continue;
            }
            last = name;
            node = node.calls.entry(name.clone()).or_default();
            node.samples += 1;
        }
    }
    root
}

/// The name of a function: without its address and its type's parameters.
fn frame(line: &str) -> String {
    let symbol = line
        .trim()
        .split_once(' ')
        .map_or("", |(_, symbol)| symbol.trim());
    if symbol == "[unknown]" {
        return String::new();
    }
    plain(symbol).replace("::{{closure}}", "")
}

/// `<a::B<C> as d::E>::g` becomes `a::B::g`: whose function it is, and which.
fn plain(name: &str) -> String {
    let mut text = String::new();
    let mut depth = 0_usize;
    let outside = usize::from(name.starts_with('<'));
    // Within the first brackets, what comes before ` as ` is kept.
    let mut is_trait = false;
    for (at, one) in name.char_indices() {
        match one {
            '<' => depth += 1,
            '>' => {
                depth = depth.saturating_sub(1);
                is_trait &= depth > 0;
            }
            _ if depth == 0 => text.push(one),
            _ if depth == outside => {
                is_trait |= name.get(at..).is_some_and(|rest| rest.starts_with(" as "));
                if !is_trait {
                    text.push(one);
                }
            }
            _ => {}
        }
    }
    text.trim_start_matches(['&', '*']).replace("::::", "::")
}

/// Which part a name belongs to, by its crate.
pub fn part_of(name: &str) -> Option<usize> {
    let start = name.trim_start_matches(['<', '&']).trim_start();
    PARTS.iter().position(|(_, crates)| {
        crates.iter().any(|one| {
            let rest = start.strip_prefix(one);
            rest.is_some_and(|rest| rest.starts_with("::") || *one == "sqlite3")
        })
    })
}

/// How many of thousand samples are of which part; what is of none is the kernel, the allocator
/// and the like, called by the runtime.
pub fn shares(root: &Node) -> [u64; PARTS.len() + 1] {
    let mut counts = [0; PARTS.len() + 1];
    count(root, PARTS.len(), &mut counts);
    counts.map(|samples| samples * 1_000 / root.samples.max(1))
}

fn count(node: &Node, part: usize, counts: &mut [u64; PARTS.len() + 1]) {
    let called: u64 = node.calls.values().map(|call| call.samples).sum();
    counts[part] += node.samples.saturating_sub(called);
    for (name, call) in &node.calls {
        count(call, part_of(name).unwrap_or(part), counts);
    }
}

/// The shares as a table.
pub fn table(root: &Node) -> String {
    let names = PARTS.iter().map(|(name, _)| *name).chain(["the rest"]);
    let mut text = "| part | of all samples |\n| --- | ---: |\n".to_owned();
    for (name, share) in names.zip(shares(root)) {
        let _infallible = writeln!(text, "| {name} | {}.{} % |", share / 10, share % 10);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "naru\n\
        \t7f01 sqlite3_step\n\
        \t7f02 naru_store_sqlite::writer::run::{{closure}}\n\
        \t7f03 std::thread::start\n\n\
        naru\n\
        \t7f04 core::ptr::drop\n\
        \t7f05 naru_engine::payments::pay\n\
        \t7f06 [unknown]\n\n";

    #[test]
    fn stacks_become_a_tree_without_the_plumbing() {
        let root = fold(SCRIPT);
        assert_eq!(root.samples, 2);
        let naru = &root.calls["naru"];
        let writer = &naru.calls["naru_store_sqlite::writer::run"];
        assert_eq!(writer.calls["sqlite3_step"].samples, 1);
        assert_eq!(naru.calls["naru_engine::payments::pay"].samples, 1);
    }

    #[test]
    fn a_sample_is_of_the_innermost_part_that_is_known() {
        let shares = shares(&fold(SCRIPT));
        assert_eq!((shares[0], shares[4]), (500, 500));
        assert_eq!(shares.iter().sum::<u64>(), 1_000);
    }

    #[test]
    fn names_lose_what_nobody_reads() {
        assert_eq!(plain("a::B<d::E<F>>::c"), "a::B::c");
        assert_eq!(plain("<a::B<C> as d::E<F>>::g"), "a::B::g");
        assert_eq!(plain("<&a::B>::g"), "a::B::g");
        assert_eq!(frame("  7f a::B::c::{{closure}}"), "a::B::c");
    }
}
