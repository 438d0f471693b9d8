//! Code archives: `<data>/code/<hash>.tar.zst`, named by the SHA-256 of their bytes and never changed.
//!
//! They hold regular files only, sorted as they were added, without owners and times, so that the same files give the
//! same archive. Blocking: call from `spawn_blocking`.

use std::{
    collections::{HashMap, HashSet},
    fs,
    io::{self, Read, Write},
    path::{Component, Path, PathBuf},
    time::SystemTime,
};

use sha2::{Digest as _, Sha256};

use crate::server::id::Id;

/// Bytes one archive may hold, unpacked.
pub const MAX_TOTAL_BYTES: u64 = 256 * 1024 * 1024;
/// Files one archive may hold.
pub const MAX_FILES: usize = 20_000;
/// Bytes read of a file that is wanted as text.
const MAX_TEXT_BYTES: u64 = 16 * 1024 * 1024;
/// Fast: every snapshot of a local stack is packed while its client waits.
const COMPRESSION_LEVEL: i32 = 3;

/// An archive that is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredArchive {
    /// Lowercase hexadecimal SHA-256 of the file's bytes.
    pub hash: String,
    pub size_bytes: u64,
    pub file_count: u64,
}

/// Where an archive with this hash is stored.
pub fn path(folder: &Path, hash: &str) -> PathBuf {
    folder.join(format!("{hash}.tar.zst"))
}

/// The hash that a stored archive's file name says; none for other files.
pub fn hash_of(path: &Path) -> Option<&str> {
    path.file_name()?.to_str()?.strip_suffix(".tar.zst")
}

/// Writes an archive file by file; dropped unfinished, it leaves nothing behind.
pub struct ArchiveWriter {
    folder: PathBuf,
    temporary: TemporaryFile,
    builder: tar::Builder<zstd::Encoder<'static, HashingFile>>,
    names: HashSet<PathBuf>,
    total_bytes: u64,
}

impl ArchiveWriter {
    /// Starts an archive in the folder of archives, which is made when it is missing.
    pub fn new(folder: &Path) -> io::Result<Self> {
        fs::create_dir_all(folder)?;
        let temporary = TemporaryFile(folder.join(format!(".{}.tmp", Id::new().hex())));
        let file = HashingFile { file: fs::File::create_new(&temporary.0)?, hasher: Sha256::new(), written: 0 };
        let builder = tar::Builder::new(zstd::Encoder::new(file, COMPRESSION_LEVEL)?);
        Ok(Self { folder: folder.to_owned(), temporary, builder, names: HashSet::new(), total_bytes: 0 })
    }

    /// Adds one file of `size` bytes under a relative path.
    pub fn add(&mut self, relative: &Path, executable: bool, size: u64, content: impl Read) -> io::Result<()> {
        if !is_plain(relative) {
            return Err(io::Error::other(format!("`{}` is not a path inside the archive", relative.display())));
        }
        if !self.names.insert(relative.to_owned()) {
            return Err(io::Error::other(format!("`{}` appears twice", relative.display())));
        }
        self.total_bytes = self.total_bytes.saturating_add(size);
        if self.total_bytes > MAX_TOTAL_BYTES || self.names.len() > MAX_FILES {
            return Err(io::Error::other(too_large()));
        }
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(tar::EntryType::Regular);
        header.set_size(size);
        header.set_mode(if executable { 0o755 } else { 0o644 });
        header.set_mtime(0);
        let mut content = content.take(size);
        self.builder.append_data(&mut header, relative, &mut content)?;
        if content.limit() > 0 {
            return Err(io::Error::other(format!("`{}` became shorter while it was read", relative.display())));
        }
        Ok(())
    }

    /// Completes the archive; it is not stored yet.
    pub fn finish(self) -> io::Result<PackedArchive> {
        let file = self.builder.into_inner()?.finish()?;
        file.file.sync_all()?;
        let hash = hex::encode(file.hasher.finalize());
        let stored = StoredArchive { hash, size_bytes: file.written, file_count: self.names.len() as u64 };
        Ok(PackedArchive { folder: self.folder, temporary: self.temporary, stored })
    }
}

/// A complete archive that can be read and is then stored, or dropped and gone.
pub struct PackedArchive {
    folder: PathBuf,
    temporary: TemporaryFile,
    stored: StoredArchive,
}

impl PackedArchive {
    /// The archive's file for now.
    pub fn path(&self) -> &Path {
        &self.temporary.0
    }

    /// Stores the archive under its hash. The content of one that is there already is the same; it only becomes younger,
    /// so that upkeep does not remove it before the snapshot that needs it is stored.
    pub fn store(self) -> io::Result<StoredArchive> {
        let target = path(&self.folder, &self.stored.hash);
        match fs::File::open(&target) {
            Ok(file) => file.set_modified(SystemTime::now())?,
            Err(_) => fs::rename(&self.temporary.0, &target)?,
        }
        Ok(self.stored)
    }
}

fn too_large() -> String {
    format!("the code is larger than {} MiB or has more than {MAX_FILES} files", MAX_TOTAL_BYTES / 1024 / 1024)
}

/// Packs an uploaded tar (gzip or zstd, told by its first bytes) again as an archive of ours. Links, devices and directories are
/// dropped; a path that leaves the archive is an error.
pub fn repack(folder: &Path, upload: &Path) -> io::Result<PackedArchive> {
    let mut tar = tar::Archive::new(decompressed(upload)?);
    let mut writer = ArchiveWriter::new(folder)?;
    for entry in tar.entries()? {
        let mut entry = entry?;
        if entry.header().entry_type() != tar::EntryType::Regular {
            continue;
        }
        let relative: PathBuf = entry.path()?.components().filter(|part| *part != Component::CurDir).collect();
        let (executable, size) = (entry.header().mode()? & 0o100 != 0, entry.size());
        writer.add(&relative, executable, size, &mut entry)?;
    }
    writer.finish()
}

/// Unpacks a stored archive into a folder, which is made. File times are those of the unpacking.
pub fn unpack(folder: &Path, hash: &str, target: &Path) -> io::Result<()> {
    fs::create_dir_all(target)?;
    let mut tar = tar::Archive::new(decompressed(&path(folder, hash))?);
    tar.set_preserve_mtime(false);
    for entry in tar.entries()? {
        let mut entry = entry?;
        if entry.header().entry_type() != tar::EntryType::Regular || !entry.unpack_in(target)? {
            return Err(io::Error::other("the archive holds something that is not a file inside it"));
        }
    }
    Ok(())
}

/// The texts of some files of an archive, by their relative paths; files that are missing or no UTF-8 are left out.
pub fn read_texts(archive: &Path, wanted: impl Fn(&Path) -> bool) -> io::Result<HashMap<PathBuf, String>> {
    let mut tar = tar::Archive::new(decompressed(archive)?);
    let mut texts = HashMap::new();
    for entry in tar.entries()? {
        let mut entry = entry?;
        let relative = entry.path()?.into_owned();
        if wanted(&relative) {
            let mut text = String::new();
            if entry.by_ref().take(MAX_TEXT_BYTES).read_to_string(&mut text).is_ok() {
                texts.insert(relative, text);
            }
        }
    }
    Ok(texts)
}

/// A reader of the tar inside a compressed file.
fn decompressed(path: &Path) -> io::Result<Box<dyn Read>> {
    let mut file = fs::File::open(path)?;
    let mut magic = [0; 4];
    let read = file.read(&mut magic)?;
    let file = io::BufReader::new(fs::File::open(path)?);
    match &magic[..read] {
        [0x1f, 0x8b, ..] => Ok(Box::new(flate2::read::GzDecoder::new(file))),
        [0x28, 0xb5, 0x2f, 0xfd] => Ok(Box::new(zstd::Decoder::with_buffer(file)?)),
        _ => Err(io::Error::other("neither gzip nor zstd")),
    }
}

/// Whether a relative path has only plain names, so that it stays inside whatever it is joined to.
fn is_plain(path: &Path) -> bool {
    path.components().next().is_some() && path.components().all(|part| matches!(part, Component::Normal(_)))
}

/// A file that is removed when it is dropped, unless it was renamed before.
struct TemporaryFile(PathBuf);

impl Drop for TemporaryFile {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Hashes what goes to the file.
struct HashingFile {
    file: fs::File,
    hasher: Sha256,
    written: u64,
}

impl Write for HashingFile {
    fn write(&mut self, buffer: &[u8]) -> io::Result<usize> {
        let written = self.file.write(buffer)?;
        self.hasher.update(&buffer[..written]);
        self.written += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn store(folder: &Path, files: &[(&str, &str)]) -> StoredArchive {
        let mut writer = ArchiveWriter::new(folder).expect("a writer");
        for (name, content) in files {
            writer.add(Path::new(name), false, content.len() as u64, content.as_bytes()).expect("an added file");
        }
        writer.finish().expect("a packed archive").store().expect("a stored archive")
    }

    #[test]
    fn same_files_give_the_same_archive_and_come_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let first = store(folder.path(), &[("a.py", "1"), ("p/b.py", "2")]);
        let second = store(folder.path(), &[("a.py", "1"), ("p/b.py", "2")]);
        assert_eq!(first, second);
        assert_ne!(first.hash, store(folder.path(), &[("a.py", "1"), ("p/b.py", "3")]).hash);
        let target = folder.path().join("out");
        unpack(folder.path(), &first.hash, &target).expect("unpacked");
        assert_eq!(fs::read_to_string(target.join("p/b.py")).expect("a file"), "2");
        let texts = read_texts(&path(folder.path(), &first.hash), |path| path == Path::new("a.py")).expect("texts");
        assert_eq!(texts, HashMap::from([(PathBuf::from("a.py"), "1".to_owned())]));
        let left: Vec<_> = fs::read_dir(folder.path()).expect("a listing").flatten().map(|entry| entry.file_name()).collect();
        assert!(left.iter().all(|name| !name.to_string_lossy().ends_with(".tmp")), "{left:?}");
    }

    #[test]
    fn a_path_outside_and_a_name_given_twice_are_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let mut writer = ArchiveWriter::new(folder.path()).expect("a writer");
        assert!(writer.add(Path::new("../x"), false, 0, &b""[..]).is_err());
        assert!(writer.add(Path::new("/x"), false, 0, &b""[..]).is_err());
        writer.add(Path::new("x"), false, 0, &b""[..]).expect("a plain name");
        assert!(writer.add(Path::new("x"), false, 0, &b""[..]).is_err());
    }

    #[test]
    fn an_uploaded_gzip_is_stored_without_its_links() {
        let folder = tempfile::tempdir().expect("a folder");
        let upload = folder.path().join("upload");
        let mut builder =
            tar::Builder::new(flate2::write::GzEncoder::new(fs::File::create(&upload).expect("a file"), flate2::Compression::fast()));
        let mut header = tar::Header::new_gnu();
        header.set_size(2);
        header.set_mode(0o755);
        builder.append_data(&mut header, "./run.py", &b"ok"[..]).expect("a file");
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        builder.append_link(&mut link, "evil", "/etc/passwd").expect("a link");
        builder.into_inner().expect("a tar").finish().expect("a gzip");
        let packed = repack(folder.path(), &upload).expect("a packed upload");
        assert_eq!(packed.store().expect("a stored upload").file_count, 1);
        fs::write(&upload, "no archive").expect("written");
        assert!(repack(folder.path(), &upload).is_err());
    }
}
