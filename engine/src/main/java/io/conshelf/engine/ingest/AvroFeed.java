package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ingest.MappedField.Origin;
import io.conshelf.engine.store.Rows;
import java.io.IOException;
import java.util.Optional;
import org.apache.avro.AvroRuntimeException;
import org.apache.avro.Schema;
import org.apache.avro.file.DataFileStream;

/// Rows of `avro` and `apacheavro`: container files with any of the library's codecs. A file that is broken fails as a whole.
final class AvroFeed extends SourceFeed {

    private final SourceStream source;
    private final RecordMapping mapping;
    private final RowBuilder builder;
    private final JsonRecords structures;
    private DataFileStream<Object> file;
    private long record;

    AvroFeed(SourceStream source, RecordMapping mapping, ReadOptions options) {
        this.source = source;
        this.mapping = mapping;
        this.builder = new RowBuilder(mapping, options.sourceLocation());
        this.structures = new JsonRecords(mapping);
    }

    @Override
    synchronized Optional<Rows> read() throws IOException {
        try {
            if (file == null) {
                var reader = CountingAvroReader.create();
                var opened = new DataFileStream<Object>(new AvroBlocks(source, source.bytesMax()), reader);
                AvroSchemas.check(opened.getSchema());
                if (AvroSchemas.hasPartsOfNothing(opened.getSchema())) {
                    reader.count();
                }
                file = opened;
            }
            while (!builder.isFull() && file.hasNext()) {
                record++;
                write(file.getSchema(), file.next());
                builder.end(record);
            }
        } catch (AvroRuntimeException | IndexOutOfBoundsException | NegativeArraySizeException | ClassCastException
                | UnsupportedOperationException | IllegalArgumentException | IOException broken) {
            if (source.bytes() == 0) {
                return Optional.empty();
            }
            throw new KustoException(IngestionErrors.invalidBlob("broken Avro after record " + record + ": " + reason(broken)), broken);
        } catch (OutOfMemoryError | StackOverflowError tooMuch) {
            // The library makes room for as much as a file claims to have, and follows nesting without end.
            throw new KustoException(IngestionErrors.invalidBlob("the Avro after record " + record
                    + " claims to be larger, or nested more deeply, than can be read"), tooMuch);
        }
        return builder.count() == 0 ? Optional.empty() : Optional.of(builder.take());
    }

    /// The library tells what it met by the name of its class too.
    static String reason(Exception broken) {
        Throwable met = broken;
        while (met.getCause() != null && met.getCause().toString().equals(met.getMessage())) {
            met = met.getCause();
        }
        return String.valueOf(met.getMessage());
    }

    private void write(Schema schema, Object value) throws IOException {
        for (int target = 0; target < mapping.targets().size(); target++) {
            if (mapping.targets().get(target).origin() instanceof Origin.Path(JsonPath path)) {
                Optional<AvroValue> found = new AvroValue(schema, value).at(path);
                if (found.isEmpty()) {
                    builder.setNull(target);
                } else {
                    write(target, found.get());
                }
            }
        }
    }

    private void write(int target, AvroValue value) throws IOException {
        Transform transform = mapping.targets().get(target).transform();
        if (transform == Transform.BYTES_AS_BASE64) {
            value.base64().ifPresentOrElse(text -> builder.text(target, text), () -> builder.setNull(target));
            return;
        }
        if (builder.isText(target) && value.utf8().isPresent()) {
            builder.text(target, value.utf8().get());
            return;
        }
        boolean isUnixTime = transform.hundredthTicksOfUnit().isPresent();
        switch (isUnixTime ? value.raw() : value.cell()) {
            case AvroValue.Cell.Null _ -> builder.setNull(target);
            case AvroValue.Cell.Bool(boolean bool) -> builder.bool(target, bool);
            case AvroValue.Cell.Number(String text) -> builder.number(target, text);
            case AvroValue.Cell.NoNumber(String text) -> builder.field(target, text);
            case AvroValue.Cell.Text(String text) -> builder.text(target, text);
            case AvroValue.Cell.Moment(long ticks) -> builder.moment(target, ticks);
            case AvroValue.Cell.Duration(long ticks) -> builder.duration(target, ticks);
            case AvroValue.Cell.Structure(String dynamic) -> structures.structure(target, dynamic, builder);
        }
    }
}
