package io.conshelf.processor.destination.explorer;

import io.conshelf.processor.value.Value;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/// An Azure Data Explorer stage: where its rows go, and what they are made of.
///
/// @param address   of the cluster's engine
/// @param batchTime how long rows are gathered
/// @param record    where in a message its record is, or its records
public record ExplorerSettings(String address, String database, String table, Duration batchTime, Place record, List<Column> columns) {
    public ExplorerSettings {
        columns = List.copyOf(columns);
    }

    /// A place in a value.
    @FunctionalInterface
    public interface Place {
        /// Empty where there is nothing of the kind.
        Optional<Value> in(Value value);
    }

    /// @param place in the record
    public record Column(String name, Place place) {}

    /// The rows of a message: one a record. Empty where the message has no record.
    ///
    /// @return cells in the order of the columns, null values where a record has none
    public List<List<Value>> rows(Value message) {
        return switch (record.in(message).orElse(Value.items(List.of()))) {
            case Value.Items(List<Value> records) -> records.stream().map(this::row).toList();
            case Value single -> List.of(row(single));
        };
    }

    private List<Value> row(Value record) {
        return columns.stream().map(column -> column.place().in(record).orElse(Value.NULL)).toList();
    }
}
