//! Help and errors, word for word: exit code, standard output, standard error.

use std::process::Command;

use clap::CommandFactory;
use naru_server::cli::Cli;

/// Runs `naru` in an empty directory, without any `NARU_` variable.
fn naru(arguments: &[&str]) -> String {
    let directory = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_naru"));
    command.args(arguments).current_dir(directory.path());
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("NARU_")) {
        command.env_remove(name);
    }
    let output = command.output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    format!(
        "exit: {}\n--- stdout\n{}--- stderr\n{}",
        output.status.code().unwrap(),
        text(&output.stdout),
        text(&output.stderr)
    )
}

/// The words of every command and subcommand, depth first.
fn commands(command: &clap::Command, path: &[String]) -> Vec<Vec<String>> {
    let mut all = vec![path.to_vec()];
    for below in command.get_subcommands() {
        let path = [path, &[below.get_name().to_owned()]].concat();
        all.extend(commands(below, &path));
    }
    all
}

#[test]
fn help_of_all_commands() {
    let all: Vec<String> = commands(&Cli::command(), &[])
        .iter()
        .map(|path| {
            let mut arguments: Vec<&str> = path.iter().map(String::as_str).collect();
            arguments.push("--help");
            format!("===== naru {}\n{}", arguments.join(" "), naru(&arguments))
        })
        .collect();
    insta::assert_snapshot!(all.join("\n"));
}

/// Each must be refused.
const WRONG_LINES: &[&str] = &[
    "sandbx",
    "frobnicate",
    "sandbox --lisen 127.0.0.1:0",
    "sandbox --listen 8080",
    "sandbox --listen 127.0.0.1:99999",
    "sandbox --listen",
    "sandbox --database mysql://root:hunter2@db/naru",
    "sandbox extra",
    "serve",
    "keys create --store store-1",
    "keys create --store a --name b --expires-in-days 0",
    "keys create --store a --name b --expires-in-days soon",
    "stores list --data d --config f",
    "channels create --store s --name n --pg P --merchant-id m",
    "channels create --store s --name n --pg P --merchant-id m --test --secret-file hunter2",
    "routing create --store s --name n --channel a=100",
    "routing create --store s --name n --test --channel a=101",
    "routing set g --failover 10",
    "migrate-store",
    "migrate-store --to postgres://naru:hunter2@db/naru",
    "migrate-store --to postgres://naru@db/naru?password=hunter2",
    "migrate-store --to sqlite:naru.db",
    "migrate-store --to-file f --take-back",
    "migrate-store --to-file f --dry-run --verify",
    "trigger Transaction.Payed",
    "trigger Nothing",
    "trigger",
];

#[test]
fn wrong_command_lines() {
    let mut all = Vec::new();
    for line in WRONG_LINES {
        let answer = naru(&line.split(' ').collect::<Vec<_>>());
        assert!(
            !answer.contains("hunter2"),
            "a secret is repeated: {answer}"
        );
        let shown = line.replace("hunter2", "…");
        all.push(format!("===== naru {shown}\n{answer}"));
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn failures_say_what_to_do_next() {
    let lines: &[&[&str]] = &[
        &["stores", "list"],
        &["stores", "list", "--config", "nowhere.toml"],
        &["config", "check", "--config", "nowhere.toml"],
        &["migrate-store", "--to-file", "nowhere"],
        &["migrate-store", "--to", "postgres://naru@127.0.0.1:1/naru"],
        &["doctor"],
        &["doctor", "--json"],
    ];
    let mut all = Vec::new();
    for line in lines {
        all.push(format!("===== naru {}\n{}", line.join(" "), naru(line)));
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn without_arguments_the_help_is_shown_as_an_error() {
    assert!(naru(&[]).starts_with("exit: 2\n--- stdout\n--- stderr\nPayment orchestration"));
    assert!(naru(&["--version"]).starts_with("exit: 0\n--- stdout\nnaru 0.1"));
}
