package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.DelimitedBorders;
import io.conshelf.connectors.format.DelimitedPieces;
import io.conshelf.connectors.format.DelimitedText;
import io.conshelf.connectors.format.JsonPieces;
import io.conshelf.connectors.kusto.BlobContent;
import io.conshelf.connectors.kusto.BlobUpload;
import io.conshelf.connectors.kusto.IngestionBatch;
import io.conshelf.connectors.kusto.IngestionSettings;
import io.conshelf.connectors.kusto.IngestionSettings.Mapping;
import io.conshelf.connectors.kusto.IngestionSettings.Place;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/// Copies files into a table. What the cluster reads with the same meaning goes to it as it is, cut into chunks at record borders while it is
/// read; everything else goes row by row.
final class FilesToTable {
    /// A copy is cut into about so many chunks, within the bounds.
    private static final int CHUNKS = 8;
    private static final long CHUNK_BYTES_MIN = 64L << 20;
    // The service's own copy takes 900 MB. Smaller chunks let the cluster begin sooner, and lie on the disk while they are on their way.
    private static final long CHUNK_BYTES_MAX = 256L << 20;
    /// The cluster has nothing to do until the first one is there; every one costs it something beside its bytes, so each is twice as large as the one before.
    private static final long FIRST_CHUNK_BYTES = 16L << 20;
    private static final long PARTITION_BYTES_MIN = 16L << 20;

    private final CopySource.Files source;
    private final TableSink sink;
    private final RowRules rules;
    private final Tally tally;
    private final int width;
    private final long chunkBytes;
    private final AtomicBoolean hasUnreadRows = new AtomicBoolean();

    /// @param width how many files are read at a time
    FilesToTable(CopySource.Files source, TableSink sink, RowRules rules, Tally tally, int width) {
        this.source = source;
        this.sink = sink;
        this.rules = rules;
        this.tally = tally;
        this.width = width;
        this.chunkBytes = Math.clamp(CopySource.size(source.files()) / CHUNKS, CHUNK_BYTES_MIN, CHUNK_BYTES_MAX);
    }

    void run() throws StoreException, InterruptedException {
        try (ChunkUploads uploads = new ChunkUploads(sink, tally)) {
            Parallel.run(loads(), width, load -> new Load(uploads).run(load));
            uploads.finish();
        }
        // The cluster reads these files, so what it stored is what was read.
        if (hasUnreadRows.get()) {
            tally.readTheRestOf();
        }
    }

    /// Files that travel together: small ones share a chunk. The same files make the same loads every time.
    private List<List<StoredFile>> loads() {
        List<List<StoredFile>> loads = new ArrayList<>();
        List<StoredFile> load = new ArrayList<>();
        long bytes = 0;
        for (StoredFile file : source.files()) {
            if (!load.isEmpty() && bytes + file.sizeBytes() > chunkBytes) {
                loads.add(load);
                load = new ArrayList<>();
                bytes = 0;
            }
            load.add(file);
            bytes += file.sizeBytes();
        }
        if (!load.isEmpty()) {
            loads.add(load);
        }
        return loads;
    }

    /// What is ingested the same way and goes into one blob. Bytes that stand one after another in a file of this machine are only noted; what
    /// comes from several places, or is not as it is to be, is written.
    private final class Chunk implements AutoCloseable {
        private final IngestionBatch batch;
        private final IngestionSettings settings;
        /// How many fields its records have; they all have equally many.
        private final int width;
        private final String source;
        private final List<String> parts = new ArrayList<>();
        private Optional<Path> file = Optional.empty();
        private long from;
        private long to;
        private Optional<BlobUpload> upload = Optional.empty();

        private Chunk(IngestionBatch batch, IngestionSettings settings, int width, String source) {
            this.batch = batch;
            this.settings = settings;
            this.width = width;
            this.source = source;
        }

        /// Takes bytes as they stand in a file; false when they must be written.
        private boolean takes(Path path, long start, long end) {
            if (upload.isPresent() || !batch.takesRanges(settings.format())) {
                return false;
            }
            if (file.isEmpty()) {
                file = Optional.of(path);
                from = start;
            } else if (start != to || !file.get().equals(path)) {
                return false;
            }
            to = end;
            tally.wrote(end - start);
            return true;
        }

        private OutputStream target() throws StoreException {
            if (upload.isEmpty()) {
                upload = Optional.of(batch.stage(settings.format()));
                if (file.isPresent()) {
                    new BlobContent.Range(file.get(), from, to).writeLines(upload.get().stream());
                }
            }
            return tally.counted(upload.get().stream());
        }

        private BlobContent content() {
            return upload.<BlobContent>map(written -> written).orElseGet(() -> new BlobContent.Range(file.orElseThrow(), from, to));
        }

        @Override
        public void close() {
            upload.ifPresent(BlobUpload::close);
        }
    }

    private final class Load {
        private final ChunkUploads uploads;
        private Chunk chunk;
        private long bytesInChunk;
        private long bytesWanted = FIRST_CHUNK_BYTES;

        private Load(ChunkUploads uploads) {
            this.uploads = uploads;
        }

        private void run(List<StoredFile> files) throws StoreException, InterruptedException {
            tally.startsReading();
            try (RowsToTable rows = new RowsToTable(sink, uploads, tally)) {
                for (StoredFile file : files) {
                    if (file.sizeBytes() > 0) {
                        copy(file, rows);
                    }
                    tally.readFile();
                }
                send();
            } finally {
                if (chunk != null) {
                    chunk.close();
                }
                tally.endsReading();
            }
        }

        private void copy(StoredFile file, RowsToTable rows) throws StoreException, InterruptedException {
            switch (source.format()) {
                case FileFormat.Delimited(var dialect, var _) when passes(file) && isWorthAChunk(file) && DelimitedBorders.canRead(dialect) -> delimited(file, dialect);
                case FileFormat.Json(var encoding, var _) when passes(file) && rules.translator().flatMap(Translator::collection).isEmpty() -> {
                    try (JsonPieces pieces = new JsonPieces(file.path(), source.open(file, tally), encoding)) {
                        json(file, pieces, encoding);
                    }
                }
                case FileFormat.Parquet _ when passes(file) -> whole(file, "parquet");
                case FileFormat.Avro _ when passes(file) -> whole(file, "avro");
                case FileFormat.Binary _ -> throw StoreException.user("UserErrorUnsupportedFormat", "Binary files can be copied to binary files only");
                case FileFormat.Delimited _, FileFormat.Json _, FileFormat.Parquet _, FileFormat.Avro _ -> {
                    if (!sink.columns().areSeen() && goesByPosition() && source.addsNothing()) {
                        try (RowReader reader = rules.over(source, file, tally)) {
                            rows.addByPosition(reader, Split.OfFile.whole(file));
                        }
                        return;
                    }
                    try (RowReader reader = byName(file, rules.over(source, file, tally))) {
                        rows.add(reader, Split.OfFile.whole(file));
                    }
                }
            }
        }

        private void delimited(StoredFile file, DelimitedText dialect) throws StoreException, InterruptedException {
            Optional<String> format = format(dialect.delimiter());
            char delimiter = format.isPresent() ? dialect.delimiter() : ',';
            try (DelimitedPieces pieces = new DelimitedPieces(file.path(), source.open(file, tally), dialect, delimiter)) {
                if (pieces.columns().isEmpty()) {
                    return;
                }
                IngestionSettings settings = sink.settings(format.orElse("csv"), delimitedMapping(file, dialect, pieces.columns()));
                Optional<Path> path = plainPath(file, dialect.encoding());
                long from = pieces.position();
                long part = from;
                for (long records = pieces.next(); records >= 0; records = pieces.next()) {
                    long to = pieces.position();
                    open(settings, pieces.columns().size(), file);
                    if (path.isEmpty() || !pieces.isPlain() || !chunk.takes(path.get(), from, to)) {
                        pieces.write(chunk.target());
                    }
                    tally.readRows(records);
                    bytesInChunk += to - from;
                    from = to;
                    part = cut(file, part, to);
                }
                add(file, part, from);
            }
        }

        private void json(StoredFile file, JsonPieces pieces, Charset encoding) throws StoreException, InterruptedException {
            // multijson reads documents however they stand, and fails on a broken one where json would skip it.
            IngestionSettings settings = sink.settings("multijson", documentMapping(file));
            Optional<Path> path = plainPath(file, encoding);
            long from = pieces.position();
            long part = from;
            boolean isUnchecked = settings.mapping().isEmpty() && sink.columns().areSeen();
            while (pieces.next()) {
                if (isUnchecked) {
                    FirstDocument.checkNames(pieces, file.path(), sink.table(), sink.columns().names());
                    isUnchecked = false;
                }
                long to = pieces.position();
                open(settings, 0, file);
                if (path.isEmpty() || !pieces.isApart() || !chunk.takes(path.get(), from, to)) {
                    pieces.write(chunk.target());
                }
                tally.readRow();
                bytesInChunk += to - from;
                from = to;
                part = cut(file, part, to);
            }
            add(file, part, from);
        }

        /// Where the bytes of a file lie on this machine as they are to be read.
        private Optional<Path> plainPath(StoredFile file, Charset encoding) {
            return source.isPacked() || !encoding.equals(StandardCharsets.UTF_8) ? Optional.empty() : source.store().onDisk(file);
        }

        /// Sends a file whose records cannot be told apart without reading it.
        private void whole(StoredFile file, String format) throws StoreException, InterruptedException {
            hasUnreadRows.set(true);
            FileColumns.check(source, file, rules, sink);
            IngestionSettings settings = sink.settings(format, documentMapping(file));
            Optional<Path> path = source.store().onDisk(file);
            BlobContent content;
            if (path.isPresent() && !source.isPacked()) {
                tally.read(file.sizeBytes());
                tally.wrote(file.sizeBytes());
                content = BlobContent.Range.whole(path.get());
            } else {
                content = streamed(file, format);
            }
            uploads.send(content, "'" + file.path() + "'", settings, tally.batch(Split.OfFile.whole(file)));
        }

        private BlobContent streamed(StoredFile file, String format) throws StoreException {
            BlobUpload upload = uploads.batch().stage(format);
            boolean isRead = false;
            try (InputStream bytes = source.open(file, tally)) {
                bytes.transferTo(tally.counted(upload.stream()));
                isRead = true;
                return upload;
            } catch (IOException failure) {
                throw StoreException.system("UserErrorFileReadFailure", "'" + file.path() + "' cannot be read: " + failure.getMessage(), failure);
            } finally {
                if (!isRead) {
                    upload.close();
                }
            }
        }

        private void open(IngestionSettings settings, int width, StoredFile file) throws StoreException, InterruptedException {
            if (chunk != null && (chunk.width != width || !chunk.settings.equals(settings))) {
                send();
            }
            if (chunk == null) {
                chunk = new Chunk(uploads.batch(), settings, width, "'" + file.path() + "'");
                bytesInChunk = 0;
            }
            uploads.goesOn();
        }

        /// Sends the chunk when it is full; returns where the next one begins.
        private long cut(StoredFile file, long from, long to) throws StoreException, InterruptedException {
            if (bytesInChunk < bytesWanted) {
                return from;
            }
            bytesWanted = Math.min(bytesWanted * 2, chunkBytes);
            add(file, from, to);
            send();
            return to;
        }

        private void add(StoredFile file, long from, long to) {
            if (chunk != null && to > from) {
                chunk.parts.add(new Split.OfFile(file, from, to).toJson().toString());
            }
        }

        private void send() throws StoreException, InterruptedException {
            Chunk full = chunk;
            chunk = null;
            if (full != null) {
                uploads.send(full.content(), full.source, full.settings, tally.batch(full.parts));
            }
        }
    }

    /// Whether the cluster can do all that the definition asks for.
    private boolean passes(StoredFile file) {
        boolean isTwiceMapped = rules.translator().isPresent() && sink.mapping().isPresent();
        boolean isMappedAndExtended = sink.mapping().isPresent() && !source.addsNothing();
        // Where columns come on top, the mapping names all of them; those of documents are known when they have been read.
        boolean isDocumentExtended = !source.addsNothing() && !sink.columns().areSeen() && rules.translator().isEmpty()
                && !(source.format() instanceof FileFormat.Delimited);
        return !isTwiceMapped && !isMappedAndExtended && !isDocumentExtended && !isMappedAsRows() && !rules.looksAtCells() && source.added(file).areTexts();
    }

    private boolean isMappedAsRows() {
        return switch (source.format()) {
            case FileFormat.Json _ -> sink.mapsOnlyRowsOf("json");
            case FileFormat.Parquet _ -> sink.mapsOnlyRowsOf("parquet");
            case FileFormat.Avro _ -> sink.mapsOnlyRowsOf("avro");
            case FileFormat.Delimited _, FileFormat.Binary _ -> false;
        };
    }

    /// Files of other folders share no chunk unless their columns stand in their rows, and many small chunks cost more than writing those.
    private boolean isWorthAChunk(StoredFile file) {
        return source.partitions().isEmpty() || file.sizeBytes() >= PARTITION_BYTES_MIN;
    }

    /// Neither names nor a mapping: fields go by position.
    private boolean goesByPosition() {
        return rules.translator().isEmpty() && sink.mapping().isEmpty()
                && source.format() instanceof FileFormat.Delimited(var dialect, var _) && !dialect.hasHeader();
    }

    /// Checks that every column of re-encoded rows is known to the table, unless a mapping of the table's own says what they mean.
    private RowReader byName(StoredFile file, RowReader rows) throws StoreException {
        if (goesByPosition()) {
            List<String> added = source.added(file).names();
            List<String> names = sink.columns().names().stream().filter(name -> !added.contains(name)).toList();
            List<Translator.Field> fields = new ArrayList<>();
            int own = (int) rows.columns().stream().filter(column -> !added.contains(column.name())).count();
            for (int i = 0; i < Math.min(own, names.size()); i++) {
                fields.add(Translator.Field.of(new Translator.From.Ordinal(i + 1), names.get(i)));
            }
            for (String name : added) {
                sink.columns().target(name);
                fields.add(Translator.Field.of(new Translator.From.Name(name), name));
            }
            return MappedRows.of(rows, Translator.of(fields), "the file");
        }
        if (sink.mapping().isEmpty()) {
            for (Column column : rows.columns()) {
                sink.columns().target(column.name());
            }
        }
        return rows;
    }

    /// The mapping of documents (JSON, Parquet, Avro): by path.
    private Optional<Mapping> documentMapping(StoredFile file) throws StoreException {
        if (sink.mapping().isPresent() || rules.translator().isEmpty() && source.addsNothing()) {
            return sink.mapping();
        }
        List<IngestionSettings.Field> fields = new ArrayList<>();
        if (rules.translator().isPresent()) {
            for (Translator.Field field : rules.translator().get().fields()) {
                JsonPath path = DocumentRows.path(field.from());
                addTo(fields, field.to(), documentPlace(path.onlyName(), new Place.JsonPath(path.toKusto()), file));
            }
            return Optional.of(new Mapping.Inline(fields));
        }
        for (String name : sink.columns().names()) {
            addTo(fields, name, documentPlace(Optional.of(name), new Place.JsonPath(JsonPath.ofName(name).toKusto()), file));
        }
        for (String name : source.added(file).names()) {
            sink.columns().target(name);
        }
        return Optional.of(new Mapping.Inline(fields));
    }

    /// A column that has no value has no place in a mapping, and is null.
    private void addTo(List<IngestionSettings.Field> fields, String column, Optional<Place> place) throws StoreException {
        IngestionSettings.Target target = sink.columns().target(column);
        place.ifPresent(stated -> fields.add(new IngestionSettings.Field(target, stated)));
    }

    /// @param own where the value is when the name is none that was added
    private Optional<Place> documentPlace(Optional<String> name, Place own, StoredFile file) {
        Optional<AddedColumns.Value> added = name.flatMap(source.added(file)::find);
        return added.isEmpty() ? Optional.of(own) : switch (added.get()) {
            case AddedColumns.Value.Constant(var json) -> constant(json);
            case AddedColumns.Value.FilePath _ -> Optional.of(new Place.Constant(source.relative(file)));
            case AddedColumns.Value.Copy(String column) -> Optional.of(new Place.JsonPath(JsonPath.ofName(column).toKusto()));
        };
    }

    private static Optional<Place> constant(JsonNode value) {
        return value.isNull() ? Optional.empty() : Optional.of(new Place.Constant(value.asText()));
    }

    private Optional<Mapping> delimitedMapping(StoredFile file, DelimitedText dialect, List<Column> columns) throws StoreException {
        if (sink.mapping().isPresent()) {
            return sink.textMapping();
        }
        if (goesByPosition() && source.addsNothing()) {
            return Optional.empty();
        }
        String what = "'" + file.path() + "'";
        AddedColumns added = source.added(file);
        List<IngestionSettings.Field> fields = new ArrayList<>();
        if (rules.translator().isPresent()) {
            for (Translator.Field field : rules.translator().get().fields()) {
                Optional<AddedColumns.Value> value = field.from() instanceof Translator.From.Name(String name) ? added.find(name) : Optional.empty();
                addTo(fields, field.to(), value.isPresent() ? place(value.get(), columns, file)
                        : Optional.of(new Place.Ordinal(MappedRows.position(columns, field.from(), what))));
            }
            return Optional.of(new Mapping.Inline(fields));
        }
        List<String> targets = dialect.hasHeader() ? columns.stream().map(Column::name).toList()
                : sink.columns().names().stream().filter(name -> !added.names().contains(name)).toList();
        for (int i = 0; i < Math.min(columns.size(), targets.size()); i++) {
            if (!added.names().contains(targets.get(i))) {
                addTo(fields, targets.get(i), Optional.of(new Place.Ordinal(i)));
            }
        }
        for (AddedColumns.Added column : added.columns()) {
            addTo(fields, column.name(), place(column.value(), columns, file));
        }
        return Optional.of(new Mapping.Inline(fields));
    }

    private Optional<Place> place(AddedColumns.Value value, List<Column> columns, StoredFile file) throws StoreException {
        return switch (value) {
            case AddedColumns.Value.Constant(var json) -> constant(json);
            case AddedColumns.Value.FilePath _ -> Optional.of(new Place.Constant(source.relative(file)));
            case AddedColumns.Value.Copy(String column) -> Optional.of(new Place.Ordinal(
                    MappedRows.position(columns, new Translator.From.Name(column), "'" + file.path() + "'")));
        };
    }

    private static Optional<String> format(char delimiter) {
        return Optional.ofNullable(switch (delimiter) {
            case ',' -> "csv";
            case '\t' -> "tsv";
            case ';' -> "scsv";
            case '|' -> "psv";
            case '\u0001' -> "sohsv";
            default -> null;
        });
    }
}
