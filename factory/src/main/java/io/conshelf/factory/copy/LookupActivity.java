package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.Split;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.JsonDocumentReader;
import io.conshelf.connectors.kusto.KustoQuery;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ActivityType.Property;
import io.conshelf.factory.activity.ActivityType.Treatment;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/// The Lookup activity: rows of a query or a file as the activity's output.
public final class LookupActivity {
    /// Further rows are dropped.
    private static final int ROWS_MAX = 5_000;
    /// A larger output fails.
    private static final long OUTPUT_BYTES_MAX = 4L << 20;

    public static final ActivityType TYPE = new ActivityType("Lookup", List.of(
            new Property("source", Treatment.IMPLEMENTED, true, ""),
            new Property("dataset", Treatment.LAZY, true, ""),
            new Property("firstRowOnly", Treatment.IMPLEMENTED, false, "")),
            _ -> List.of(), (activity, problems) -> Parts.checkSource(activity.typeProperties().at("source"), problems), LookupActivity::run);

    private LookupActivity() {}

    private static JsonNode run(ActivityContext context) throws ActivityFailure, InterruptedException {
        Tally tally = new Tally(context);
        boolean firstRowOnly = context.properties().at("firstRowOnly").flag().orElse(true);
        try {
            Dataset dataset = context.stores().dataset(context.activity().typeProperties().at("dataset"), context.scope());
            List<ObjectNode> rows;
            try (CopySource source = CopySource.of(context.stores(), dataset, context.properties().at("source"))) {
                rows = read(source, firstRowOnly ? 1 : ROWS_MAX, tally);
            }
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
        } catch (StoreException failure) {
            throw Failures.lookup(failure);
        }
    }

    private static List<ObjectNode> read(CopySource source, int rowsMax, Tally tally) throws StoreException {
        List<ObjectNode> rows = new ArrayList<>();
        switch (source) {
            case CopySource.Rows stored -> {
                for (Split split : stored.source().splits(1)) {
                    try (RowReader reader = stored.rows(split)) {
                        boolean hasMore = collect(reader, rowsMax, rows);
                        // A cluster's answer is read to its end: an error may stand there, and its other results are refused.
                        while (hasMore && stored.source() instanceof KustoQuery) {
                            hasMore = reader.next().isPresent();
                        }
                    }
                }
            }
            case CopySource.Files files -> {
                Iterator<StoredFile> left = files.files().iterator();
                while (left.hasNext() && rows.size() < rowsMax) {
                    read(files, left.next(), rowsMax, rows, tally);
                }
            }
        }
        limit(rows);
        return rows;
    }

    private static void read(CopySource.Files files, StoredFile file, int rowsMax, List<ObjectNode> rows, Tally tally) throws StoreException {
        if (files.format() instanceof FileFormat.Json) {
            // Documents are rows as they are.
            try (JsonDocumentReader documents = new JsonDocumentReader(file.path(), files.open(file, tally))) {
                Optional<ObjectNode> document = documents.next();
                while (document.isPresent() && rows.size() < rowsMax) {
                    files.added().addTo(document.get(), files.relative(file));
                    rows.add(document.get());
                    document = documents.next();
                }
            }
        } else {
            try (RowReader reader = files.rows(file, Optional.empty(), tally)) {
                collect(reader, rowsMax, rows);
            }
        }
    }

    /// Takes rows up to the limit, and says whether there is one more.
    private static boolean collect(RowReader reader, int rowsMax, List<ObjectNode> rows) throws StoreException {
        List<Column> columns = reader.columns();
        Optional<List<JsonNode>> row = reader.next();
        while (row.isPresent() && rows.size() < rowsMax) {
            ObjectNode object = JsonNodeFactory.instance.objectNode();
            for (int i = 0; i < columns.size(); i++) {
                object.set(columns.get(i).name(), row.get().get(i));
            }
            rows.add(object);
            row = reader.next();
        }
        return row.isPresent();
    }

    private static void limit(List<ObjectNode> rows) throws StoreException {
        long bytes = 0;
        for (ObjectNode row : rows) {
            bytes += row.toString().getBytes(StandardCharsets.UTF_8).length;
            if (bytes > OUTPUT_BYTES_MAX) {
                throw StoreException.user("LookupOutputLimitExceeded", "The rows are larger than the 4 MB a Lookup returns; "
                        + "select fewer columns or rows");
            }
        }
    }
}
