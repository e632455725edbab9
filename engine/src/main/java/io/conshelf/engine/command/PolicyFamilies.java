package io.conshelf.engine.command;

import static io.conshelf.engine.command.PolicyField.of;
import static io.conshelf.engine.command.PolicyField.optional;
import static io.conshelf.engine.command.PolicyField.bool;
import static io.conshelf.engine.command.PolicyField.list;
import static io.conshelf.engine.command.PolicyField.moment;
import static io.conshelf.engine.command.PolicyField.numberOrNull;
import static io.conshelf.engine.command.PolicyField.object;
import static io.conshelf.engine.command.PolicyField.oneOf;
import static io.conshelf.engine.command.PolicyField.regularExpression;
import static io.conshelf.engine.command.PolicyField.span;
import static io.conshelf.engine.command.PolicyField.text;
import static io.conshelf.engine.command.PolicyField.whole;
import static io.conshelf.engine.command.PolicyFamily.KEPT;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.engine.store.StorageErrors;
import io.conshelf.kql.command.CommandMatch;
import io.conshelf.kql.type.Type;
import io.conshelf.kql.value.DateTimeText;
import io.conshelf.kql.value.TimeSpanText;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;

/// All policies that commands set, one declaration each.
final class PolicyFamilies {
    private static final String ALWAYS = "365000.00:00:00";
    private static final int PARTITION_KEYS_MAX = 2;
    private static final int MANY = Integer.MAX_VALUE;
    private static final List<String> IDENTITY_USAGES = List.of(
            "All", "AutomatedFlows", "AzureAI", "DataConnection", "ExportRequest", "ExternalDataRequest", "ExternalTable", "NativeIngestion",
            "SandboxArtifacts", "SqlRequest");
    private static final List<String> CLASSIFIED = List.of(
            "current_database", "current_application", "current_principal", "query_consistency", "request_description", "request_text",
            "request_type");
    private static final Function<JsonNode, Optional<String>> PARTITION_KEY = PolicyField.objectOf(List.of(
            optional("ColumnName", text()), optional("Kind", text()), optional("Properties", object())));
    private static final Function<JsonNode, Optional<String>> HASH = PolicyField.objectOf(List.of(
            optional("Function", oneOf("XxHash64")),
            optional("MaxPartitionCount", whole(2, 2048)),
            optional("Seed", whole(1, MANY)),
            optional("PartitionAssignmentMode", oneOf("ByPartition", "Uniform", "Default"))));
    private static final Function<JsonNode, Optional<String>> UNIFORM_RANGE = PolicyField.objectOf(List.of(
            optional("RangeSize", span("00:00:00.0000001", ALWAYS)),
            optional("Reference", moment()),
            optional("OverrideCreationTime", bool())));

    private PolicyFamilies() {}

    static final List<PolicyFamily> ALL = List.of(
            UpdatePolicyCommands.FAMILY,
            new PolicyFamily(PolicyKind.STREAMING_INGESTION, "StreamingIngestion", new PolicyShape.Fields(List.of(
                    of("IsEnabled", "true", bool()),
                    of("HintAllocatedRate", "null", numberOrNull("gigabytes an hour")))),
                    "decides whether a table takes streaming ingestion; the hint is information"),
            new PolicyFamily(PolicyKind.INGESTION_BATCHING, "IngestionBatching", new PolicyShape.Fields(List.of(
                    of("MaximumBatchingTimeSpan", "\"00:05:00\"", span("00:00:10", "00:30:00")),
                    of("MaximumNumberOfItems", "500", whole(1, 25_000)),
                    of("MaximumRawDataSizeMB", "1024", whole(100, 4_096)))),
                    "decides when queued data is ingested"),
            new PolicyFamily(PolicyKind.INGESTION_TIME, "IngestionTime",
                    new PolicyShape.Words((_, _) -> JsonNodeFactory.instance.objectNode().put("IsEnabled", true)),
                    "the time of ingestion is always kept, so it is always on"),
            EncodingPolicyCommands.FAMILY,
            RowLevelSecurityCommands.RESTRICTED,
            RowLevelSecurityCommands.FAMILY,
            new PolicyFamily(PolicyKind.RETENTION, "Retention", new PolicyShape.Fields(List.of(
                    of("SoftDeletePeriod", "\"" + ALWAYS + "\"", span("00:00:00", ALWAYS)),
                    of("Recoverability", "\"Enabled\"", oneOf("Enabled", "Disabled")))),
                    "extents older than the period are dropped within minutes, for good: recoverability is information"),
            new PolicyFamily(PolicyKind.CACHING, "Caching", new PolicyShape.Words(PolicyFamilies::caching),
                    KEPT + ": one machine has everything at hand"),
            new PolicyFamily(PolicyKind.MERGE, "Merge", new PolicyShape.Fields(List.of(
                    of("RowCountUpperBoundForMerge", "16000000", whole(0, MANY)),
                    of("OriginalSizeMBUpperBoundForMerge", "30000", whole(0, MANY)),
                    of("MaxExtentsToMerge", "100", whole(2, MANY)),
                    of("MaxRangeInHours", "24", whole(1, MANY)),
                    of("AllowRebuild", "true", bool()),
                    of("AllowMerge", "true", bool()),
                    of("Lookback", "{\"Kind\":\"Default\",\"CustomPeriod\":null}", PolicyField.lookback()),
                    optional("LoopPeriod", span("00:00:00", ALWAYS)))),
                    "small extents are merged every minute, ten or more of a kind at once, up to these bounds and a million rows; merge "
                            + "and rebuild are one thing here, which either permission allows; LoopPeriod is information"),
            new PolicyFamily(PolicyKind.SHARDING, "Sharding", new PolicyShape.Fields(List.of(
                    of("ShardEngineMaxRowCount", "1048576", whole(1, MANY)),
                    of("ShardEngineMaxExtentSizeInMb", "8192", whole(1, MANY)),
                    of("ShardEngineMaxOriginalSizeInMb", "3072", whole(1, MANY)),
                    optional("MaxRowCount", whole(1, MANY)),
                    optional("MaxExtentSizeInMb", whole(1, MANY)),
                    optional("MaxOriginalSizeInMb", whole(1, MANY)),
                    optional("UseShardEngine", bool()))),
                    KEPT),
            new PolicyFamily(PolicyKind.PARTITIONING, "Partitioning", new PolicyShape.Fields(List.of(
                    of("PartitionKeys", "[]", list()),
                    optional("EffectiveDateTime", moment()),
                    optional("MinRowCountPerOperation", whole(0, MANY)),
                    optional("MaxRowCountPerOperation", whole(0, MANY)),
                    optional("MaxOriginalSizePerOperation", whole(0, MANY)))),
                    PolicyFamilies::partitioning, KEPT),
            new PolicyFamily(PolicyKind.ROW_ORDER, "RowOrder", new PolicyShape.Words(PolicyFamilies::rowOrder),
                    PolicyFamilies::ofColumns, KEPT),
            new PolicyFamily(PolicyKind.AUTO_DELETE, "AutoDelete", new PolicyShape.Fields(List.of(
                    optional("ExpiryDate", moment()),
                    of("DeleteIfNotEmpty", "false", bool()))),
                    PolicyFamilies::autoDelete, "the table is dropped within minutes after its day"),
            new PolicyFamily(PolicyKind.EXTENT_TAGS_RETENTION, "ExtentTagsRetention", new PolicyShape.Elements(List.of(
                    optional("TagPrefix", PolicyField.tagPrefix()),
                    of("RetentionPeriod", "\"" + ALWAYS + "\"", span("00:00:00", ALWAYS)))),
                    (_, value) -> withAll(PolicyKind.EXTENT_TAGS_RETENTION, value, "TagPrefix"), KEPT),
            new PolicyFamily(PolicyKind.MANAGED_IDENTITY, "ManagedIdentity", new PolicyShape.Elements(List.of(
                    optional("ObjectId", PolicyFamilies::problemOfIdentity),
                    optional("DisplayName", text()),
                    optional("ClientId", text()),
                    optional("TenantId", text()),
                    optional("IsSystem", bool()),
                    optional("AllowedUsages", PolicyFamilies::problemOfUsages))),
                    (_, value) -> withAll(PolicyKind.MANAGED_IDENTITY, value, "ObjectId", "AllowedUsages"), KEPT + ": there are no managed identities outside Azure"),
            new PolicyFamily(PolicyKind.CALLOUT, "Callout", new PolicyShape.Elements(List.of(
                    optional("CalloutType", oneOf(
                            "kusto", "sql", "mysql", "postgresql", "azure_digital_twins", "cosmosdb", "sandbox_artifacts", "external_data",
                            "webapi", "azure_openai")),
                    optional("CalloutUriRegex", regularExpression()),
                    of("CanCall", "false", bool()))),
                    (_, value) -> withAll(PolicyKind.CALLOUT, value, "CalloutType", "CalloutUriRegex"),
                    "queries call what an entry with CanCall=true matches and nothing else; an entry with CanCall=false keeps everything "
                            + "from what it matches, external tables and exports too; beyond this machine only hosts under 'live' of the "
                            + "configuration are reached"),
            new PolicyFamily(PolicyKind.CAPACITY, "Capacity", new PolicyShape.Fields(List.of(
                    optional("IngestionCapacity", PolicyField.capacity()),
                    optional("ExtentsMergeCapacity", PolicyField.capacity()),
                    optional("ExtentsPurgeRebuildCapacity", PolicyField.capacity()),
                    optional("ExportCapacity", PolicyField.capacity()),
                    optional("ExtentsPartitionCapacity", PolicyField.capacity()),
                    optional("MaterializedViewsCapacity", PolicyField.capacity()),
                    optional("StoredQueryResultsCapacity", PolicyField.capacity()),
                    optional("StreamingIngestionPostProcessingCapacity", PolicyField.capacity()),
                    optional("PurgeStorageArtifactsCleanupCapacity", PolicyField.capacity()),
                    optional("PeriodicStorageArtifactsCleanupCapacity", PolicyField.capacity()),
                    optional("MirroringCapacity", PolicyField.capacity()),
                    optional("QueryAccelerationCapacity", PolicyField.capacity()),
                    optional("GraphSnapshotsCapacity", PolicyField.capacity()))),
                    "`IngestionCapacity` and `ExportCapacity` decide how many such commands run at once, the others are kept and shown; "
                            + "without a policy at least four and two do"),
            new PolicyFamily(PolicyKind.REQUEST_CLASSIFICATION, "RequestClassification", new PolicyShape.Fields(List.of(
                    optional("ClassificationProperties", PolicyFamilies::problemOfClassification),
                    of("IsEnabled", "true", bool()),
                    optional("ClassificationFunction", text()))),
                    PolicyFamilies::classification, "its function tells the workload group of each query and command"),
            new PolicyFamily(PolicyKind.QUERY_WEAK_CONSISTENCY, "QueryWeakConsistency", new PolicyShape.Fields(List.of(
                    of("PercentageOfNodes", "-1", whole(-1, 100)),
                    of("MinimumNumberOfNodes", "-1", whole(-1, MANY)),
                    of("MaximumNumberOfNodes", "-1", whole(-1, MANY)),
                    of("SuperSlackerNumberOfNodesThreshold", "-1", whole(-1, MANY)),
                    of("EnableMetadataPrefetch", "false", bool()),
                    of("MaximumLagAllowedInMinutes", "-1", whole(-1, MANY)),
                    of("RefreshPeriodInSeconds", "-1", whole(-1, MANY)))),
                    KEPT + ": every query sees what is committed"));

    /// A timespan in any written form, as policies print it.
    static String periodText(PolicyKind kind, String text) {
        var ticks = TimeSpanText.parse(inside("timespan", text));
        if (ticks.isEmpty()) {
            ticks = TimeSpanText.parse(inside("time", text));
        }
        if (ticks.isEmpty()) {
            throw bad(kind, "'" + text + "' is not a timespan");
        }
        return TimeSpanText.format(ticks.getAsLong());
    }

    private static OptionalLong ticks(String text) {
        return DateTimeText.parse(inside("datetime", text));
    }

    private static String inside(String word, String text) {
        boolean isTyped = text.regionMatches(true, 0, word + "(", 0, word.length() + 1) && text.endsWith(")");
        var bare = isTyped ? text.substring(word.length() + 1, text.length() - 1).strip() : text;
        boolean isQuoted = bare.length() > 1 && "'\"".indexOf(bare.charAt(0)) >= 0;
        return isQuoted ? bare.substring(1, bare.length() - 1) : bare;
    }

    private static JsonNode caching(CommandMatch match, Optional<JsonNode> current) {
        var value = JsonNodeFactory.instance.objectNode();
        var both = match.find("Timespan").map(a -> a.text());
        var data = both.or(() -> match.find("HotData").map(a -> a.text())).orElseThrow();
        var index = both.or(() -> match.find("HotIndex").map(a -> a.text())).orElseThrow();
        value.putObject("DataHotSpan").put("Value", hotText(data));
        value.putObject("IndexHotSpan").put("Value", hotText(index));
        var from = match.texts("d1");
        var to = match.texts("d2");
        if (!from.isEmpty()) {
            var windows = value.putArray("HotWindows");
            for (int i = 0; i < from.size(); i++) {
                if (ticksOf(from.get(i)) >= ticksOf(to.get(i))) {
                    throw bad(PolicyKind.CACHING, "hot_window: " + from.get(i) + " .. " + to.get(i) + " ends before it begins");
                }
                windows.addObject().put("MinValue", printed(from.get(i))).put("MaxValue", printed(to.get(i)));
            }
        }
        return value;
    }

    private static String hotText(String span) {
        var text = periodText(PolicyKind.CACHING, span);
        if (text.startsWith("-")) {
            throw bad(PolicyKind.CACHING, "the hot span is not negative, found " + text);
        }
        return text;
    }

    private static String printed(String datetime) {
        return trimmed(ticksOf(datetime)) + "Z";
    }

    private static long ticksOf(String datetime) {
        return ticks(datetime).orElseThrow(() -> bad(PolicyKind.CACHING, "'" + datetime + "' is not a datetime"));
    }

    /// Each element of a policy has these.
    private static JsonNode withAll(PolicyKind kind, JsonNode value, String... names) {
        for (var element : value) {
            for (var name : names) {
                if (!element.has(name)) {
                    throw bad(kind, name + " is missing in " + element);
                }
            }
        }
        return value;
    }

    private static Optional<String> problemOfIdentity(JsonNode value) {
        boolean isGuid = value.asText().matches("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");
        return value.isTextual() && (isGuid || value.textValue().equalsIgnoreCase("system"))
                ? Optional.empty() : Optional.of("is the id of an identity, a guid, or system, found " + value);
    }

    private static Optional<String> problemOfUsages(JsonNode value) {
        var unknown = !value.isTextual() ? Optional.of(value.toString()) : Arrays.stream(value.textValue().split(",", -1)).map(String::strip)
                .filter(usage -> IDENTITY_USAGES.stream().noneMatch(usage::equalsIgnoreCase)).findFirst();
        return unknown.map(usage -> "is a text with usages between commas, of " + String.join(", ", IDENTITY_USAGES) + "; found '" + usage + "'");
    }

    private static Optional<String> problemOfClassification(JsonNode value) {
        boolean isList = value.isArray() && value.valueStream().allMatch(name -> CLASSIFIED.contains(name.asText()));
        return isList ? Optional.empty() : Optional.of("is an array of " + String.join(", ", CLASSIFIED) + ", found " + value);
    }

    /// Without a fraction that is zero.
    private static String trimmed(long ticks) {
        return DateTimeText.format(ticks).replaceFirst("Z$", "").replaceFirst("\\.0+$", "");
    }

    private static JsonNode rowOrder(CommandMatch match, Optional<JsonNode> current) {
        var value = JsonNodeFactory.instance.objectNode();
        var order = value.putArray("RowOrder");
        var named = match.texts("ColumnName");
        current.ifPresent(before -> before.path("RowOrder").forEach(column -> {
            if (!named.contains(column.path("ColumnName").asText())) {
                order.add(column);
            }
        }));
        // The direction is a keyword after each column: the text says which.
        for (var column : match.arguments().stream().filter(a -> a.name().equals("ColumnName")).toList()) {
            var rest = match.text().substring(column.span().end()).strip().toLowerCase(Locale.ROOT);
            order.addObject().put("ColumnName", column.text()).put("IsAscending", rest.startsWith("asc"));
        }
        return value;
    }

    private static JsonNode ofColumns(CommandContext context, JsonNode value) {
        for (var table : context.tableNames()) {
            for (var column : value.path("RowOrder")) {
                requireColumn(context, table, column.path("ColumnName").asText(), PolicyKind.ROW_ORDER);
            }
        }
        return value;
    }

    private static void requireColumn(CommandContext context, String table, String column, PolicyKind kind) {
        if (context.table(table).column(column).isEmpty()) {
            throw bad(kind, "table '" + table + "' has no column '" + column + "'");
        }
    }

    private static JsonNode partitioning(CommandContext context, JsonNode value) {
        var keys = value.path("PartitionKeys");
        if (keys.size() > PARTITION_KEYS_MAX) {
            throw bad(PolicyKind.PARTITIONING, "there are at most " + PARTITION_KEYS_MAX + " PartitionKeys, found " + keys.size());
        }
        for (var key : keys) {
            PARTITION_KEY.apply(key).ifPresent(problem -> {
                throw bad(PolicyKind.PARTITIONING, "PartitionKeys: an element " + problem);
            });
            // A view's columns are those of its query; the policy of one is kept as it is given.
            for (var table : context.tableNames()) {
                requireColumn(context, table, key.path("ColumnName").asText(), PolicyKind.PARTITIONING);
            }
            var kind = key.path("Kind").asText();
            if (!kind.equals("Hash") && !kind.equals("UniformRange")) {
                throw bad(PolicyKind.PARTITIONING, "Kind is Hash or UniformRange, found " + key.path("Kind"));
            }
            (kind.equals("Hash") ? HASH : UNIFORM_RANGE).apply(key.path("Properties").isMissingNode()
                    ? JsonNodeFactory.instance.objectNode() : key.path("Properties")).ifPresent(problem -> {
                throw bad(PolicyKind.PARTITIONING, "Properties of a key of kind " + kind + " " + problem);
            });
            for (var table : context.tableNames()) {
                var type = context.table(table).column(key.path("ColumnName").asText()).orElseThrow().type();
                if (!(kind.equals("Hash") ? Set.of(Type.STRING, Type.GUID) : Set.of(Type.DATETIME)).contains(type)) {
                    throw bad(PolicyKind.PARTITIONING, "a key of kind " + kind + " is a column of type "
                            + (kind.equals("Hash") ? "string or guid" : "datetime") + ", found '" + key.path("ColumnName").asText() + "' of type "
                            + type.kustoName());
                }
            }
        }
        return value;
    }

    private static JsonNode autoDelete(CommandContext context, JsonNode value) {
        if (!value.has("ExpiryDate")) {
            throw bad(PolicyKind.AUTO_DELETE, "ExpiryDate is missing");
        }
        var printed = JsonNodeFactory.instance.objectNode();
        printed.put("ExpiryDate", trimmed(DateTimeText.parse(value.get("ExpiryDate").asText()).orElseThrow()));
        printed.set("DeleteIfNotEmpty", value.get("DeleteIfNotEmpty"));
        return printed;
    }

    /// The function stands after `<|`; an `.alter-merge` keeps it.
    private static JsonNode classification(CommandContext context, JsonNode value) {
        var printed = ((ObjectNode) value).deepCopy();
        var function = context.match().find("Query").map(a -> a.text().strip());
        if (function.isEmpty()) {
            return printed;
        }
        context.services().problemOfClassification(context.request(), function.get()).ifPresent(problem -> {
            throw bad(PolicyKind.REQUEST_CLASSIFICATION, problem);
        });
        var named = JsonNodeFactory.instance.arrayNode();
        context.services().propertiesForClassification(function.get()).forEach(named::add);
        var whole = JsonNodeFactory.instance.objectNode();
        whole.set("ClassificationProperties", named);
        whole.set("IsEnabled", printed.get("IsEnabled"));
        return whole.put("ClassificationFunction", function.get());
    }

    private static KustoException bad(PolicyKind kind, String problem) {
        return new KustoException(StorageErrors.badPolicy(kind.kustoName(), problem));
    }
}
