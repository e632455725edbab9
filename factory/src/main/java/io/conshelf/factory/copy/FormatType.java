package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import java.util.Optional;

/// A format of files: everything that definitions say about it, and how a dataset of it is read.
///
/// @param sink          empty where it is not written
/// @param writeSettings empty where the format has none
public record FormatType(Declaration dataset, Declaration source, Optional<Declaration> sink, Declaration readSettings,
        Optional<Declaration> writeSettings, Reader reader) {

    @FunctionalInterface
    public interface Reader {
        /// @param settings the `formatSettings` of the source or sink
        FileFormat read(Dataset dataset, Located settings) throws StoreException;
    }
}
