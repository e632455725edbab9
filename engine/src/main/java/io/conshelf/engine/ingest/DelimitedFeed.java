package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ingest.MappedField.Origin;
import io.conshelf.engine.store.Rows;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/// Rows of delimited text.
final class DelimitedFeed extends SourceFeed {
    private final DelimitedText text;
    private final RecordMapping mapping;
    private final RowBuilder builder;
    /// Where each target's field is in a record, -1 where it is in none.
    private final int[] positions;
    private final boolean requiresSameCount;
    private final boolean requiresTypes;
    private final boolean isHeaderSkipped;
    private int fieldCount = -1;

    DelimitedFeed(SourceStream source, Format format, RecordMapping mapping, ReadOptions options) throws IOException {
        this.text = new DelimitedText(source, format.separator(), options.isStrict());
        this.mapping = mapping;
        this.positions = mapping.targets().stream()
                .mapToInt(target -> target.origin() instanceof Origin.Ordinal(int position) ? position : -1)
                .toArray();
        this.builder = new RowBuilder(mapping, options.sourceLocation());
        this.requiresSameCount = options.isStrict();
        this.requiresTypes = options.requiresTypes();
        this.isHeaderSkipped = options.ignoreFirstRecord();
    }

    @Override
    synchronized Optional<Rows> read() throws IOException {
        while (!builder.isFull() && text.next(fieldCount == 1)) {
            if (fieldCount < 0) {
                fieldCount = text.fieldCount();
            } else if (requiresSameCount && text.fieldCount() != fieldCount) {
                throw new KustoException(IngestionErrors.wrongNumberOfFields(
                        text.record(), text.recordStart(), fieldCount, text.fieldCount()));
            }
            if (text.record() > 1 || !isHeaderSkipped) {
                for (int target = 0; target < positions.length; target++) {
                    int position = positions[target];
                    if (position >= 0 && position < text.fieldCount()) {
                        builder.field(target, text.fields(), text.start(position), text.end(position));
                    }
                }
                if (requiresTypes) {
                    checkTypes();
                }
                builder.end(text.record());
            }
        }
        return builder.count() == 0 ? Optional.empty() : Optional.of(builder.take());
    }

    private void checkTypes() {
        for (int target = 0; target < positions.length; target++) {
            int position = positions[target];
            if (position >= 0 && position < text.fieldCount() && !isBlank(position) && builder.isNull(target)) {
                throw new KustoException(IngestionErrors.otherType(
                        text.record(), position + 1, mapping.targets().get(target).column().type().kustoName()));
            }
        }
    }

    private boolean isBlank(int field) {
        return new String(text.fields(), text.start(field), text.end(field) - text.start(field), StandardCharsets.UTF_8)
                .isBlank();
    }

    static void write(List<String> fields, RecordMapping mapping, RowBuilder builder) {
        for (int target = 0; target < mapping.targets().size(); target++) {
            if (mapping.targets().get(target).origin() instanceof Origin.Ordinal(int position)
                    && position < fields.size()) {
                builder.field(target, fields.get(position));
            }
        }
    }
}
