//! The command line.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Parser, Subcommand};

use super::{config::Config, db::Db, logging, router, start};

/// Runnable ML pipeline snapshots: server and dashboard.
#[derive(Parser)]
#[command(name = "darkroom", version, about)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the server.
    Serve(Box<Config>),
    /// Bring the database to this version's schema, and stop.
    Migrate(Box<Config>),
    /// Print the version.
    Version,
}

/// Runs the program; errors go to standard error and make the exit code 1.
pub async fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(config) => serve(*config).await,
        Command::Migrate(config) => migrate(*config).await,
        Command::Version => {
            println!("darkroom {}", env!("CARGO_PKG_VERSION"));
            Ok(())
        }
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("darkroom: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn serve(config: Config) -> anyhow::Result<()> {
    logging::init(&config.log, config.log_json);
    let (addr, public_url) = (config.addr, config.public_url());
    let state = start::open(config).await?;
    let listener = tokio::net::TcpListener::bind(addr).await.with_context(|| format!("cannot listen on {addr}"))?;
    tracing::info!(addr = %addr, "listening");
    println!("Darkroom is running at {public_url}");
    let db = state.db.clone();
    axum::serve(listener, router::build(state)).with_graceful_shutdown(stop_signal()).await?;
    db.close().await;
    Ok(())
}

async fn migrate(config: Config) -> anyhow::Result<()> {
    logging::init(&config.log, config.log_json);
    let db = Db::connect(&config.database_url()).await.context("cannot open the database")?;
    db.migrate().await.context("cannot migrate the database")?;
    println!("The database is up to date.");
    Ok(())
}

/// Resolves at SIGTERM or Ctrl-C.
async fn stop_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    let terminate = async {
        match signal(SignalKind::terminate()) {
            Ok(mut stream) => {
                stream.recv().await;
            }
            Err(error) => {
                tracing::error!(%error, "cannot listen for SIGTERM");
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        () = terminate => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    tracing::info!("shutting down");
}
