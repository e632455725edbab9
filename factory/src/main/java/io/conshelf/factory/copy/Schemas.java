package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.ValueType;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.format.AvroReader;
import io.conshelf.connectors.format.DelimitedTextReader;
import io.conshelf.connectors.format.JsonDocumentReader;
import io.conshelf.connectors.format.ParquetReader;
import io.conshelf.factory.activity.ActivityFailure;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The columns of what datasets name, as `[{"name","type"}]`.
final class Schemas {
    private Schemas() {}

    /// The columns of a file.
    ///
    /// @param settings has the `formatSettings` and `storeSettings` of the activity
    static ArrayNode of(Stores stores, Dataset dataset, StoredFile file, Located settings) throws ActivityFailure, StoreException {
        FileFormat format = FileFormat.of(dataset, settings.at("formatSettings"));
        ArrayNode columns = JsonNodeFactory.instance.arrayNode();
        try (InputStream packed = stores.files(dataset, settings.at("storeSettings")).open(file)) {
            switch (format) {
                case FileFormat.Delimited(var dialect, var compression) -> {
                    try (RowReader rows = new DelimitedTextReader(file.path(), compression.unpack(packed), dialect)) {
                        rows.columns().forEach(column -> columns.addObject().put("name", column.name()).put("type", "String"));
                    }
                }
                case FileFormat.Json(var _, var compression) -> {
                    try (JsonDocumentReader documents = new JsonDocumentReader(file.path(), compression.unpack(packed))) {
                        Optional<ObjectNode> first = documents.next();
                        first.ifPresent(document -> document.properties().forEach(property -> columns.addObject().put("name", property.getKey())
                                .put("type", switch (property.getValue().getNodeType()) {
                                    case NUMBER -> property.getValue().isIntegralNumber() ? "Int64" : "Double";
                                    case BOOLEAN -> "Boolean";
                                    case ARRAY, OBJECT -> "Object";
                                    case STRING, NULL, MISSING, BINARY, POJO -> "String";
                                })));
                    }
                }
                case FileFormat.Parquet _ -> {
                    try (RowReader reader = TemporaryRows.of(".parquet", packed, local -> new ParquetReader(file.path(), local))) {
                        reader.columns().forEach(column -> columns.add(column(column)));
                    }
                }
                case FileFormat.Avro _ -> {
                    try (RowReader reader = new AvroReader(file.path(), packed)) {
                        reader.columns().forEach(column -> columns.add(column(column)));
                    }
                }
                case FileFormat.Binary _ -> throw unsupported(dataset);
            }
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + file.path() + "' cannot be read: " + failure.getMessage(), failure);
        }
        return columns;
    }

    /// The first rows of a file.
    static ArrayNode rows(Stores stores, Dataset dataset, StoredFile file, int rowsMax) throws ActivityFailure, StoreException {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        FileFormat format = FileFormat.of(dataset, dataset.properties().at("formatSettings"));
        try (InputStream packed = stores.files(dataset, dataset.properties().at("storeSettings")).open(file)) {
            switch (format) {
                case FileFormat.Delimited(var dialect, var compression) -> {
                    try (RowReader reader = new DelimitedTextReader(file.path(), compression.unpack(packed), dialect)) {
                        rows.addAll(collect(reader, rowsMax));
                    }
                }
                case FileFormat.Json(var _, var compression) -> {
                    try (JsonDocumentReader documents = new JsonDocumentReader(file.path(), compression.unpack(packed))) {
                        for (Optional<ObjectNode> row = documents.next(); row.isPresent() && rows.size() < rowsMax; row = documents.next()) {
                            rows.add(row.get());
                        }
                    }
                }
                case FileFormat.Parquet _ -> {
                    try (RowReader reader = TemporaryRows.of(".parquet", packed, local -> new ParquetReader(file.path(), local))) {
                        rows.addAll(collect(reader, rowsMax));
                    }
                }
                case FileFormat.Avro _ -> {
                    try (RowReader reader = new AvroReader(file.path(), packed)) {
                        rows.addAll(collect(reader, rowsMax));
                    }
                }
                case FileFormat.Binary _ -> throw unsupported(dataset);
            }
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileReadFailure", "'" + file.path() + "' cannot be read: " + failure.getMessage(), failure);
        }
        return rows;
    }

    static ArrayNode collect(RowReader reader, int rowsMax) throws StoreException {
        ArrayNode rows = JsonNodeFactory.instance.arrayNode();
        for (Optional<List<JsonNode>> row = reader.next(); row.isPresent() && rows.size() < rowsMax; row = reader.next()) {
            ObjectNode object = rows.addObject();
            for (int i = 0; i < reader.columns().size(); i++) {
                object.set(reader.columns().get(i).name(), row.get().get(i));
            }
        }
        return rows;
    }

    private static StoreException unsupported(Dataset dataset) {
        return StoreException.user("UserErrorUnsupportedFormat", "The content of a file of type '" + dataset.type()
                + "' is not looked at");
    }

    /// The columns of a table; empty when it is not there.
    static Optional<ArrayNode> ofTable(Stores stores, Dataset dataset) throws ActivityFailure, StoreException {
        if (!dataset.isClusterTable()) {
            throw StoreException.user("UserErrorUnsupportedDataset", "Dataset '" + dataset.name() + "' of type '" + dataset.type()
                    + "' names neither a file nor a table of a cluster");
        }
        Stores.Database database = stores.database(dataset.linkedService());
        try {
            return Optional.of(structure(database.cluster().columns(database.name(), dataset.properties().at("table").text(""))));
        } catch (StoreException failure) {
            if (failure.fault() == StoreException.Fault.USER && failure.code().toLowerCase(Locale.ROOT).contains("notfound")) {
                return Optional.empty();
            }
            throw failure;
        }
    }

    private static ArrayNode structure(Map<String, ValueType> columns) {
        ArrayNode structure = JsonNodeFactory.instance.arrayNode();
        columns.forEach((name, type) -> structure.add(column(new Column(name, type))));
        return structure;
    }

    static ObjectNode column(Column column) {
        return JsonNodeFactory.instance.objectNode().put("name", column.name()).put("type", interim(column.type()));
    }

    /// The types by which copies call values on their way.
    private static String interim(ValueType type) {
        return switch (type) {
            case BOOL -> "Boolean";
            case INT -> "Int32";
            case LONG -> "Int64";
            case REAL -> "Double";
            case DECIMAL -> "Decimal";
            case DATETIME -> "DateTime";
            case TIMESPAN -> "TimeSpan";
            case GUID -> "Guid";
            case STRING -> "String";
            case DYNAMIC -> "Object";
        };
    }
}
