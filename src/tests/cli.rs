//! The command line, run as a program of its own.

use std::{
    io::Write as _,
    path::Path,
    process::{Command, Output, Stdio},
};

use darkroom::{
    model::roles::Role,
    server::{auth::passwords, db::users, db::users::UserRow, start},
};

use crate::util::config;

/// Runs `darkroom user …` on the database of a folder, with a line on standard input.
fn user(data_dir: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_darkroom"));
    command.arg("user").args(arguments).arg("--data-dir").arg(data_dir);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the program starts");
    child.stdin.take().expect("standard input").write_all(input.as_bytes()).expect("written");
    child.wait_with_output().expect("the program ends")
}

#[track_caller]
fn printed(output: &Output) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

async fn account(data_dir: &Path, name: &str) -> Option<UserRow> {
    let state = start::open(config(data_dir)).await.expect("the database opens");
    let mut connection = state.db.read().await.expect("a connection");
    users::find_by_name(&mut connection, name, false).await.expect("read")
}

async fn has_password(data_dir: &Path, name: &str, password: &str) -> bool {
    let hash = account(data_dir, name).await.expect("the account exists").password_hash;
    passwords::verify(password, hash.as_deref()).await.expect("checked")
}

#[tokio::test]
async fn accounts_and_passwords_are_made_on_the_servers_machine() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = folder.path();
    printed(&user(data_dir, &["create", "root", "--admin", "--password-stdin"], "first\n"));
    let root = account(data_dir, "root").await.expect("made");
    assert!(root.is_admin() && root.active);
    assert!(has_password(data_dir, "root", "first").await);

    let told = printed(&user(data_dir, &["reset-password", "root"], ""));
    let (_, rest) = told.split_once("password is ").expect("the new password is printed");
    let password = rest.split(' ').next().expect("a password");
    assert!(!has_password(data_dir, "root", "first").await);
    assert!(has_password(data_dir, "root", password).await);

    printed(&user(data_dir, &["create", "ann"], ""));
    assert_eq!(account(data_dir, "ann").await.expect("made").role, Role::Editor);
    printed(&user(data_dir, &["create", "olga", "--role", "operator"], ""));
    assert_eq!(account(data_dir, "olga").await.expect("made").role, Role::Operator);
}

#[tokio::test]
async fn mistakes_are_told_and_change_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let data_dir = folder.path();
    printed(&user(data_dir, &["create", "root", "--admin", "--password-stdin"], "first\n"));
    for (arguments, input, message) in [
        (&["create", "root", "--password-stdin"][..], "second\n", "existing user account"),
        (&["create", "ann", "--password-stdin"][..], "\n", "must not be empty"),
        (&["reset-password", "nobody"][..], "", "nobody"),
    ] {
        let output = user(data_dir, arguments, input);
        let told = String::from_utf8_lossy(&output.stderr);
        assert!(!output.status.success() && told.contains(message), "{arguments:?} told {told}");
    }
    assert!(has_password(data_dir, "root", "first").await);
    assert!(account(data_dir, "ann").await.is_none());
}
