//! The `darkroom` program: reads the command line and hands over to the library.

#[tokio::main]
async fn main() -> std::process::ExitCode {
    darkroom::server::cli::main().await
}
