//! Captured code: what is known of each archive in the data directory. The files are `launch::archive`'s.

use super::{Connection, DbError};
use crate::{
    args, record,
    server::{id::Id, time::Timestamp},
};

record! {
    /// An archive of captured code.
    #[derive(Clone, Debug)]
    pub struct CodeArchiveRow {
        /// SHA-256 of the archive's bytes, which names its file.
        pub hash: String,
        pub created: Timestamp,
        pub size_bytes: i64,
        pub file_count: i64,
        /// JSON: what capture left out, and why (`[{"path": …, "reason": …}]`).
        pub left_out: String,
    }
}

/// The archive with this hash.
pub async fn get(connection: &mut Connection, hash: &str) -> Result<Option<CodeArchiveRow>, DbError> {
    let sql = "select hash, created, size_bytes, file_count, left_out from code_archives where hash = $1";
    connection.fetch_optional(sql, args![hash]).await
}

/// Records an archive; one that is known already stays as it is.
pub async fn put(connection: &mut Connection, archive: &CodeArchiveRow) -> Result<(), DbError> {
    let sql = "insert into code_archives (hash, created, size_bytes, file_count, left_out) values ($1, $2, $3, $4, $5) \
               on conflict (hash) do nothing";
    let values = args![&archive.hash, archive.created, archive.size_bytes, archive.file_count, &archive.left_out];
    connection.execute(sql, values).await?;
    Ok(())
}

/// Forgets an archive that no snapshot has; says whether it is unknown now.
pub async fn delete_unused(connection: &mut Connection, hash: &str) -> Result<bool, DbError> {
    let sql = "delete from code_archives where hash = $1 \
               and not exists (select 1 from pipeline_snapshots s where s.code_archive_hash = code_archives.hash)";
    connection.execute(sql, args![hash]).await?;
    Ok(connection.count("select count(*) from code_archives where hash = $1", args![hash]).await? == 0)
}

/// Gives a snapshot without code an archive; says whether it had none. Code never changes afterwards.
pub async fn attach(connection: &mut Connection, snapshot: Id, hash: &str) -> Result<bool, DbError> {
    let sql = "update pipeline_snapshots set code_archive_hash = $1, code_note = null, updated = $2 \
               where id = $3 and code_archive_hash is null";
    Ok(connection.execute(sql, args![hash, Timestamp::now(), snapshot]).await? > 0)
}
