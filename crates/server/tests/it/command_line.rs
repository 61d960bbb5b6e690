//! Help and errors, word for word: exit code, standard output, standard error.

use std::process::Command;

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

#[test]
fn help_of_all_commands() {
    let commands: &[&[&str]] = &[
        &[],
        &["sandbox"],
        &["serve"],
        &["pg-sim"],
        &["migrate"],
        &["doctor"],
        &["config"],
        &["config", "check"],
        &["config", "print"],
        &["stores"],
        &["stores", "create"],
        &["stores", "list"],
        &["stores", "show"],
        &["keys"],
        &["keys", "create"],
        &["keys", "list"],
        &["keys", "revoke"],
        &["channels"],
        &["channels", "create"],
        &["channels", "list"],
        &["channels", "show"],
        &["channels", "disable"],
        &["channels", "enable"],
        &["webhooks"],
        &["webhooks", "set"],
        &["webhooks", "list"],
        &["webhooks", "rotate-secret"],
        &["webhooks", "remove"],
        &["webhooks", "test"],
        &["listen"],
        &["trigger"],
    ];
    let mut all = Vec::new();
    for command in commands {
        let mut arguments = command.to_vec();
        arguments.push("--help");
        all.push(format!(
            "===== naru {}\n{}",
            arguments.join(" "),
            naru(&arguments)
        ));
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn wrong_command_lines() {
    let lines: &[&[&str]] = &[
        &["sandbx"],
        &["frobnicate"],
        &["sandbox", "--lisen", "127.0.0.1:0"],
        &["sandbox", "--listen", "8080"],
        &["sandbox", "--listen", "127.0.0.1:99999"],
        &["sandbox", "--listen"],
        &["sandbox", "--database", "mysql://root:hunter2@db/naru"],
        &["sandbox", "extra"],
        &["serve"],
        &["keys", "create", "--store", "store-1"],
        &[
            "keys",
            "create",
            "--store",
            "a",
            "--name",
            "b",
            "--expires-in-days",
            "0",
        ],
        &[
            "keys",
            "create",
            "--store",
            "a",
            "--name",
            "b",
            "--expires-in-days",
            "soon",
        ],
        &["stores", "list", "--data", "d", "--config", "f"],
        &[
            "channels",
            "create",
            "--store",
            "s",
            "--name",
            "n",
            "--pg",
            "P",
            "--merchant-id",
            "m",
        ],
        &[
            "channels",
            "create",
            "--store",
            "s",
            "--name",
            "n",
            "--pg",
            "P",
            "--merchant-id",
            "m",
            "--test",
            "--secret-file",
            "hunter2",
        ],
        &["trigger", "Transaction.Payed"],
        &["trigger", "Nothing"],
        &["trigger"],
    ];
    let mut all = Vec::new();
    for line in lines {
        let answer = naru(line);
        assert!(
            !answer.contains("hunter2"),
            "a secret is repeated: {answer}"
        );
        let shown = line.join(" ").replace("hunter2", "…");
        all.push(format!(
            "===== naru {shown}
{answer}"
        ));
    }
    insta::assert_snapshot!(all.join("\n"));
}

#[test]
fn failures_say_what_to_do_next() {
    let lines: &[&[&str]] = &[
        &["stores", "list"],
        &["stores", "list", "--config", "nowhere.toml"],
        &["config", "check", "--config", "nowhere.toml"],
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
