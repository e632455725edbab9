package io.conshelf.connectors.file;

import java.util.Map;

/// What a store keeps of a file beside its bytes: how it is to be shown, and what its owner has noted. A text that is not kept is empty.
public record FileAttributes(String contentType, String contentEncoding, String contentLanguage, String contentDisposition, String cacheControl,
        Map<String, String> metadata) {
    public FileAttributes {
        metadata = Map.copyOf(metadata);
    }
}
