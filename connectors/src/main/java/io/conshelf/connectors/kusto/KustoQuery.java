package io.conshelf.connectors.kusto;

import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowSource;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import java.util.List;

/// The rows of one query of a cluster.
public record KustoQuery(KustoCluster cluster, String database, String query, QueryOptions options) implements RowSource {
    @Override
    public List<Split> splits(int wanted) {
        return List.of(new Split.OfQuery(query));
    }

    @Override
    public RowReader open(Split split) throws StoreException {
        return switch (split) {
            case Split.OfQuery(String text) -> cluster.query(database, text, options);
            case Split.OfFile _, Split.OfPartition _, Split.OfPages _ -> throw new IllegalArgumentException("a cluster is read by queries, not by " + split);
        };
    }
}
