package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.factory.activity.ActivityFailure;
import java.util.List;
import java.util.Optional;

/// A kind of store that holds files: everything that definitions say about it, and how it opens.
///
/// @param linkedServices one or several types that open alike
/// @param container      the property of its location that names the container, which is the first step of a path in log and staging settings
public record FileStoreType(List<Declaration> linkedServices, Declaration location, Declaration readSettings, Optional<Declaration> writeSettings,
        Optional<String> container, Opener opener) {

    @FunctionalInterface
    public interface Opener {
        /// @param settings the `storeSettings` of the source or sink; absent where files are used without one
        FileStore open(Stores stores, LinkedService service, Located location, Located settings) throws ActivityFailure, StoreException;
    }

    public FileStoreType {
        linkedServices = List.copyOf(linkedServices);
    }
}
