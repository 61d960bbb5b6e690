//! Asking for a password: on the terminal without showing it, or from a file or standard input.
//! Never an argument, which other users of the machine could read.

use std::io::{BufRead as _, IsTerminal as _, Write as _};
use std::os::fd::AsFd;
use std::path::Path;

use naru_connector::Secret;
use rustix::termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr};

use crate::failure::Failure;

/// Bytes that are read: a password has far fewer.
const BYTES_MAX: u64 = 4_096;

/// The password in a file (`-`: standard input), else what is typed.
pub(crate) fn asked(file: Option<&Path>, email: &str) -> Result<Secret, Failure> {
    let stdin = std::io::stdin();
    match file {
        Some(path) if path == Path::new("-") => first_line(stdin.lock()),
        Some(path) => {
            let opened = std::fs::File::open(path).map_err(|error| {
                Failure::new(format!("can't read `{}`: {error}", path.display()))
                    .hint("the file holds the password in its first line")
            })?;
            first_line(std::io::BufReader::new(opened))
        }
        None if stdin.is_terminal() => typed_twice(email),
        None => first_line(stdin.lock()),
    }
}

fn first_line(from: impl std::io::BufRead) -> Result<Secret, Failure> {
    let mut line = zeroize::Zeroizing::new(String::new());
    from.take(BYTES_MAX).read_line(&mut line).map_err(|error| {
        Failure::new(format!("the password can't be read: {error}"))
            .hint("write it in UTF-8, in one line")
    })?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err(Failure::new("the password is empty")
            .hint("type it when asked, or name a file with `--password-file`"));
    }
    Ok(Secret::new(password))
}

fn typed_twice(email: &str) -> Result<Secret, Failure> {
    let first = typed(&format!("password for {email}: "))?;
    let second = typed("once more: ")?;
    if first.expose() != second.expose() {
        return Err(Failure::new("the two passwords differ").hint("run it again"));
    }
    Ok(first)
}

fn typed(prompt: &str) -> Result<Secret, Failure> {
    let stdin = std::io::stdin();
    let failed = |error: &dyn std::fmt::Display| {
        Failure::new(format!("the terminal can't be used: {error}"))
            .hint("name a file with `--password-file`")
    };
    let mut errors = std::io::stderr().lock();
    let _dropped = write!(errors, "{prompt}");
    let _dropped = errors.flush();
    let hidden = Hidden::begin(&stdin).map_err(|error| failed(&error))?;
    let line = first_line(stdin.lock());
    drop(hidden);
    let _dropped = writeln!(errors);
    line
}

/// The terminal shows nothing of what is typed, until this is dropped.
struct Hidden<'a> {
    terminal: &'a std::io::Stdin,
    before: Termios,
}

impl<'a> Hidden<'a> {
    fn begin(terminal: &'a std::io::Stdin) -> Result<Self, rustix::io::Errno> {
        let before = tcgetattr(terminal.as_fd())?;
        let mut hidden = before.clone();
        hidden.local_modes.remove(LocalModes::ECHO);
        tcsetattr(terminal.as_fd(), OptionalActions::Flush, &hidden)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Hidden<'_> {
    fn drop(&mut self) {
        let _gone = tcsetattr(self.terminal.as_fd(), OptionalActions::Flush, &self.before);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line_with_its_spaces() {
        for (text, wanted) in [
            ("correct horse \nmore", Some("correct horse ")),
            ("correct horse\r\n", Some("correct horse")),
            ("no end", Some("no end")),
            ("\n", None),
            ("", None),
        ] {
            let read = first_line(text.as_bytes()).ok();
            assert_eq!(read.as_ref().map(Secret::expose), wanted, "{text:?}");
        }
    }

    #[test]
    fn a_file_that_is_not_there_is_named() {
        let failure = asked(Some(Path::new("/nowhere/password")), "a@b").unwrap_err();
        assert!(failure.to_string().contains("/nowhere/password"));
    }
}
