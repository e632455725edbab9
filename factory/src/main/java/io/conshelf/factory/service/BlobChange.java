package io.conshelf.factory.service;

/// A blob of the storage on this machine that was made or deleted.
///
/// @param path in its container, with `/` between folders
public record BlobChange(String account, String container, String path, What what, long bytes) {
    public enum What { CREATED, DELETED }
}
