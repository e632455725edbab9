/// Copies of a whole cluster, and clusters out of copies.
///
/// A backup is a folder laid out as a data folder is, with [BackupManifest] beside it: the length and checksum of every file and
/// the formats they have. It is written last, so that a backup that was cut off is none.
package io.conshelf.server.backup;
