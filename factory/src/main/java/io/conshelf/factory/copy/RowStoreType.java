package io.conshelf.factory.copy;

import io.conshelf.connectors.RowSource;
import io.conshelf.connectors.RowTarget;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.factory.activity.ActivityFailure;
import java.util.List;
import java.util.Optional;

/// A kind of store that holds rows: everything that definitions say about it, and how it opens.
///
/// @param source empty where nothing can be read from it
/// @param target empty where nothing can be written to it
public record RowStoreType(List<Declaration> linkedServices, List<Declaration> datasets, List<Declaration> sources, List<Declaration> sinks,
        Optional<SourceOpener> source, Optional<TargetOpener> target) {

    @FunctionalInterface
    public interface SourceOpener {
        /// @param settings the activity's `source`
        RowSource open(Stores stores, Dataset dataset, Located settings) throws ActivityFailure, StoreException;
    }

    @FunctionalInterface
    public interface TargetOpener {
        /// @param settings the activity's `sink`
        RowTarget open(Stores stores, Dataset dataset, Located settings) throws ActivityFailure, StoreException;
    }

    public RowStoreType {
        linkedServices = List.copyOf(linkedServices);
        datasets = List.copyOf(datasets);
        sources = List.copyOf(sources);
        sinks = List.copyOf(sinks);
    }
}
