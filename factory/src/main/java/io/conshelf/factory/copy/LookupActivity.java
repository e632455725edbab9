package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.JsonDocumentReader;
import io.conshelf.connectors.kusto.KustoQuery;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ActivityType.Property;
import io.conshelf.factory.activity.ActivityType.Treatment;
import io.conshelf.factory.activity.ValueKind;
import io.conshelf.factory.definition.Activity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// The Lookup activity: rows of a query or a file as the activity's output.
public final class LookupActivity {
    /// Further rows are dropped.
    private static final int ROWS_MAX = 5_000;
    /// A larger output fails: of a cluster, and of any other store.
    private static final long CLUSTER_BYTES_MAX = 2L << 20;
    private static final long BYTES_MAX = 4L << 20;

    public static final ActivityType TYPE = new ActivityType("Lookup", List.of(
            new Property("source", Treatment.IMPLEMENTED, true, ""),
            new Property("dataset", Treatment.LAZY, true, ""),
            Property.taken("firstRowOnly", ValueKind.FLAG)),
            _ -> List.of(), LookupActivity::check, LookupActivity::run);

    private LookupActivity() {}

    private static void check(Activity activity, Consumer<Problem> problems) {
        Located source = activity.typeProperties().at("source");
        Parts.checkSource(source, problems);
        if (source.at("type").text("").equalsIgnoreCase("BinarySource")) {
            problems.accept(source.at("type").problem("a Lookup reads rows, and binary files have none"));
        }
    }

    private static JsonNode run(ActivityContext context) throws ActivityFailure, InterruptedException {
        try {
            return Retries.ofSource(context.properties().at("source")).run(context, () -> once(context));
        } catch (StoreException failure) {
            throw Failures.lookup(failure);
        }
    }

    private static JsonNode once(ActivityContext context) throws ActivityFailure, StoreException, InterruptedException {
        Tally tally = new Tally(context);
        boolean firstRowOnly = context.properties().at("firstRowOnly").flag().orElse(true);
        Dataset dataset = context.stores().dataset(context.activity().typeProperties().at("dataset"), context.scope());
        Found found;
        try (CopySource source = CopySource.of(context.stores(), dataset, context.properties().at("source"))) {
            boolean isCluster = source instanceof CopySource.Rows rows && rows.source() instanceof KustoQuery;
            found = new Found(firstRowOnly ? 1 : ROWS_MAX, isCluster ? CLUSTER_BYTES_MAX : BYTES_MAX);
            read(source, found, tally);
        }
        List<ObjectNode> rows = found.rows;
        ObjectNode output = JsonNodeFactory.instance.objectNode();
        if (!firstRowOnly) {
            ArrayNode value = JsonNodeFactory.instance.arrayNode();
            rows.forEach(value::add);
            output.put("count", rows.size()).set("value", value);
        } else if (!rows.isEmpty()) {
            output.set("firstRow", rows.getFirst());
        }
        output.put("effectiveIntegrationRuntime", Tally.INTEGRATION_RUNTIME);
        output.putObject("durationInQueue").put("integrationRuntimeQueue", 0);
        return output;
    }

    /// The rows so far, within what a Lookup returns.
    private static final class Found {
        private final List<ObjectNode> rows = new ArrayList<>();
        private final int rowsMax;
        private final long bytesMax;
        private long bytes;

        private Found(int rowsMax, long bytesMax) {
            this.rowsMax = rowsMax;
            this.bytesMax = bytesMax;
        }

        private boolean isFull() {
            return rows.size() >= rowsMax;
        }

        private void add(ObjectNode row) throws StoreException {
            bytes += row.toString().getBytes(StandardCharsets.UTF_8).length;
            if (bytes > bytesMax) {
                throw StoreException.user("LookupOutputLimitExceeded", "The rows are larger than the " + (bytesMax >> 20)
                        + " MB a Lookup returns from this store; select fewer columns or rows");
            }
            rows.add(row);
        }
    }

    private static void read(CopySource source, Found found, Tally tally) throws StoreException {
        switch (source) {
            case CopySource.Rows stored -> {
                for (Split split : stored.source().splits(1)) {
                    try (RowReader reader = stored.rows(split)) {
                        boolean hasMore = collect(reader, found);
                        // A cluster's answer is read to its end: an error may stand there, and its other results are refused.
                        while (hasMore && stored.source() instanceof KustoQuery) {
                            hasMore = reader.next().isPresent();
                        }
                    }
                }
            }
            case CopySource.Files files -> {
                Iterator<StoredFile> left = files.files().iterator();
                while (left.hasNext() && !found.isFull()) {
                    read(files, left.next(), found, tally);
                }
            }
        }
    }

    private static void read(CopySource.Files files, StoredFile file, Found found, Tally tally) throws StoreException {
        if (files.format() instanceof FileFormat.Json) {
            // Documents are rows as they are.
            try (JsonDocumentReader documents = new JsonDocumentReader(file.path(), files.open(file, tally))) {
                Optional<ObjectNode> document = documents.next();
                while (document.isPresent() && !found.isFull()) {
                    files.added(file).addTo(document.get(), files.relative(file));
                    found.add(document.get());
                    document = documents.next();
                }
            }
        } else {
            try (RowReader reader = files.rows(file, Optional.empty(), tally)) {
                collect(reader, found);
            }
        }
    }

    /// Takes rows up to the limit, and says whether there is one more.
    private static boolean collect(RowReader reader, Found found) throws StoreException {
        List<Column> columns = reader.columns();
        Optional<List<JsonNode>> row = reader.next();
        while (row.isPresent() && !found.isFull()) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            for (int i = 0; i < columns.size(); i++) {
                object.set(columns.get(i).name(), row.get().get(i));
            }
            found.add(object);
            row = reader.next();
        }
        return row.isPresent();
    }
}
