//! Kept examples of bytes from outside, and random changes of them: a fuzzer without a fuzzer.
//!
//! `tests/corpus/KIND/NAME` is an example as it came or might come. Whatever once broke a parser is
//! added there, so that every later run begins from it. Every choice comes from one number.

use std::path::Path;

use crate::random::Random;

/// Changes of one example at most.
const CHANGES_MAX: usize = 6;
/// Longer than any example, shorter than any limit on bodies.
const BYTES_MAX: usize = 16_384;

/// Bytes that mean something to one parser or another.
const TOKENS: [&[u8]; 40] = [
    b"",
    b"\0",
    b"\r\n",
    b"\r\n\r\n",
    b"&",
    b"&&",
    b"=",
    b"==",
    b"%",
    b"%0",
    b"%zz",
    b"%00",
    b"%ED%A0%80",
    b"+",
    b"[",
    b"]",
    b"[]",
    b"[0][1]",
    b"[a]",
    b"[[[[[[[[[[[[[[[[",
    b"{",
    b"}",
    b"{}",
    b"\"",
    b"\\",
    b"\\u0000",
    b"\\ud800",
    b",",
    b":",
    b"null",
    b"true",
    b"-1",
    b"0",
    b"1e400",
    b"9223372036854775807",
    b"99999999999999999999999",
    b"00",
    b"\xff\xfe",
    b"\xc7\xd1\xb1\xdb",
    "\u{200b}한글".as_bytes(),
];

/// An example.
#[derive(Debug, Clone)]
pub struct Example {
    /// Its file's name.
    pub name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Example {
    /// The first line, and what stands below it.
    pub fn parts(&self) -> (&str, &[u8]) {
        let end = self.bytes.iter().position(|byte| *byte == b'\n');
        let (head, rest) = self.bytes.split_at(end.expect("a first line"));
        let head = std::str::from_utf8(head).expect("a first line of text");
        (head, rest.get(1..).unwrap_or_default())
    }
}

/// The examples of a kind, by name.
pub fn examples(kind: &str) -> Vec<Example> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/corpus")
        .join(kind);
    let entries = std::fs::read_dir(&directory).expect("a directory of the corpus");
    let mut found: Vec<Example> = entries
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let name = path.file_name().expect("a name").to_string_lossy();
            Example {
                name: name.into_owned(),
                bytes: std::fs::read(&path).expect("an example"),
            }
        })
        .collect();
    assert!(!found.is_empty(), "no examples of {kind}");
    found.sort_by(|one, other| one.name.cmp(&other.name));
    found
}

/// The bytes as they are, or changed a few times; `others` lend their parts.
pub fn changed(bytes: &[u8], others: &[Example], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    for _ in 0..random.below(CHANGES_MAX + 1) {
        change(&mut bytes, others, random);
        bytes.truncate(BYTES_MAX);
    }
    bytes
}

fn change(bytes: &mut Vec<u8>, others: &[Example], random: &mut Random) {
    let from = random.below(bytes.len() + 1);
    let until = (from + random.below(24)).min(bytes.len());
    let put: Vec<u8> = match random.below(6) {
        // Less, or something else in its place.
        0 => Vec::new(),
        1 | 2 => random.pick(&TOKENS).to_vec(),
        3 => vec![u8::try_from(random.below(256)).unwrap_or(0)],
        // The same again.
        4 => bytes.get(from..until).unwrap_or_default().repeat(2),
        _ => {
            let other = &random.pick(others).bytes;
            let start = random.below(other.len());
            let end = (start + random.below(64)).min(other.len());
            other.get(start..end).unwrap_or_default().to_vec()
        }
    };
    let until = if random.once_in(2) { from } else { until };
    bytes.splice(from..until, put);
}

/// How many changed examples a test makes, and the number that it begins with:
/// `NARU_CORPUS_ROUNDS` and `NARU_CORPUS_SEED`, for longer runs and to repeat one.
pub fn rounds(default: u64) -> std::ops::Range<u64> {
    let setting = |name| std::env::var(name).ok()?.parse::<u64>().ok();
    let first = setting("NARU_CORPUS_SEED").unwrap_or(1);
    first..first + setting("NARU_CORPUS_ROUNDS").unwrap_or(default)
}
