//! `schemathesis` against both faces: requests made from the documents that a sandbox serves, by a
//! program that none of us wrote, and every answer held against the same documents.
//!
//! It is installed into the target directory from pinned packages. Seed, checks and sizes stand in
//! `tests/schemathesis`; nothing here decides what is right. A face that is not looked at, or an
//! operation that is left out without being named there, is a failure.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::{CLOSING_LINES, Outcome, packages};
use crate::{process, root};

/// The last words of a sandbox's greeting.
const GREETING_END: &str = "try it:";

/// Where the pinned packages and the rules of the runs are.
const RULES: &str = "tests/schemathesis";

/// Arguments of `cargo xtask schemathesis`.
#[derive(clap::Args, Default)]
pub struct Args {
    /// Also the phase that CI leaves out for V2: minutes instead of seconds.
    #[arg(long)]
    long: bool,
}

/// A face, and what of `sandbox.json` says where it is.
struct Face {
    name: &'static str,
    document: &'static str,
}

const FACES: [Face; 2] = [
    Face {
        name: "v2",
        document: "/openapi.json",
    },
    Face {
        name: "v1",
        document: "/v1/openapi.json",
    },
];

/// Runs it against a sandbox of its own for each face.
pub fn run(binary: &Path, args: &Args) -> Result<Vec<Outcome>> {
    let directory = process::target_dir()?.join("schemathesis");
    let program = install(&directory)?;
    let run = |face: &Face| run_face(face, (binary, &program), &directory, args);
    FACES.iter().map(run).collect()
}

fn run_face(
    face: &Face,
    (binary, program): (&Path, &Path),
    directory: &Path,
    args: &Args,
) -> Result<Outcome> {
    let sandbox = Sandbox::start(binary, &directory.join(face.name))?;
    let url = sandbox.file["v2"]["url"].as_str();
    let url = url.context("sandbox.json names no address")?;
    let rules = root::path(RULES);
    let mut command = process::command(&program.to_string_lossy(), &["--no-color"]);
    command
        .current_dir(directory)
        .arg("--config-file")
        .arg(rules.join(format!("{}.toml", face.name)))
        .args(["run", &format!("{url}{}", face.document)])
        .args(["--url", url])
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", &rules)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .env("PYTHONHASHSEED", "0")
        .env("NARU_SANDBOX", sandbox.directory.join("sandbox.json"));
    if args.long {
        command.args(["--phases", "coverage,fuzzing"]);
    }
    let shown = process::run_shown(&mut command, CLOSING_LINES)?;
    Ok(Outcome {
        name: match face.name {
            "v1" => "schemathesis, V1",
            _ => "schemathesis, V2",
        },
        shown,
    })
}

/// Installs it, unless what is there was made from these very pins. Gives the program.
fn install(directory: &Path) -> Result<PathBuf> {
    let venv = directory.join("venv");
    let program = venv.join("bin/st");
    let pins = std::fs::read_to_string(root::path(RULES).join("requirements.txt"))?;
    let made_from = venv.join("requirements.txt");
    if program.exists() && std::fs::read_to_string(&made_from).is_ok_and(|text| text == pins) {
        return Ok(program);
    }
    if venv.exists() {
        std::fs::remove_dir_all(&venv)?;
    }
    let missing = "schemathesis needs Python 3.10 or later\nhint: install the packages `python3` \
                   and `python3-venv`";
    let path = venv.to_string_lossy();
    let mut make = process::command("python3", &["-m", "venv", &path]);
    if process::run(&mut make).is_err() {
        packages::install(&["python3", "python3-venv"], missing)?;
        process::run(&mut make).context(missing)?;
    }
    let pip = venv.join("bin/pip");
    let words = ["install", "--quiet", "--no-deps", "--only-binary", ":all:"];
    let mut install = process::command(&pip.to_string_lossy(), &words);
    install.arg("--disable-pip-version-check");
    install.args(["-r", &format!("{RULES}/requirements.txt")]);
    process::run(&mut install)?;
    std::fs::write(made_from, pins)?;
    Ok(program)
}

/// A sandbox with a fresh directory. Killed when dropped.
struct Sandbox {
    child: Child,
    // Kept open: a process that prints to a closed pipe would end for the wrong reason.
    stdout: BufReader<ChildStdout>,
    directory: PathBuf,
    file: Value,
}

impl Sandbox {
    fn start(binary: &Path, directory: &Path) -> Result<Self> {
        if directory.exists() {
            std::fs::remove_dir_all(directory)?;
        }
        std::fs::create_dir_all(directory)?;
        let log = std::fs::File::create(directory.join("stderr.log"))?;
        let mut child = Command::new(binary)
            .args(["sandbox", "--listen", "127.0.0.1:0", "--data"])
            .arg(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", binary.display()))?;
        let stdout = child.stdout.take().context("no standard output")?;
        let mut sandbox = Self {
            child,
            stdout: BufReader::new(stdout),
            directory: directory.to_owned(),
            file: Value::Null,
        };
        let mut greeting = sandbox.stdout.by_ref().lines().map_while(Result::ok);
        ensure!(
            greeting.any(|line| line.contains(GREETING_END)),
            "the sandbox did not start: {}",
            std::fs::read_to_string(directory.join("stderr.log")).unwrap_or_default()
        );
        let text = std::fs::read_to_string(directory.join("sandbox.json"))?;
        sandbox.file = serde_json::from_str(&text)?;
        Ok(sandbox)
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        // It is ours and has nothing that is worth a clean end.
        let _killed = self.child.kill();
        let _ended = self.child.wait();
    }
}
