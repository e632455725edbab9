package io.conshelf.factory.copy;

import static io.conshelf.factory.copy.Declaration.type;

import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.activity.ValueKind;
import java.util.List;
import java.util.function.Consumer;

/// The objects inside a Copy's own properties, and inside its sources and sinks: the properties of each, and what becomes of them.
public final class CopyParts {
    private static final ValueKind LEVEL = ValueKind.oneOf("Info", "Warning");
    private static final String RELIABLE = "the log appears whole when the copy has ended";

    private static final Declaration SIDE = type("mapping.source or sink").takes("name", "path", "ordinal", "type", "format", "culture")
            .ignores("physicalType", "the store's own type is asked of the store").ignores("physicalLength", "the store's own length is asked of the store").build();
    private static final Declaration PLACE = type("log location").takes("linkedServiceName", "path").build();

    static final Declaration TRANSLATOR = type("translator").takes(ValueKind.FLAG, "mapComplexValuesToString", "typeConversion")
            .takes("columnMappings", "schemaMapping", "collectionReference")
            .holdsMany("mappings", type("mapping").holds("source", SIDE).holds("sink", SIDE).build())
            .holds("typeConversionSettings", type("typeConversionSettings").takes(ValueKind.FLAG, "allowDataTruncation", "treatBooleanAsNumber")
                    .takes("dateTimeFormat", "dateTimeOffsetFormat", "timeSpanFormat", "culture").build())
            .build();

    private static final Declaration COPY = type("Copy").holds("translator", TRANSLATOR)
            .holds("stagingSettings", type("stagingSettings").takes("linkedServiceName", "path").takes(ValueKind.FLAG, "enableCompression").build())
            .holds("logSettings", type("logSettings").takes(ValueKind.FLAG, "enableCopyActivityLog")
                    .holds("copyActivityLogSettings", type("copyActivityLogSettings").takes(LEVEL, "logLevel").ignores("enableReliableLogging", RELIABLE).build())
                    .holds("logLocationSettings", PLACE).build())
            .holds("logStorageSettings", type("logStorageSettings").takes("linkedServiceName", "path").takes(LEVEL, "logLevel")
                    .ignores("enableReliableLogging", RELIABLE).build())
            .holds("redirectIncompatibleRowSettings", PLACE)
            .holds("skipErrorFile", type("skipErrorFile").takes(ValueKind.FLAG, "fileMissing", "fileForbidden", "dataInconsistency", "invalidFileName").build())
            .build();

    static final Declaration ADDED_COLUMN = type("additional column").takes("name", "value").build();
    static final Declaration UPSERT = type("upsertSettings").takes(ValueKind.FLAG, "useTempDB").takes(ValueKind.ARRAY, "keys").takes("interimSchemaName").build();
    static final Declaration PARTITIONS = type("partitionSettings").takes("partitionColumnName", "partitionUpperBound", "partitionLowerBound", "partitionNames")
            .build();
    static final Declaration UNPACKING = type("compressionProperties").takes(ValueKind.FLAG, "preserveZipFileNameAsFolder", "preserveCompressionFileNameAsFolder")
            .build();
    static final Declaration METADATA = type("metadata").takes("name", "value").build();

    private CopyParts() {}

    /// Every object that is declared here, for whoever walks them.
    public static List<Declaration> all() {
        return List.of(COPY, TRANSLATOR, ADDED_COLUMN, UPSERT, PARTITIONS, UNPACKING, METADATA);
    }

    static void check(Located properties, Consumer<Problem> problems) {
        COPY.checkInner(properties, problems);
    }

    /// Reports the properties inside a Copy's own ones that are not known.
    public static void remark(Located properties, Consumer<Problem> remarks) {
        COPY.remarkInner(properties, remarks);
    }
}
