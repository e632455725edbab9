package io.conshelf.server.storage;

/// A block put and not committed.
///
/// @param content the file in the store's content folder
record StagedBlock(String id, long sizeBytes, String content) {}
