package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ingest.MappedField.Origin;
import io.conshelf.engine.store.Rows;
import java.io.IOException;
import java.io.Reader;
import java.util.List;
import java.util.Optional;

/// Rows of delimited text.
final class DelimitedFeed extends SourceFeed {
    private final DelimitedText text;
    private final RecordMapping mapping;
    private final RowBuilder builder;
    private final boolean requiresSameCount;
    private final boolean requiresTypes;
    private final boolean isHeaderSkipped;
    private int fieldCount = -1;

    DelimitedFeed(SourceStream source, Format format, RecordMapping mapping, ReadOptions options) throws IOException {
        Reader reader = source.text();
        this.text = new DelimitedText(reader, format.separator(), options.isStrict());
        this.mapping = mapping;
        this.builder = new RowBuilder(mapping, options.sourceLocation());
        this.requiresSameCount = options.isStrict();
        this.requiresTypes = options.requiresTypes();
        this.isHeaderSkipped = options.ignoreFirstRecord();
    }

    @Override
    synchronized Optional<Rows> read() throws IOException {
        while (builder.count() < ROWS_AT_ONCE && text.next(fieldCount == 1)) {
            List<String> fields = text.fields();
            if (fieldCount < 0) {
                fieldCount = fields.size();
            } else if (requiresSameCount && fields.size() != fieldCount) {
                throw new KustoException(IngestionErrors.wrongNumberOfFields(
                        text.record(), text.recordStart(), fieldCount, fields.size()));
            }
            if (text.record() > 1 || !isHeaderSkipped) {
                write(fields, mapping, builder);
                if (requiresTypes) {
                    checkTypes(fields);
                }
                builder.end(text.record());
            }
        }
        return builder.count() == 0 ? Optional.empty() : Optional.of(builder.take());
    }

    private void checkTypes(List<String> fields) {
        for (int target = 0; target < mapping.targets().size(); target++) {
            RecordMapping.Target to = mapping.targets().get(target);
            if (to.origin() instanceof Origin.Ordinal(int position) && position < fields.size()
                    && !fields.get(position).isBlank() && builder.isNull(target)) {
                throw new KustoException(IngestionErrors.otherType(text.record(), position + 1, to.column().type().kustoName()));
            }
        }
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
