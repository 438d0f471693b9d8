//! The `darkroom` program: reads the command line and hands over to the library.

/// Rows and answers are many small pieces, made in one thread and freed in another: the system's allocator is slow at that,
/// and keeps what it freed.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

#[tokio::main]
async fn main() -> std::process::ExitCode {
    darkroom::server::cli::main().await
}
