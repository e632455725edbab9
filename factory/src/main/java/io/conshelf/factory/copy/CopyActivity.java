package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowTarget;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ActivityType.Property;
import io.conshelf.factory.activity.ActivityType.Treatment;
import io.conshelf.factory.definition.Activity;
import io.conshelf.factory.definition.Located;
import io.conshelf.factory.definition.Problem;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;

/// The Copy activity.
public final class CopyActivity {
    private static final String NO_LOG = "rows that do not fit are not skipped yet, so there is nothing to log";

    public static final ActivityType TYPE = new ActivityType("Copy", List.of(
            new Property("source", Treatment.IMPLEMENTED, true, ""),
            new Property("sink", Treatment.IMPLEMENTED, true, ""),
            new Property("translator", Treatment.IMPLEMENTED, false, ""),
            new Property("validateDataConsistency", Treatment.IMPLEMENTED, false, ""),
            new Property("parallelCopies", Treatment.NO_EFFECT, false, "a Kusto sink takes no parallel copies; use a ForEach"),
            new Property("dataIntegrationUnits", Treatment.NO_EFFECT, false, "there is one machine"),
            new Property("enableStaging", Treatment.REFUSED, false, "data goes from the source to the sink directly"),
            new Property("stagingSettings", Treatment.REFUSED, false, "data goes from the source to the sink directly"),
            new Property("enableSkipIncompatibleRow", Treatment.REFUSED, false, "a row that does not fit fails the copy"),
            new Property("redirectIncompatibleRowSettings", Treatment.REFUSED, false, NO_LOG),
            new Property("logStorageSettings", Treatment.REFUSED, false, NO_LOG),
            new Property("logSettings", Treatment.REFUSED, false, NO_LOG),
            new Property("skipErrorFile", Treatment.REFUSED, false, "a file that cannot be read fails the copy"),
            new Property("preserve", Treatment.REFUSED, false, "metadata is not kept"),
            new Property("preserveRules", Treatment.REFUSED, false, "metadata is not kept")),
            _ -> List.of(), CopyActivity::check, CopyActivity::run);

    private CopyActivity() {}

    private static void check(Activity activity, Consumer<Problem> problems) {
        Parts.checkSource(activity.typeProperties().at("source"), problems);
        Parts.checkSink(activity.typeProperties().at("sink"), problems);
        for (String side : List.of("inputs", "outputs")) {
            Located references = activity.definition().at(side);
            if (references.items().size() != 1) {
                problems.accept(references.problem("a Copy has exactly one dataset in '" + side + "', found " + references.items().size()));
            }
        }
    }

    private static JsonNode run(ActivityContext context) throws ActivityFailure, InterruptedException {
        Tally tally = new Tally(context);
        try {
            Dataset from = context.stores().dataset(context.activity().definition().at("inputs").items().getFirst(), context.scope());
            Dataset to = context.stores().dataset(context.activity().definition().at("outputs").items().getFirst(), context.scope());
            CopySource source = CopySource.of(context.stores(), from, context.properties().at("source"));
            tally.listed();
            if (source instanceof CopySource.Files files) {
                tally.readsFiles = true;
                tally.bytesTotal = CopySource.size(files.files());
            }
            tally.stage("transferring");
            Optional<Translator> translator = Translator.of(context.properties().at("translator"));
            Optional<RowStoreType.TargetOpener> rowTarget = Catalogue.rowStore(to.type()).flatMap(RowStoreType::target);
            if (to.isClusterTable()) {
                toTable(source, TableSink.of(context.stores(), to, context.properties().at("sink")), translator, tally);
            } else if (rowTarget.isPresent()) {
                try (RowTarget target = rowTarget.get().open(context.stores(), to, context.properties().at("sink"))) {
                    toRows(source, target, translator, tally);
                }
            } else {
                tally.writesFiles = true;
                toFiles(source, FileSink.of(context.stores(), to, context.properties().at("sink")), translator, tally);
            }
            ObjectNode output = tally.output(source.type(), to.linkedService().type());
            if (context.properties().at("validateDataConsistency").flag().orElse(false)) {
                verify(tally, output);
            }
            deleteSource(source);
            return output;
        } catch (StoreException failure) {
            throw Failures.copy(failure);
        }
    }

    private static void toTable(CopySource source, TableSink sink, Optional<Translator> translator, Tally tally) throws StoreException, InterruptedException {
        switch (source) {
            case CopySource.Files files -> new FilesToTable(files, sink, translator, tally).run();
            case CopySource.Rows rows -> {
                try (RowsToTable target = new RowsToTable(sink, tally)) {
                    for (Split split : rows.source().splits(1)) {
                        try (RowReader reader = mapped(rows, split, translator)) {
                            if (sink.mappingName().isEmpty()) {
                                for (Column column : reader.columns()) {
                                    sink.column(column.name());
                                }
                            }
                            target.add(new CountedRows(reader, tally));
                        }
                    }
                    target.finish();
                }
            }
        }
    }

    private static void toRows(CopySource source, RowTarget target, Optional<Translator> translator, Tally tally) throws StoreException, InterruptedException {
        long written = 0;
        boolean hasBegun = false;
        List<Split> splits = switch (source) {
            case CopySource.Files files -> files.files().stream().<Split>map(Split.OfFile::whole).toList();
            case CopySource.Rows rows -> rows.source().splits(1);
        };
        for (Split split : splits) {
            try (RowReader reader = new CountedRows(read(source, split, translator, tally), tally)) {
                if (!hasBegun) {
                    target.begin(reader.columns());
                    hasBegun = true;
                }
                written += target.write(tally.batch(split), reader, (_, why) -> {
                    throw why;
                });
            }
        }
        target.finish();
        tally.rowsCopied = OptionalLong.of(written);
    }

    private static RowReader read(CopySource source, Split split, Optional<Translator> translator, Tally tally) throws StoreException {
        return switch (source) {
            case CopySource.Files files when split instanceof Split.OfFile(StoredFile file, long _, long _) -> files.rows(file, translator, tally);
            case CopySource.Files _ -> throw new IllegalArgumentException("files are split into files, not " + split);
            case CopySource.Rows rows -> mapped(rows, split, translator);
        };
    }

    private static void toFiles(CopySource source, FileSink sink, Optional<Translator> translator, Tally tally) throws StoreException, InterruptedException {
        boolean isBinary = sink.format() instanceof FileFormat.Binary;
        switch (source) {
            case CopySource.Files files when isBinary && files.format() instanceof FileFormat.Binary -> new BinaryCopy(files, sink, tally).run();
            case CopySource.Files files when !isBinary -> new RowsToFiles(sink, tally).copy(files, translator);
            case CopySource.Rows rows when !isBinary -> {
                for (Split split : rows.source().splits(1)) {
                    try (RowReader reader = mapped(rows, split, translator)) {
                        new RowsToFiles(sink, tally).copy(new CountedRows(reader, tally));
                    }
                }
            }
            default -> throw StoreException.user("UserErrorUnsupportedFormat", "Binary files can be copied to binary files only");
        }
    }

    private static RowReader mapped(CopySource.Rows source, Split split, Optional<Translator> translator) throws StoreException {
        RowReader rows = source.rows(split);
        return translator.isPresent() ? MappedRows.of(rows, translator.get(), "the source") : rows;
    }

    private static void verify(Tally tally, ObjectNode output) throws StoreException {
        boolean isKnown = !tally.hasRows || tally.rowsCopied.isPresent();
        boolean isEqual = tally.hasRows ? tally.rowsCopied.orElse(tally.rowsRead) == tally.rowsRead : tally.bytesRead == tally.bytesWritten;
        if (!isEqual) {
            throw StoreException.user("UserErrorDataInconsistency", "The copy read " + tally.rowsRead + " rows and the sink holds "
                    + tally.rowsCopied.orElse(-1) + " of them");
        }
        output.putObject("dataConsistencyVerification").put("VerificationResult", isKnown ? "Verified" : "NotVerified").put("InconsistentData", "None");
    }

    private static void deleteSource(CopySource source) throws StoreException {
        if (source instanceof CopySource.Files files && files.isDeletedAfterwards()) {
            for (StoredFile file : files.files()) {
                files.store().delete(file);
            }
        }
    }
}
