//! The `darkroom` program: reads the command line and hands over to the library.

use std::{process::ExitCode, thread::available_parallelism};

fn main() -> ExitCode {
    // One for each core, but never one alone: statements on SQLite run in these threads.
    let threads = available_parallelism().map_or(2, usize::from).max(2);
    match tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build() {
        Ok(runtime) => runtime.block_on(darkroom::server::cli::main()),
        Err(error) => {
            eprintln!("darkroom: cannot start threads: {error}");
            ExitCode::FAILURE
        }
    }
}
