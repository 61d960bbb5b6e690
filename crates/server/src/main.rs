//! The `naru` binary.

use std::process::ExitCode;

fn main() -> ExitCode {
    naru_server::commands::main(std::env::args_os())
}
