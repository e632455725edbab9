package io.conshelf.streams.job;

import static io.conshelf.streams.job.DatasourceType.Format.NEEDED;
import static io.conshelf.streams.job.DatasourceType.Format.NONE;
import static io.conshelf.streams.job.DatasourceType.Format.OPTIONAL;
import static io.conshelf.streams.job.DatasourceType.Role.OUTPUT;
import static io.conshelf.streams.job.DatasourceType.Role.REFERENCE;
import static io.conshelf.streams.job.DatasourceType.Role.STREAM;
import static io.conshelf.streams.job.Setting.mayBeEmpty;
import static io.conshelf.streams.job.Setting.needed;
import static io.conshelf.streams.job.Setting.refused;
import static io.conshelf.streams.job.Setting.secret;
import static io.conshelf.streams.job.Setting.text;
import static io.conshelf.streams.job.Setting.withoutEffect;

import io.conshelf.streams.job.DatasourceType.Role;
import io.conshelf.streams.job.Setting.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The kinds of stores that inputs and outputs name, with every property that the service documents for them.
public final class Datasources {
    public static final String EVENT_HUB = "Microsoft.ServiceBus/EventHub";
    /// The same under its newer name.
    public static final String EVENT_HUB_V2 = "Microsoft.EventHub/EventHub";
    public static final String IOT_HUB = "Microsoft.Devices/IotHubs";
    public static final String BLOB = "Microsoft.Storage/Blob";
    public static final String KUSTO = "Microsoft.Kusto/clusters/databases";
    public static final String SQL = "Microsoft.Sql/Server/Database";
    public static final String POSTGRES = "Microsoft.DBForPostgreSQL/servers/databases";
    /// The service has it in its portal alone.
    public static final String KAFKA = "Kafka";
    /// Only here.
    public static final String MQTT = "Mqtt";
    /// A file or a folder of this machine.
    public static final String FILE = "File";
    public static final String RAW = "Raw";
    /// Only here.
    public static final String CONSOLE = "Console";

    /// Of inputs made of files: whether new ones are waited for. As the service does it, blobs are where nothing is said; folders are not.
    static final String FOLLOW = "follow";

    private static final Setting AUTHENTICATION = text("authenticationMode", "ConnectionString or Msi");
    private static final Setting DATE_FORMAT = text("dateFormat", "the format of {date}, such as yyyy/MM/dd").ofPlace("yyyy/MM/dd");
    private static final Setting TIME_FORMAT = text("timeFormat", "the format of {time}, such as HH").ofPlace("HH");
    private static final List<Setting> HUB = List.of(
            needed("serviceBusNamespace", "the name of the Event Hubs namespace, or host:port of what speaks Kafka in its place"),
            needed("eventHubName", "the name of the event hub"),
            text("sharedAccessPolicyName", "the name of the access policy"),
            secret("sharedAccessPolicyKey", "the key of the access policy"),
            AUTHENTICATION,
            withoutEffect("partitionCount", Kind.NUMBER, "the partitions are those that the hub has"));
    private static final List<Setting> KAFKA_SERVER = List.of(
            needed("bootstrapServers", "host:port, several with commas between"),
            needed("topicName", "the name of the topic"),
            text("securityProtocol", "Plaintext, Ssl, SaslPlaintext or SaslSsl"),
            text("saslMechanism", "Plain, ScramSha256 or ScramSha512"),
            text("username", "who signs in"),
            secret("password", "their password"),
            refused("schemaRegistryUrl", Kind.TEXT, "messages with a schema registry are not read"));
    private static final List<Setting> BLOBS = List.of(
            needed("storageAccounts", Kind.LIST, "a list of one storage account, {\"accountName\", \"accountKey\"}"),
            needed("container", "the name of the container"),
            DATE_FORMAT, TIME_FORMAT, AUTHENTICATION);
    private static final Setting BLOB_PATH = mayBeEmpty("pathPattern", "the path of the blobs in the container, with {date} and {time} where they are a part of it");
    private static final List<Setting> DATABASE = List.of(
            needed("server", "the host name of the server"),
            needed("database", "the name of the database"),
            text("user", "who signs in"),
            secret("password", "their password"),
            AUTHENTICATION);

    private static final Setting DELTA_QUERY = text("deltaSnapshotQuery",
            "the query of the rows that came (_operation_ 1) and went (2) between @deltaStartTime and @deltaEndTime");

    private static final List<DatasourceType> ALL = List.of(
            // streams
            of(STREAM, EVENT_HUB, "Event Hub", HUB, text("consumerGroupName", "the consumer group, $Default where none is named"),
                    withoutEffect("prefetchCount", Kind.NUMBER, "the Kafka client fetches as much as there is")),
            of(STREAM, EVENT_HUB_V2, "Event Hub", HUB, text("consumerGroupName", "the consumer group, $Default where none is named"),
                    withoutEffect("prefetchCount", Kind.NUMBER, "the Kafka client fetches as much as there is")),
            DatasourceType.of(STREAM, IOT_HUB, "IoT Hub", NEEDED,
                    needed("iotHubNamespace", "the Event Hubs compatible endpoint of the IoT hub, or host:port of what speaks Kafka in its place"),
                    text("sharedAccessPolicyName", "the name of the access policy"),
                    secret("sharedAccessPolicyKey", "the key of the access policy"),
                    text("consumerGroupName", "the consumer group, $Default where none is named"),
                    text("endpoint", "messages/events, the only endpoint that is read"),
                    text("eventHubName", "the Event Hubs compatible name, the hub's own where none is given").ofPlace(),
                    AUTHENTICATION),
            of(STREAM, BLOB, "Blob Storage", BLOBS, BLOB_PATH,
                    Setting.of(FOLLOW, Kind.FLAG, "false: the blobs that are there are read, and no new ones are waited for"), withoutEffect("sourcePartitionCount", Kind.NUMBER, "blobs are read as they are found")),
            of(STREAM, KAFKA, "Kafka", KAFKA_SERVER, text("consumerGroupName", "the consumer group")),
            DatasourceType.of(STREAM, MQTT, "MQTT", NEEDED,
                    needed("broker", "host:port of the broker, or its URL (mqtt://host:port)"),
                    needed("topicName", "the filter of topics, with + and #"),
                    text("clientId", "as whom the broker knows the job"),
                    Setting.of("qos", Kind.NUMBER, "0, 1 or 2"),
                    text("version", "5 or 3.1.1, of MQTT"),
                    Setting.of("tls", Kind.FLAG, "whether the connection is encrypted"),
                    text("username", "who signs in"),
                    secret("password", "their password")),
            DatasourceType.of(STREAM, FILE, "File", NEEDED,
                    needed("path", "a file, or a folder whose files are read as they come"),
                    Setting.of(FOLLOW, Kind.FLAG, "whether new files of the folder are waited for")),
            DatasourceType.of(STREAM, RAW, "Raw", NEEDED, secret("payload", "the events themselves").ofPlace(), text("payloadUri", "where the events are").ofPlace()),
            DatasourceType.refused(STREAM, "GatewayMessageBus", "Edge Hub", "there is no edge hub here; read what it passes on through MQTT"),
            DatasourceType.refused(STREAM, "Microsoft.EventGrid/EventSubscriptions", "Event Grid", "subscriptions of Event Grid are not made here; read the event hub that they fill"),

            // reference data
            of(REFERENCE, BLOB, "Blob Storage", BLOBS,
                    needed("pathPattern", "the path of the blobs in the container, with {date} and {time} where they are a part of it"),
                    withoutEffect("sourcePartitionCount", Kind.NUMBER, "reference data has no partitions"),
                    text("blobName", "the name of the blob, behind the path"),
                    refused("deltaPathPattern", Kind.TEXT, "changes to snapshots are not read, only snapshots"),
                    withoutEffect("fullSnapshotRefreshRate", Kind.DURATION, "a snapshot is read when it is there"),
                    refused("deltaSnapshotRefreshRate", Kind.DURATION, "changes to snapshots are not read, only snapshots")),
            of(REFERENCE, SQL, "SQL Database", NONE, DATABASE, needed("fullSnapshotQuery", "the query whose rows are the reference data"),
                    DELTA_QUERY,
                    text("table", "the table that the portal shows"),
                    text("refreshType", "Static, RefreshPeriodicallyWithFull or RefreshPeriodicallyWithDelta"),
                    Setting.of("refreshRate", Kind.DURATION, "how often the query is run again")),
            of(REFERENCE, POSTGRES, "PostgreSQL", NONE, DATABASE, needed("fullSnapshotQuery", "the query whose rows are the reference data"),
                    DELTA_QUERY,
                    text("refreshType", "Static, RefreshPeriodicallyWithFull or RefreshPeriodicallyWithDelta"),
                    Setting.of("refreshRate", Kind.DURATION, "how often the query is run again")),
            DatasourceType.of(REFERENCE, FILE, "File", NEEDED, needed("path", "the file")),
            DatasourceType.of(REFERENCE, RAW, "Raw", NEEDED, secret("payload", "the rows themselves"), text("payloadUri", "where the rows are")),

            // outputs
            DatasourceType.of(OUTPUT, KUSTO, "Azure Data Explorer", NONE,
                    needed("cluster", "the address of the cluster, or its name"),
                    needed("database", "the name of the database"),
                    needed("table", "the name of the table, in its case"),
                    text("authenticationMode", "Msi, the only one there is for this output"),
                    text("deliveryMode", "Queued (exactly once where the cluster knows ingest-by tags) or Streaming (at once, at least once)"),
                    Setting.of("flushImmediately", Kind.FLAG, "whether queued rows are seen with each checkpoint, and not by the table's batching policy")),
            of(OUTPUT, BLOB, "Blob Storage", BLOBS, BLOB_PATH, text("blobPathPrefix", "what stands in front of the path").ofPlace(),
                    text("blobWriteMode", "Append or Once")),
            of(OUTPUT, EVENT_HUB, "Event Hub", HUB, text("partitionKey", "the column whose values keep events together"),
                    Setting.of("propertyColumns", Kind.LIST, "the columns that become properties of the message")),
            of(OUTPUT, EVENT_HUB_V2, "Event Hub", HUB, text("partitionKey", "the column whose values keep events together"),
                    Setting.of("propertyColumns", Kind.LIST, "the columns that become properties of the message")),
            of(OUTPUT, KAFKA, "Kafka", KAFKA_SERVER, text("partitionKey", "the column whose values keep events together"),
                    Setting.of("propertyColumns", Kind.LIST, "the columns that become headers of the message")),
            of(OUTPUT, SQL, "SQL Database", NONE, DATABASE, needed("table", "the name of the table, with its schema where it needs one"),
                    Setting.of("maxBatchCount", Kind.NUMBER, "rows written at once, 10000 where none is given"),
                    Setting.of("maxWriterCount", Kind.NUMBER, "1 for one writer, 0 for one in each task of the job")),
            of(OUTPUT, POSTGRES, "PostgreSQL", NONE, DATABASE, needed("table", "the name of the table, with its schema where it needs one"),
                    Setting.of("maxBatchCount", Kind.NUMBER, "rows written at once, 10000 where none is given"),
                    Setting.of("maxWriterCount", Kind.NUMBER, "1 for one writer, 0 for one in each task of the job")),
            DatasourceType.of(OUTPUT, FILE, "File", NEEDED, needed("path", "the folder, or the file, that is written"),
                    text("pathPattern", "the path of the files in the folder, with {date}, {time} and {column}").ofPlace(),
                    DATE_FORMAT, TIME_FORMAT),
            DatasourceType.of(OUTPUT, CONSOLE, "Console", NONE),
            DatasourceType.of(OUTPUT, RAW, "Raw", OPTIONAL, text("payloadUri", "where the rows go").ofPlace()),
            DatasourceType.refused(OUTPUT, "Microsoft.Sql/Server/DataWarehouse", "Azure Synapse Analytics", "write into SQL Database or Azure Data Explorer instead"),
            DatasourceType.refused(OUTPUT, "Microsoft.Storage/Table", "Table Storage", "write into blobs or a database instead"),
            DatasourceType.refused(OUTPUT, "Microsoft.Storage/DocumentDB", "DocumentDB", "write into Azure Data Explorer or a database instead"),
            DatasourceType.refused(OUTPUT, "Microsoft.ServiceBus/Queue", "Service Bus Queue", "write into an event hub or Kafka instead"),
            DatasourceType.refused(OUTPUT, "Microsoft.ServiceBus/Topic", "Service Bus Topic", "write into an event hub or Kafka instead"),
            DatasourceType.refused(OUTPUT, "PowerBI", "Power BI", "write into Azure Data Explorer, which Power BI reads"),
            DatasourceType.refused(OUTPUT, "Microsoft.DataLake/Accounts", "Data Lake Store", "that store is retired; write into blobs"),
            DatasourceType.refused(OUTPUT, "Microsoft.AzureFunction", "Azure Function", "write into Kafka and call the function from there"),
            DatasourceType.refused(OUTPUT, "GatewayMessageBus", "Edge Hub", "there is no edge hub here; write into Kafka instead"));

    private Datasources() {}

    private static DatasourceType of(Role role, String type, String title, List<Setting> shared, Setting... own) {
        return of(role, type, title, NEEDED, shared, own);
    }

    private static DatasourceType of(Role role, String type, String title, DatasourceType.Format format, List<Setting> shared, Setting... own) {
        List<Setting> settings = new ArrayList<>(shared);
        settings.addAll(List.of(own));
        return new DatasourceType(type, title, role, settings, format, "");
    }

    public static List<DatasourceType> all() {
        return ALL;
    }

    static Optional<DatasourceType> find(Role role, String type) {
        return of(role).filter(known -> known.type().equalsIgnoreCase(type)).findFirst();
    }

    /// By the name in project files, such as `Event Hub`.
    static Optional<DatasourceType> titled(Role role, String title) {
        String plain = title.replace(" ", "");
        return of(role).filter(known -> known.title().replace(" ", "").equalsIgnoreCase(plain)).findFirst();
    }

    static Stream<DatasourceType> of(Role role) {
        return ALL.stream().filter(known -> known.role() == role);
    }
}
