package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.file.StoredFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// How rows of the source become rows of the sink: mapped, converted, and those that do not fit skipped or the end of the copy.
///
/// @param translator  the columns, where they do not go by name
/// @param conversion  where values are converted on the way
/// @param sinkTypes   the types of the sink's columns, where it has any
/// @param skipped     takes the rows that do not fit
record RowRules(Optional<Translator> translator, Optional<Conversion> conversion, SinkTypes sinkTypes, SkippedRows skipped) {
    /// The type of a sink's column, by its name.
    @FunctionalInterface
    interface SinkTypes {
        Optional<ValueType> of(String column);
    }

    /// Rows as they are.
    static RowRules none(Tally tally) {
        return skipping(SkippedRows.none(tally));
    }

    /// Rows as they are, but for those that the sink refuses.
    static RowRules skipping(SkippedRows skipped) {
        return new RowRules(Optional.empty(), Optional.empty(), _ -> Optional.empty(), skipped);
    }

    RowRules into(SinkTypes types) {
        return new RowRules(translator, conversion, types, skipped);
    }

    /// Whether each value must be looked at here, because a cluster that reads the source itself would do something else.
    boolean looksAtCells() {
        return skipped.isActive() || conversion.map(Conversion::differsFromTheClusters).orElse(false)
                || translator.map(Translator::hasFormats).orElse(false);
    }

    RowReader over(CopySource.Files source, StoredFile file, Tally tally) throws StoreException {
        return converted(skipped.over(source.rows(file, translator, tally)));
    }

    RowReader over(CopySource.Rows source, Split split) throws StoreException {
        RowReader rows = skipped.over(source.rows(split));
        return converted(translator.isPresent() ? MappedRows.of(rows, translator.get(), "the source") : rows);
    }

    private RowReader converted(RowReader rows) {
        List<Optional<Conversion.ColumnRule>> rules = rules(rows.columns());
        Conversion how = conversion.orElse(Conversion.PLAIN);
        List<Column> columns = new ArrayList<>();
        for (int i = 0; i < rules.size(); i++) {
            Column column = rows.columns().get(i);
            // Without a conversion a column is still called what the mapping calls it, and its values are what they are.
            Optional<ValueType> stated = translator.isPresent() ? translator.get().fields().get(i).type() : Optional.empty();
            columns.add(rules.get(i).map(rule -> new Column(column.name(), rule.to())).orElse(new Column(column.name(), stated.orElse(column.type()))));
        }
        if (rules.stream().allMatch(Optional::isEmpty) && columns.equals(rows.columns())) {
            return rows;
        }
        return new RowReader() {
            @Override
            public List<Column> columns() {
                return columns;
            }

            @Override
            public Optional<List<JsonNode>> next() throws StoreException {
                for (Optional<List<JsonNode>> row = rows.next(); row.isPresent(); row = rows.next()) {
                    List<JsonNode> cells = new ArrayList<>(row.get().size());
                    try {
                        for (int i = 0; i < row.get().size(); i++) {
                            JsonNode cell = row.get().get(i);
                            cells.add(rules.get(i).isPresent() ? how.apply(cell, rules.get(i).get()) : cell);
                        }
                        return Optional.of(cells);
                    } catch (StoreException doesNotFit) {
                        skipped.row(row.get(), doesNotFit);
                    }
                }
                return Optional.empty();
            }

            @Override
            public void close() throws StoreException {
                rows.close();
            }
        };
    }

    private List<Optional<Conversion.ColumnRule>> rules(List<Column> columns) {
        boolean isWanted = conversion.isPresent() || skipped.isActive();
        List<Optional<Conversion.ColumnRule>> rules = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            Column column = columns.get(i);
            Optional<Translator.Field> field = translator.isPresent() ? Optional.of(translator.get().fields().get(i)) : Optional.empty();
            Optional<ValueType> to = field.flatMap(Translator.Field::type).or(() -> sinkTypes.of(column.name()));
            rules.add(isWanted && to.isPresent() ? Optional.of(new Conversion.ColumnRule(column.name(),
                    field.flatMap(Translator.Field::fromType).orElse(column.type()), to.get(), field.flatMap(Translator.Field::fromFormat),
                    field.flatMap(Translator.Field::toFormat), field.flatMap(Translator.Field::culture))) : Optional.empty());
        }
        return rules;
    }
}
