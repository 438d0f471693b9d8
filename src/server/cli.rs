//! The command line.

mod code;
mod import;

use std::{net::SocketAddr, process::ExitCode};

use anyhow::Context as _;
use clap::{Parser, Subcommand};
use tokio::task::JoinHandle;

use self::{code::Push, import::Import};
use crate::model::roles::Role;

use super::{
    api::wire::users::UserRequest,
    auth::{passwords, secrets},
    config::Config,
    db::{Db, statistics},
    demo,
    launch::{readiness, supervisor::Supervisor, triggers, upkeep},
    logging, router, service,
    start::{self, FirstStart},
    state::AppState,
};

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
    /// Give snapshots their code, from the machine that has it.
    #[command(subcommand)]
    Code(CodeCommand),
    /// Make accounts and passwords, on the server's machine.
    #[command(subcommand)]
    User(UserCommand),
    /// Take over the SQLite database of a ZenML 0.98 server, with its users, keys, stacks, runs and ids.
    Import(Box<Import>),
    /// Bring the database to this version's schema, and stop.
    Migrate(Box<Config>),
    /// Print the version.
    Version,
}

#[derive(Subcommand)]
enum CodeCommand {
    /// Push a folder as the code of a snapshot that has none.
    Push(Push),
}

#[derive(Subcommand)]
enum UserCommand {
    /// Make an account.
    Create {
        /// Its name.
        name: String,
        /// What it may do: viewer, operator, editor or admin.
        #[arg(long, default_value_t = Role::Editor)]
        role: Role,
        /// The same as `--role admin`.
        #[arg(long, conflicts_with = "role")]
        admin: bool,
        #[command(flatten)]
        password: PasswordSource,
        #[command(flatten)]
        config: Box<Config>,
    },
    /// Give an account another password and activate it; whoever is signed in to it is signed out.
    ResetPassword {
        /// Its name or id.
        name: String,
        #[command(flatten)]
        password: PasswordSource,
        #[command(flatten)]
        config: Box<Config>,
    },
}

/// Passwords never come as an argument, which other users of the machine can see.
#[derive(clap::Args)]
struct PasswordSource {
    /// Read the password from standard input; without this, one is made and printed.
    #[arg(long)]
    password_stdin: bool,
}

/// Runs the program; errors go to standard error and make the exit code 1.
pub async fn main() -> ExitCode {
    let result = match Cli::parse().command {
        Command::Serve(config) => serve(*config).await,
        Command::Code(CodeCommand::Push(push)) => tokio::task::block_in_place(|| push.run()),
        Command::User(command) => user(command).await,
        Command::Import(import) => import.run().await,
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
    print_first_start(&start::first_start(&state).await?);
    let db = state.db.clone();
    let (stop_supervisor, supervisor_stopped) = tokio::sync::oneshot::channel::<()>();
    let supervisor = tokio::spawn(Supervisor::new(state.clone()).run(async {
        let _ = supervisor_stopped.await;
    }));
    if state.config.demo {
        demo::start(&state);
    }
    let readiness = check_snapshots(state.clone());
    let upkeep = tokio::spawn(upkeep::run(state.clone()));
    let triggers = tokio::spawn(triggers::run(state.clone()));
    let statistics = tokio::spawn(statistics::run(state.db.clone()));
    let events = state.events.clone();
    let stop = async move {
        stop_signal().await;
        events.close();
    };
    let service = router::build(state).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, service).with_graceful_shutdown(stop).await?;
    readiness.abort();
    upkeep.abort();
    triggers.abort();
    statistics.abort();
    drop(stop_supervisor);
    supervisor.await.context("the supervisor of launches ended unexpectedly")?;
    db.close().await;
    Ok(())
}

/// Brings `runnable` of the named snapshots up to date, beside the serving.
fn check_snapshots(state: AppState) -> JoinHandle<()> {
    tokio::spawn(async move {
        if let Err(error) = readiness::refresh_all_named(&state).await {
            tracing::error!(error = format!("{error:?}"), "the readiness of snapshots could not be checked");
        }
    })
}

/// To standard output, not to the log: logs are kept and read by many.
fn print_first_start(first_start: &FirstStart) {
    match first_start {
        FirstStart::Active => {}
        FirstStart::AdminMade => println!("Sign in as admin with the password that was given."),
        FirstStart::AdminMadeWithPassword(password) => {
            println!("Sign in as admin with the password {password} (shown this once).");
        }
        FirstStart::SetUpLink(link) => {
            println!("Open {link} to make the first account. The link counts until it is used or the server restarts.")
        }
    }
}

async fn user(command: UserCommand) -> anyhow::Result<()> {
    match command {
        UserCommand::Create { name, role, admin, password, config } => {
            let (state, password) = (open_quietly(*config).await?, password.read()?);
            let hash = passwords::hash(password.text()).await?;
            let mut connection = state.db.begin().await?;
            if admin || role == Role::Admin {
                service::server_settings::activate_with(&mut connection, &name, hash).await?;
            } else {
                let request = UserRequest { name: name.clone(), role: Some(role), ..UserRequest::default() };
                service::users::create(&mut connection, request, Some(hash)).await?;
            }
            connection.commit().await?;
            println!("Made the account {name}.");
            password.print_if_made();
        }
        UserCommand::ResetPassword { name, password, config } => {
            let (state, password) = (open_quietly(*config).await?, password.read()?);
            let hash = passwords::hash(password.text()).await?;
            let mut connection = state.db.begin().await?;
            service::users::reset_password(&mut connection, &name, hash).await?;
            connection.commit().await?;
            println!("Changed the password of {name}.");
            password.print_if_made();
        }
    }
    Ok(())
}

async fn open_quietly(config: Config) -> anyhow::Result<AppState> {
    logging::init("warn", config.log_json);
    start::open(config).await
}

/// A password and where it comes from.
enum Password {
    Given(String),
    Made(String),
}

impl PasswordSource {
    fn read(&self) -> anyhow::Result<Password> {
        if !self.password_stdin {
            return Ok(Password::Made(secrets::generate(12)?));
        }
        let mut line = String::new();
        std::io::stdin().read_line(&mut line).context("cannot read the password from standard input")?;
        Ok(Password::Given(line.trim_end_matches(['\r', '\n']).to_owned()))
    }
}

impl Password {
    fn text(&self) -> &str {
        match self {
            Self::Given(text) | Self::Made(text) => text,
        }
    }

    fn print_if_made(&self) {
        if let Self::Made(text) = self {
            println!("Its password is {text} (shown this once).");
        }
    }
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
