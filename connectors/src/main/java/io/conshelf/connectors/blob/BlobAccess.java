package io.conshelf.connectors.blob;

import io.conshelf.connectors.azure.AzureIdentity;

/// How an account is opened. Secrets do not show in text.
public sealed interface BlobAccess {
    record AccountKey(String key) implements BlobAccess {
        @Override
        public String toString() {
            return "AccountKey[***]";
        }
    }

    /// @param token the query of a URI, without `?`
    record Sas(String token) implements BlobAccess {
        public Sas {
            token = token.strip().replaceFirst("^\\?", "");
        }

        @Override
        public String toString() {
            return "Sas[***]";
        }
    }

    record Identity(AzureIdentity identity) implements BlobAccess {}

    /// Containers that everybody may read.
    record Anonymous() implements BlobAccess {}
}
