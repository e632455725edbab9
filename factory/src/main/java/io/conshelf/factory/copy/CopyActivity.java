package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.CsvRecords;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowTarget;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ActivityType.Property;
import io.conshelf.factory.activity.ActivityType.Treatment;
import io.conshelf.factory.activity.ValueKind;
import io.conshelf.factory.definition.Activity;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/// The Copy activity.
public final class CopyActivity {
    /// Without `parallelCopies`: more than the cores, because much of a copy is waiting.
    private static final int WIDTH = 4;
    private static final int WIDTH_MAX = 256;

    public static final ActivityType TYPE = new ActivityType("Copy", List.of(
            new Property("source", Treatment.IMPLEMENTED, true, ""),
            new Property("sink", Treatment.IMPLEMENTED, true, ""),
            new Property("translator", Treatment.IMPLEMENTED, false, ""),
            Property.taken("validateDataConsistency", ValueKind.FLAG),
            Property.taken("parallelCopies", ValueKind.between(1, WIDTH_MAX)),
            new Property("dataIntegrationUnits", Treatment.NO_EFFECT, false, "there is one machine"),
            Property.taken("enableStaging", ValueKind.FLAG),
            new Property("stagingSettings", Treatment.IMPLEMENTED, false, ""),
            Property.taken("enableSkipIncompatibleRow", ValueKind.FLAG),
            new Property("redirectIncompatibleRowSettings", Treatment.IMPLEMENTED, false, ""),
            new Property("logStorageSettings", Treatment.IMPLEMENTED, false, ""),
            new Property("logSettings", Treatment.IMPLEMENTED, false, ""),
            new Property("skipErrorFile", Treatment.IMPLEMENTED, false, ""),
            Property.taken("preserve", ValueKind.ARRAY),
            new Property("preserveRules", Treatment.REFUSED, false, "rights of files are not kept")),
            _ -> List.of(), CopyActivity::check, CopyActivity::run);

    private final ActivityContext context;
    private final Located properties;
    private final Tally tally;
    private final int width;

    private CopyActivity(ActivityContext context) throws StoreException {
        this.context = context;
        this.properties = context.properties();
        this.tally = new Tally(context);
        long parallel = properties.at("parallelCopies").integer().orElse((long) WIDTH);
        if (parallel < 1 || parallel > WIDTH_MAX) {
            throw StoreException.user("UserErrorInvalidParallelCopies", "'" + properties.at("parallelCopies").path() + "' is between 1 and " + WIDTH_MAX);
        }
        this.width = (int) Math.min(parallel, connections());
    }

    /// The fewest connections that either side allows; a part of a copy has one on each.
    private long connections() throws StoreException {
        long fewest = WIDTH_MAX;
        for (Located side : List.of(properties.at("source"), properties.at("sink"))) {
            for (Located stated : List.of(side.at("maxConcurrentConnections"), side.at("storeSettings").at("maxConcurrentConnections"))) {
                long most = stated.integer().orElse(fewest);
                if (most < 1) {
                    throw StoreException.user("UserErrorInvalidMaxConcurrentConnections", "'" + stated.path() + "' is 1 or more, found " + most);
                }
                fewest = Math.min(fewest, most);
            }
        }
        return fewest;
    }

    private static void check(Activity activity, Consumer<Problem> problems) {
        Located staging = activity.typeProperties().at("stagingSettings");
        if (activity.typeProperties().at("enableStaging").flag().orElse(false) && !staging.at("linkedServiceName").isPresent()) {
            problems.accept(staging.at("linkedServiceName").problem("with enableStaging, stagingSettings name the linked service to stage in"));
        }
        checkPreserve(activity.typeProperties(), problems);
        CopyParts.check(activity.typeProperties(), problems);
        Parts.checkSource(activity.typeProperties().at("source"), problems);
        Parts.checkSink(activity.typeProperties().at("sink"), problems);
        SinkMapping.check(activity.typeProperties().at("sink"), problems);
        checkBinary(activity.typeProperties().at("source").at("type"), activity.typeProperties().at("sink").at("type"), problems);
        for (String side : List.of("inputs", "outputs")) {
            Located references = activity.definition().at(side);
            if (references.items().size() != 1) {
                problems.accept(references.problem("a Copy has exactly one dataset in '" + side + "', found " + references.items().size()));
            }
        }
    }

    private static void checkBinary(Located source, Located sink, Consumer<Problem> problems) {
        boolean isBinary = source.text("").equalsIgnoreCase("BinarySource");
        if (sink.isPresent() && source.isPresent() && isBinary != sink.text("").equalsIgnoreCase("BinarySink")) {
            problems.accept(sink.problem("binary files can be copied to binary files only: " + (isBinary ? "a BinarySource goes with a BinarySink, found '"
                    + sink.text("") : "a BinarySink goes with a BinarySource, found '" + source.text("")) + "'"));
        }
    }

    private static void checkPreserve(Located properties, Consumer<Problem> problems) {
        List<Located> kept = properties.at("preserve").items();
        if (!kept.isEmpty() && !properties.at("sink").at("type").text("").equalsIgnoreCase("BinarySink")) {
            problems.accept(properties.at("preserve").problem("preserve is for copies of binary files, into a BinarySink"));
        }
        for (Located item : kept) {
            if (!ValueKind.isComputed(item) && !item.text("").equalsIgnoreCase("Attributes")) {
                problems.accept(item.problem("preserve keeps Attributes; " + item.value() + " is not supported yet: rights of files are not kept"));
            }
        }
    }

    private static JsonNode run(ActivityContext context) throws ActivityFailure, InterruptedException {
        try {
            return Retries.of(context.properties().at("source"), context.properties().at("sink")).run(context, () -> new CopyActivity(context).run());
        } catch (StoreException failure) {
            throw Failures.copy(failure);
        }
    }

    private JsonNode run() throws ActivityFailure, StoreException, InterruptedException {
        Dataset from = context.stores().dataset(context.activity().definition().at("inputs").items().getFirst(), context.scope());
        Dataset to = context.stores().dataset(context.activity().definition().at("outputs").items().getFirst(), context.scope());
        try (CopySource source = CopySource.of(context.stores(), from, properties.at("source"), FileFaults.of(properties.at("skipErrorFile")))) {
            Optional<CopyLog> log = CopyLog.of(context, properties);
            try {
                return copy(source, from, to, log);
            } finally {
                if (log.isPresent()) {
                    log.get().close();
                }
            }
        }
    }

    private ObjectNode copy(CopySource source, Dataset from, Dataset to, Optional<CopyLog> log) throws ActivityFailure, StoreException, InterruptedException {
        tally.listed(source instanceof CopySource.Files files ? OptionalLong.of(CopySource.size(files.files())) : OptionalLong.empty());
        tally.stage(to.isClusterTable() ? "staging" : "transferring");
        Located translator = properties.at("translator");
        boolean skips = properties.at("enableSkipIncompatibleRow").flag().orElse(false);
        SkippedRows skipped = skips ? SkippedRows.logged(log, tally) : SkippedRows.none(tally);
        if (skips) {
            tally.skips();
        }
        RowRules rules = new RowRules(Translator.of(translator), Conversion.of(translator), _ -> Optional.empty(), skipped);
        if (properties.at("enableStaging").flag().orElse(false)) {
            try (StagedRows staged = StagedRows.of(context, properties.at("stagingSettings"), tally.copy(), to)) {
                staged.take(source, skips && to.isClusterTable() ? fitting(rules, to) : rules, tally);
                tally.endStage(from.linkedService().type(), staged.type());
                CopyActivity second = new CopyActivity(context);
                second.tally.listed(OptionalLong.of(CopySource.size(staged.source().files())));
                // What the sink itself refuses is found in the second step.
                second.write(staged.source(), to, skips && !to.isClusterTable() ? RowRules.skipping(SkippedRows.logged(log, second.tally)) : RowRules.none(second.tally), log);
                second.tally.endStage(staged.type(), to.linkedService().type());
                tally.goesOnWith(second.tally);
            }
        } else {
            write(source, to, rules, log);
            tally.endStage(from.linkedService().type(), to.linkedService().type());
        }
        ObjectNode output = tally.output();
        log.ifPresent(written -> output.put(properties.at("redirectIncompatibleRowSettings").isPresent() ? "redirectRowPath" : "logFilePath", written.path()));
        if (properties.at("validateDataConsistency").flag().orElse(false)) {
            verify(output);
        }
        deleteSource(source);
        return output;
    }

    /// Rules that know the types of the table: its own reading of staged text makes nulls of what does not fit.
    private RowRules fitting(RowRules rules, Dataset to) throws ActivityFailure, StoreException {
        return rules.into(TableSink.of(context.stores(), to, properties.at("sink")).columns()::type);
    }

    private void write(CopySource source, Dataset to, RowRules rules, Optional<CopyLog> log) throws ActivityFailure, StoreException, InterruptedException {
        Optional<RowStoreType.TargetOpener> rowTarget = Catalogue.rowStore(to.type()).flatMap(RowStoreType::target);
        if (to.isClusterTable()) {
            TableSink sink = TableSink.of(context.stores(), to, properties.at("sink"));
            if (sink.isDone()) {
                tally.copied(OptionalLong.of(0));
            } else {
                toTable(source, sink, rules.into(sink.columns()::type));
            }
        } else if (rowTarget.isPresent()) {
            try (RowTarget target = rowTarget.get().open(context.stores(), to, properties.at("sink"))) {
                toRows(source, target, rules);
            }
        } else {
            tally.writesFiles();
            toFiles(source, FileSink.of(context.stores(), to, properties.at("sink")), rules, log);
        }
    }

    private void toTable(CopySource source, TableSink sink, RowRules rules) throws StoreException, InterruptedException {
        switch (source) {
            case CopySource.Files files -> new FilesToTable(files, sink, rules, tally, width).run();
            case CopySource.Rows rows -> {
                try (ChunkUploads uploads = new ChunkUploads(sink, tally)) {
                    Parallel.run(rows.source().splits(width), width, split -> toTable(rows, split, sink, rules, uploads));
                    uploads.finish();
                }
            }
        }
    }

    private void toTable(CopySource.Rows source, Split split, TableSink sink, RowRules rules, ChunkUploads uploads) throws StoreException, InterruptedException {
        tally.startsReading();
        try (RowsToTable target = new RowsToTable(sink, uploads, tally)) {
            // Values that go as they are need not become rows in between.
            Optional<CsvRecords> records = rules.looksAtCells() || !source.added().isEmpty() || sink.mapping().isPresent() ? Optional.empty()
                    : source.source().csv(split);
            if (records.isPresent()) {
                try (CsvRecords csv = records.get()) {
                    target.add(csv, split, rules.translator());
                }
                return;
            }
            try (RowReader reader = new CountedRows(rules.over(source, split), tally, CountedRows.Counts.BYTES)) {
                if (sink.mapping().isEmpty()) {
                    for (Column column : reader.columns()) {
                        sink.columns().target(column.name());
                    }
                }
                target.add(reader, split);
            }
        } finally {
            tally.endsReading();
        }
    }

    private void toRows(CopySource source, RowTarget target, RowRules rules) throws StoreException, InterruptedException {
        AtomicLong written = new AtomicLong();
        CopySource together = source instanceof CopySource.Files files ? files.asOne(rules.translator()) : source;
        List<Split> splits = switch (together) {
            case CopySource.Files files -> files.files().stream().<Split>map(Split.OfFile::whole).toList();
            case CopySource.Rows rows -> rows.source().splits(width);
        };
        // A new table gets the columns of the first part, whichever is read first.
        AtomicReference<RowReader> first = new AtomicReference<>();
        try {
            if (!splits.isEmpty()) {
                first.set(read(together, splits.getFirst(), rules));
                target.begin(tally.copy(), first.get().columns());
            } else {
                target.begin(tally.copy(), List.of());
            }
            toRows(together, splits, first, target, rules, written);
        } finally {
            RowReader unread = first.getAndSet(null);
            if (unread != null) {
                unread.close();
            }
        }
        target.finish();
        target.remarks().forEach(tally::remark);
        tally.copied(OptionalLong.of(written.get()));
    }

    private void toRows(CopySource source, List<Split> splits, AtomicReference<RowReader> first, RowTarget target, RowRules rules, AtomicLong written)
            throws StoreException, InterruptedException {
        Parallel.run(splits, width, split -> {
            tally.startsReading();
            RowReader open = split == splits.getFirst() ? first.getAndSet(null) : read(source, split, rules);
            // What files weigh is counted as they are read.
            CountedRows.Counts counts = source instanceof CopySource.Files ? CountedRows.Counts.ROWS : CountedRows.Counts.ROWS_AND_BYTES;
            try (RowReader reader = new CountedRows(open, tally, counts)) {
                RowTarget.Written batch = target.write(tally.batch(split), reader, rules.skipped().ofTarget());
                written.addAndGet(batch.rows());
                if (!batch.isNew()) {
                    tally.readRows(batch.rows());
                }
            } catch (StoreException failure) {
                throw where(split, failure);
            } finally {
                tally.endsReading();
            }
        });
    }

    /// A column that the target does not know is one of a file's.
    private static StoreException where(Split split, StoreException failure) {
        return split instanceof Split.OfFile(StoredFile file, long _, long _) && failure.code().equals("SqlInvalidColumnName")
                ? new StoreException(failure.code(), failure.fault(), "'" + file.path() + "': " + failure.getMessage(), failure) : failure;
    }

    private RowReader read(CopySource source, Split split, RowRules rules) throws StoreException {
        return switch (source) {
            case CopySource.Files files when split instanceof Split.OfFile(StoredFile file, long _, long _) -> {
                tally.readFile();
                yield rules.over(files, file, tally);
            }
            case CopySource.Files _ -> throw new IllegalArgumentException("files are split into files, not " + split);
            case CopySource.Rows rows -> rules.over(rows, split);
        };
    }

    private void toFiles(CopySource source, FileSink sink, RowRules rules, Optional<CopyLog> log) throws StoreException, InterruptedException {
        boolean isBinary = sink.format() instanceof FileFormat.Binary;
        switch (source) {
            case CopySource.Files files when isBinary && files.format() instanceof FileFormat.Binary ->
                    new BinaryCopy(files, sink, FileFaults.of(properties.at("skipErrorFile")), care(files, sink), log, tally).run(width);
            case CopySource.Files files when !isBinary -> new RowsToFiles(sink, rules, tally, width).copy(files);
            case CopySource.Rows rows when !isBinary -> new RowsToFiles(sink, rules, tally, width).copy(rows);
            default -> throw StoreException.user("UserErrorUnsupportedFormat", "Binary files can be copied to binary files only");
        }
    }

    private Set<BinaryCopy.Care> care(CopySource.Files from, FileSink to) throws StoreException {
        Set<BinaryCopy.Care> care = EnumSet.noneOf(BinaryCopy.Care.class);
        if (properties.at("validateDataConsistency").flag().orElse(false)) {
            care.add(BinaryCopy.Care.VERIFIES);
        }
        Located preserve = properties.at("preserve");
        for (Located kept : preserve.items()) {
            if (!kept.text("").equalsIgnoreCase("Attributes")) {
                throw StoreException.user("UserErrorUnsupportedPreserve", "'" + kept.path() + "' is Attributes, found " + kept.value());
            }
            for (FileStore store : List.of(from.store(), to.store())) {
                if (!store.keepsAttributes() || to.behavior() == FileSink.Behavior.MERGE_FILES) {
                    throw StoreException.user("UserErrorUnsupportedPreserve", "'" + preserve.path() + "' cannot be followed: "
                            + (store.keepsAttributes() ? "a file made of several has no attributes of one" : "files of a " + store.type() + " have no attributes"));
                }
            }
            care.add(BinaryCopy.Care.KEEPS_ATTRIBUTES);
        }
        return care;
    }

    private void verify(ObjectNode output) throws StoreException {
        Optional<Boolean> isConsistent = tally.isConsistent();
        if (isConsistent.isPresent() && !isConsistent.get()) {
            throw StoreException.user("UserErrorDataInconsistency", "The data is not consistent: " + tally.counts());
        }
        output.putObject("dataConsistencyVerification").put("VerificationResult", isConsistent.isPresent() ? "Verified" : "NotVerified")
                .put("InconsistentData", tally.hasSkipped() ? "Skipped" : "None");
    }

    private static void deleteSource(CopySource source) throws StoreException {
        if (source instanceof CopySource.Files files && files.isDeletedAfterwards()) {
            files.delete();
        }
    }
}
