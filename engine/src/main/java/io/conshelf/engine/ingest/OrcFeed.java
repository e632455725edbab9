package io.conshelf.engine.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ingest.MappedField.Origin;
import io.conshelf.engine.orc.OrcException;
import io.conshelf.engine.orc.OrcFile;
import io.conshelf.engine.orc.OrcVector;
import io.conshelf.engine.store.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/// Rows of `orc`: only the columns are read that a target asks for. A file that is broken fails as a whole.
final class OrcFeed extends SourceFeed implements AutoCloseable {
    private static final int VECTOR_ROWS = 1_024;
    private static final long BYTES_MAX = 6L << 30;

    private final OrcFile file;
    private final RecordMapping mapping;
    private final RowBuilder builder;
    private final JsonRecords structures;
    private final Set<String> columns = new HashSet<>();
    private final boolean isWhole;
    private long record;

    private OrcFeed(OrcFile file, RecordMapping mapping, ReadOptions options) {
        this.file = file;
        this.mapping = mapping;
        this.builder = new RowBuilder(mapping, options.sourceLocation());
        this.structures = new JsonRecords(mapping);
        boolean asksForAll = false;
        for (RecordMapping.Target target : mapping.targets()) {
            if (target.origin() instanceof Origin.Path(JsonPath path)) {
                asksForAll |= path.steps().isEmpty();
                if (!path.steps().isEmpty() && path.steps().getFirst() instanceof JsonPath.Step.Name(String name)) {
                    columns.add(name);
                }
            }
        }
        this.isWhole = asksForAll;
    }

    static OrcFeed open(Path path, RecordMapping mapping, ReadOptions options) throws IOException {
        if (Files.size(path) == 0) {
            throw new KustoException(IngestionErrors.emptyBlob());
        }
        try {
            return new OrcFeed(OrcFile.open(path), mapping, options);
        } catch (OrcException e) {
            throw broken(e);
        }
    }

    /// Decompressed.
    long bytes() {
        return file.bytesRead();
    }

    @Override
    synchronized Optional<Rows> read() throws IOException {
        try {
            while (!builder.isFull()) {
                var next = file.next(Math.min(VECTOR_ROWS, builder.rowsAtOnce()), name -> isWhole || columns.contains(name));
                if (next.isEmpty()) {
                    break;
                }
                // What is all alike takes next to nothing in the file, so values are counted as well as bytes.
                if (file.bytesRead() > BYTES_MAX || record * Math.max(1, mapping.targets().size()) > BYTES_MAX) {
                    throw new KustoException(IngestionErrors.fileTooLarge(BYTES_MAX));
                }
                for (int row = 0; row < next.get().count(); row++) {
                    record++;
                    write(next.get().values(), row);
                    builder.end(record);
                }
            }
        } catch (OrcException e) {
            throw broken(e);
        } catch (OutOfMemoryError | StackOverflowError tooMuch) {
            throw new KustoException(IngestionErrors.invalidBlob("the ORC after record " + record
                    + " claims to be larger, or nested more deeply, than can be read"), tooMuch);
        }
        return builder.count() == 0 ? Optional.empty() : Optional.of(builder.take());
    }

    private void write(OrcVector values, int row) throws IOException {
        for (int target = 0; target < mapping.targets().size(); target++) {
            if (mapping.targets().get(target).origin() instanceof Origin.Path(JsonPath path)) {
                Optional<OrcValue> found = new OrcValue(values, row).at(path);
                if (found.isPresent()) {
                    found.get().write(target, builder, structures);
                } else {
                    builder.setNull(target);
                }
            }
        }
    }

    private static KustoException broken(OrcException e) {
        return new KustoException(IngestionErrors.invalidBlob("it is no ORC file that can be read: " + e.getMessage()), e);
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
