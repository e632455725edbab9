package io.conshelf.processor.definition;

import static io.conshelf.processor.definition.Setting.needed;
import static io.conshelf.processor.definition.Setting.optional;
import static io.conshelf.processor.definition.Setting.withDefault;
import static io.conshelf.processor.definition.Setting.withoutEffect;
import static io.conshelf.processor.definition.StageType.Role.DESTINATION;
import static io.conshelf.processor.definition.StageType.Role.PROCESSOR;
import static io.conshelf.processor.definition.StageType.Role.SOURCE;

import io.conshelf.processor.definition.Shape.Group;
import io.conshelf.processor.definition.Shape.Kind;
import io.conshelf.processor.definition.Shape.ListOf;
import io.conshelf.processor.definition.Shape.MapOf;
import io.conshelf.processor.definition.Shape.Number;
import io.conshelf.processor.definition.Shape.OneOf;
import io.conshelf.processor.definition.Shape.TextOr;
import io.conshelf.processor.definition.Shape.Variant;
import io.conshelf.processor.definition.Shape.Variants;
import io.conshelf.processor.definition.StageType.Role;
import io.conshelf.processor.path.FileTemplate;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The kinds of stages, with every property that the service documents for them.
public final class StageTypes {
    public static final String MQTT_SOURCE = "input/mqtt@v1";
    public static final String HTTP_SOURCE = "input/http@v1";
    public static final String SQL_SERVER_SOURCE = "input/sqlserver@v1";
    /// Only here.
    public static final String POSTGRESQL_SOURCE = "input/postgresql@v1";
    public static final String INFLUXDB_SOURCE = "input/influxdbv2@v1";
    public static final String TRANSFORM = "processor/transform@v1";
    public static final String FILTER = "processor/filter@v1";
    public static final String AGGREGATE = "processor/aggregate@v1";
    public static final String ENRICH = "processor/enrich@v1";
    public static final String LAST_KNOWN_VALUE = "processor/lkv@v1";
    public static final String HTTP_CALL = "processor/http@v1";
    public static final String GRPC_CALL = "processor/grpc@v1";
    public static final String DATA_EXPLORER = "output/dataexplorer@v1";
    public static final String MQTT_DESTINATION = "output/mqtt@v1";
    public static final String REFERENCE_DATA = "output/refdata@v1";
    public static final String HTTP_DESTINATION = "output/http@v1";
    public static final String BLOB = "output/blobstorage@v1";
    public static final String FABRIC = "output/fabric@v1";
    public static final String GRPC_DESTINATION = "output/grpc@v1";
    public static final String FILE = "output/file@v1";

    static final int PARTITIONS_MAX = 100;
    static final int CONDITIONS_MAX = 10;
    static final int KEYS_MAX = 10;
    static final int RETRIES_MAX = 20;

    /// What every stage has. `next` is read apart: a destination has none.
    public static final List<Setting> COMMON = List.of(
            withoutEffect("displayName", Kind.TEXT, "it is what the portal shows"),
            withoutEffect("description", Kind.TEXT, "it is what the portal shows"),
            withoutEffect("viewOptions", Kind.OBJECT, "it is where the portal draws the stage"));

    private static final Variant NO_LOGIN = Variant.of("none");
    private static final Variant PASSWORD = Variant.of("usernamePassword", needed("username", Kind.TEXT, "who signs in"),
            needed("password", Kind.SECRET, "the name of the secret that holds the password"));
    private static final Variant HEADER = Variant.of("header", needed("key", Kind.TEXT, "the name of the header"),
            needed("value", Kind.SECRET, "the name of the secret that holds the header's value"));
    private static final Variant CALL_HEADER = Variant.of("header", needed("key", OneOf.of("authorization"), "the name of the header"),
            needed("value", Kind.SECRET, "the name of the secret that holds the header's value"));
    private static final Variant SERVICE_PRINCIPAL = Variant.of("servicePrincipal", needed("tenantId", Kind.TEXT, "the tenant of the application"),
            needed("clientId", Kind.TEXT, "the id of the application"), needed("clientSecret", Kind.SECRET, "the name of the secret that holds the client secret"));
    private static final Variant ACCOUNT_TOKEN = Variant.of("serviceAccountToken");
    private static final Variant MANAGED_IDENTITY = Variant.of("managedIdentity");
    private static final Variant SYSTEM_IDENTITY = Variant.of("systemAssignedManagedIdentity");
    private static final Variant ACCESS_KEY = Variant.of("accessKey", needed("accessKey", Kind.SECRET, "the name of the secret that holds the key"));
    private static final Variant ACCESS_TOKEN = Variant.of("accessToken", needed("accessToken", Kind.SECRET, "the name of the secret that holds the token"));
    private static final Variant METADATA = Variant.of("metadata", withDefault("key", Kind.TEXT, "\"authorization\"", "the name of the metadata"),
            needed("value", Kind.SECRET, "the name of the secret that holds its value"));
    /// Only here.
    private static final Variant CERTIFICATE = Variant.of("x509Certificate", needed("certificate", Kind.SECRET, "the name of the secret that holds the certificate as PEM"),
            needed("privateKey", Kind.SECRET, "the name of the secret that holds its private key as PEM"));

    private static final Setting NO_PATH = withoutEffect("path", Kind.PATH, "what a source reads is the payload, and what is batched is cut out by 'batch.path'");
    private static final Setting BODY_PATH = withDefault("path", Kind.PATH, "\".payload\"", "where the body is in the message");

    private static final Setting DATASET = needed("dataset", Kind.TEXT, "the name of a dataset");
    private static final Setting RETRY = withDefault("retry", retry(), "{\"type\": \"default\"}", "how often it is tried again");
    private static final Setting BATCH = withDefault("batch", Group.of(
            withDefault("time", Kind.DURATION, "\"60s\"", "how long a batch is gathered"),
            withDefault("path", Kind.PATH, "\".payload\"", "where the record is in a message")), "{}", "how messages are gathered");
    private static final Setting EXPRESSION = needed("expression", Kind.EXPRESSION, "the expression in jq").alias("query");
    private static final Setting URL = needed("url", Kind.URL, "the address");
    private static final Setting BROKER = needed("broker", Kind.BROKER, "the address of the broker");
    private static final Setting TRUST = optional("trustedCaCertificate", Kind.SECRET, "the name of the secret that holds the certificates, as PEM, that the broker's may be issued by");

    private static final List<StageType> ALL = List.of(
            StageType.of(SOURCE, MQTT_SOURCE, "MQ", source("key", ".topic", 2, sourceFormats()),
                    BROKER,
                    needed("topics", ListOf.some(Kind.TOPIC_FILTER), "the filters of topics"),
                    withDefault("qos", new Number(0, 2), "1", "the quality of service"),
                    withDefault("cleanSession", Kind.FLAG, "false", "whether the broker forgets the subscription when the connection ends"),
                    authentication(NO_LOGIN, ACCOUNT_TOKEN, PASSWORD, CERTIFICATE),
                    TRUST),
            StageType.of(SOURCE, HTTP_SOURCE, "HTTP endpoint", source("id", "0", 1, sourceFormats()),
                    URL,
                    withDefault("method", OneOf.of("GET", "POST"), "\"GET\"", "the method of the request"),
                    interval(),
                    optional("request", Group.of(
                            optional("body", new TextOr(new Variants(List.of(Variant.of("static", needed("value", Kind.ANY, "the body"))), "")), "the body, which is always the same"),
                            withDefault("headers", ListOf.any(pair(true)), "[]", "headers, which are always the same")), "what is sent"),
                    authentication(NO_LOGIN, PASSWORD, HEADER)),
            StageType.of(SOURCE, SQL_SERVER_SOURCE, "SQL Server", source("id", "0", 1, sourceFormats()), sql(1433, NO_LOGIN, PASSWORD, SERVICE_PRINCIPAL)).alias("input/mssql@v1"),
            StageType.of(SOURCE, POSTGRESQL_SOURCE, "PostgreSQL", source("id", "0", 1, sourceFormats()), sql(5432, NO_LOGIN, PASSWORD)),
            StageType.of(SOURCE, INFLUXDB_SOURCE, "InfluxDB v2", source("id", "0", 1, formats(Variant.of("json"))),
                    URL,
                    withDefault("port", new Number(1, 65_535), "443", "the port of the server"),
                    needed("organization", Kind.TEXT, "the organization"),
                    needed("query", Group.of(needed("expression", Kind.TEXT, "the query in Flux")), "the query"),
                    interval(),
                    authentication(ACCESS_TOKEN)).refused("databases of InfluxDB are not read yet"),

            StageType.of(PROCESSOR, TRANSFORM, "Transform", EXPRESSION),
            StageType.of(PROCESSOR, FILTER, "Filter", EXPRESSION),
            StageType.of(PROCESSOR, AGGREGATE, "Aggregate",
                    needed("window", new Variants(List.of(Variant.of("tumbling", needed("size", Kind.DURATION, "how long a window is"))), "tumbling"), "the window"),
                    needed("properties", ListOf.some(Group.of(
                            needed("function", OneOf.of("sum", "average", "count", "min", "max", "first", "last", "collect"), "the function"),
                            needed("inputPath", Kind.PATH, "where the value is in a message"),
                            needed("outputPath", Kind.PATH, "where the result goes in the window's message"))), "what is computed")),
            StageType.of(PROCESSOR, ENRICH, "Enrich",
                    DATASET,
                    needed("outputPath", Kind.PATH, "where the records go in the message"),
                    withDefault("alwaysArray", Kind.FLAG, "false", "whether a single record is an array too"),
                    optional("limit", new Number(1, Integer.MAX_VALUE), "how many records there are at most"),
                    withDefault("conditions", new ListOf(conditions(), 0, CONDITIONS_MAX), "[]", "which records they are")),
            StageType.of(PROCESSOR, LAST_KNOWN_VALUE, "Last known values",
                    needed("properties", ListOf.some(Group.of(
                            needed("inputPath", Kind.PATH, "where the value is in a message"),
                            needed("outputPath", Kind.PATH, "where the last known one goes"),
                            optional("expirationTime", Kind.DURATION, "how long a value counts as known"),
                            optional("timestampPath", Kind.PATH, "where the time of the last known value goes"))), "what is tracked")),
            StageType.of(PROCESSOR, HTTP_CALL, "Call out HTTP",
                    URL,
                    withDefault("method", OneOf.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"), "\"POST\"", "the method of the request"),
                    authentication(NO_LOGIN, PASSWORD, CALL_HEADER),
                    optional("request", request(), "what is sent"),
                    optional("response", Group.of(
                            optional("body", body(), "where the answer's body goes"),
                            optional("headers", Kind.PATH, "where the answer's headers go"),
                            optional("status", Kind.PATH, "where the answer's status goes")), "what becomes of the answer"),
                    RETRY),
            StageType.of(PROCESSOR, GRPC_CALL, "Call out gRPC", RETRY,
                    needed("serverAddress", Kind.TEXT, "the address of the server"),
                    needed("rpcName", Kind.TEXT, "package.Service/Method"),
                    needed("descriptor", Kind.BASE64, "the descriptors of the service"),
                    withDefault("tls", Kind.FLAG, "false", "whether the connection is encrypted"),
                    authentication(NO_LOGIN, METADATA),
                    optional("request", Group.of(optional("body", Kind.PATH, "where the request is"), withDefault("metadata", ListOf.any(pair(false)), "[]", "metadata")), "what is sent"),
                    optional("response", Group.of(optional("body", Kind.PATH, "where the answer goes"), optional("metadata", Kind.PATH, "where its metadata goes"),
                            optional("status", Kind.PATH, "where its status goes")), "what becomes of the answer")).refused("servers of gRPC are not called yet"),

            StageType.of(DESTINATION, DATA_EXPLORER, "Azure Data Explorer",
                    needed("clusterUrl", Kind.URL, "the URI of the cluster, not that of its data ingestion"),
                    needed("database", Kind.TEXT, "the name of the database"),
                    needed("table", Kind.TEXT, "the name of the table"),
                    needed("columns", ListOf.some(Group.of(
                            needed("name", Kind.TEXT, "the name of the column"),
                            optional("path", Kind.PATH, "where its value is in the record; .name where none is stated"))), "the columns that are written"),
                    needed("authentication", variants(SERVICE_PRINCIPAL, MANAGED_IDENTITY, SYSTEM_IDENTITY), "how it signs in"),
                    BATCH, RETRY),
            StageType.of(DESTINATION, MQTT_DESTINATION, "MQ",
                    BROKER,
                    needed("topic", new TextOr(field()), "the topic"),
                    withDefault("qos", new Number(0, 2), "1", "the quality of service"),
                    needed("format", streamedBody(), "how the payload is written"),
                    authentication(NO_LOGIN, ACCOUNT_TOKEN, PASSWORD, CERTIFICATE),
                    TRUST,
                    withDefault("userProperties", ListOf.any(pair(false)), "[]", "user properties"),
                    RETRY),
            StageType.of(DESTINATION, REFERENCE_DATA, "Reference datasets", DATASET),
            StageType.of(DESTINATION, HTTP_DESTINATION, "HTTP",
                    URL,
                    needed("method", OneOf.of("POST", "PUT"), "the method of the request"),
                    optional("request", request(), "what is sent"),
                    authentication(NO_LOGIN, PASSWORD, HEADER),
                    RETRY),
            StageType.of(DESTINATION, BLOB, "Azure Blob Storage",
                    needed("accountName", Kind.TEXT, "the storage account"),
                    needed("containerName", Kind.TEXT, "the container"),
                    needed("authentication", variants(SERVICE_PRINCIPAL, SYSTEM_IDENTITY, MANAGED_IDENTITY, ACCESS_KEY), "how it signs in"),
                    needed("format", writtenFormats(NO_PATH), "how the records are written"),
                    template("blobPath"), BATCH, RETRY),
            StageType.of(DESTINATION, FABRIC, "Fabric Lakehouse",
                    URL,
                    needed("workspace", Kind.TEXT, "the workspace"),
                    needed("lakehouse", Kind.TEXT, "the lakehouse"),
                    needed("table", Kind.TEXT, "the table"),
                    needed("columns", ListOf.some(Group.of(needed("name", Kind.TEXT, "the name of the column"), needed("type", Kind.TEXT, "its type"),
                            optional("path", Kind.PATH, "where its value is in the record"))), "the columns that are written"),
                    needed("authentication", variants(SERVICE_PRINCIPAL, MANAGED_IDENTITY, SYSTEM_IDENTITY), "how it signs in"),
                    template("filePath"), BATCH, RETRY).refused("lakehouses of Fabric are not written"),
            StageType.of(DESTINATION, GRPC_DESTINATION, "gRPC", RETRY,
                    needed("serverAddress", Kind.TEXT, "the address of the server"),
                    needed("rpcName", Kind.TEXT, "package.Service/Method"),
                    needed("descriptor", Kind.BASE64, "the descriptors of the service"),
                    withDefault("tls", Kind.FLAG, "false", "whether the connection is encrypted"),
                    authentication(NO_LOGIN, METADATA),
                    optional("request", Group.of(optional("body", Kind.PATH, "where the request is"), withDefault("metadata", ListOf.any(pair(false)), "[]", "metadata")), "what is sent"))
                    .refused("servers of gRPC are not called yet"),
            StageType.of(DESTINATION, FILE, "File",
                    needed("rootDirectory", Kind.TEXT, "the folder that the files go to"),
                    needed("format", writtenFormats(NO_PATH), "how the records are written"),
                    template("filePath"), BATCH,
                    optional("filePermissions", Kind.TEXT, "the files' permissions, such as 0644")));

    /// The properties of a dataset's key.
    static final List<Setting> KEY_SETTINGS = List.of(
            needed("path", Kind.PATH, "where the key is in the record"),
            withDefault("primaryKey", Kind.FLAG, "false", "whether a record replaces the one with the same key"));

    /// The properties of a dataset.
    public static final List<Setting> DATASET_SETTINGS = List.of(
            withoutEffect("description", Kind.TEXT, "it is what the portal shows"),
            withDefault("payload", Kind.PATH, "\".payload\"", "the part of a message that is kept"),
            optional("timestamp", Kind.PATH, "where the record's time is"),
            withDefault("ttl", Kind.DURATION, "\"24h\"", "how long a record is kept"),
            withDefault("keys", new MapOf(new Group(KEY_SETTINGS), KEYS_MAX), "{}", "what records are found by"));

    private StageTypes() {}

    public static List<StageType> all() {
        return ALL;
    }

    public static Optional<StageType> find(String type) {
        return ALL.stream().filter(known -> known.isNamed(type)).findFirst();
    }

    static List<String> types(Role role) {
        return ALL.stream().filter(type -> type.role() == role).map(StageType::type).toList();
    }

    private static List<Setting> source(String strategy, String expression, int partitions, Shape format) {
        return List.of(
                withDefault("format", format, "{\"type\": \"raw\"}", "how payloads are read"),
                withDefault("partitionCount", new Number(1, PARTITIONS_MAX), String.valueOf(partitions), "how many partitions there are"),
                withDefault("partitionStrategy", new Variants(List.of(
                        Variant.of("key", needed("expression", Kind.EXPRESSION, "what makes the key")),
                        Variant.of("id", needed("expression", Kind.EXPRESSION, "what makes the number of the partition")),
                        Variant.of("roundRobin", withoutEffect("expression", Kind.EXPRESSION, "messages take turns"))), ""),
                        "{\"type\": \"" + strategy + "\", \"expression\": \"" + expression + "\"}", "how messages find their partition"));
    }

    private static Setting interval() {
        return withDefault("interval", Kind.DURATION, "\"10s\"", "how long it waits between an answer and the next request");
    }

    private static Setting[] sql(int port, Variant... logins) {
        return new Setting[] {needed("server", Kind.TEXT, "the host name of the server"),
                withDefault("port", new Number(1, 65_535), String.valueOf(port), "the port of the server"),
                needed("database", Kind.TEXT, "the name of the database"),
                needed("query", Group.of(needed("expression", Kind.TEXT, "the query in SQL")), "the query"),
                interval(),
                authentication(logins)};
    }

    private static Setting authentication(Variant... logins) {
        return withDefault("authentication", variants(logins), "{\"type\": \"none\"}", "how it signs in");
    }

    private static Variants variants(Variant... variants) {
        return new Variants(List.of(variants), "");
    }

    private static Setting template(String name) {
        return withDefault(name, Kind.TEMPLATE, "\"" + FileTemplate.DEFAULT.text() + "\"", "the names of the files");
    }

    private static Variants retry() {
        Setting interval = withDefault("interval", Kind.DURATION, "\"500ms\"", "the pause before it is tried again");
        Setting retries = withDefault("maxRetries", new Number(1, RETRIES_MAX), "3", "how often it is tried again");
        return new Variants(List.of(Variant.of("default"), Variant.of("none"), Variant.of("fixed", interval, retries),
                Variant.of("exponential", interval, retries, optional("maxInterval", Kind.DURATION, "the longest pause"))), "default");
    }

    private static Variants conditions() {
        Setting input = needed("inputPath", Kind.PATH, "where the value is in the message");
        Setting noProperty = withoutEffect("property", Kind.TEXT, "records have one time");
        return variants(Variant.of("keyMatch", input, needed("property", Kind.TEXT, "the name of a key of the dataset")),
                Variant.of("pastNearest", input, noProperty), Variant.of("futureNearest", input, noProperty));
    }

    private static Variants field() {
        return variants(Variant.of("static", needed("value", Kind.ANY, "the value")), Variant.of("dynamic", needed("value", Kind.PATH, "where the value is in the message")));
    }

    private static Variants fixedField() {
        return variants(Variant.of("static", needed("value", Kind.ANY, "the value")), Variant.refused("dynamic", "there is no message yet whose value it could be"));
    }

    private static Group pair(boolean isFixed) {
        Shape field = new TextOr(isFixed ? fixedField() : field());
        return Group.of(needed("key", field, "the name"), needed("value", field, "the value"));
    }

    private static Group request() {
        return Group.of(optional("body", body(), "the body"), withDefault("headers", ListOf.any(pair(false)), "[]", "headers"));
    }

    private static Variants formats(Variant... variants) {
        return new Variants(List.of(variants), "raw");
    }

    private static Variants sourceFormats() {
        List<Variant> variants = new ArrayList<>(formatsOf(NO_PATH).variants());
        variants.add(Variant.of("jsonStream", NO_PATH));
        return new Variants(List.copyOf(variants), "raw");
    }

    private static Variants writtenFormats(Setting path) {
        return formatsOf(path);
    }

    /// How a single message's body is written or read. The page's table calls the format `type`, its sample `format`.
    private static Variants body() {
        return new Variants(formatsOf(BODY_PATH).variants(), "", List.of("type", "format"));
    }

    private static Variants streamedBody() {
        List<Variant> variants = new ArrayList<>(formatsOf(BODY_PATH).variants());
        variants.add(Variant.of("jsonStream", BODY_PATH));
        return new Variants(List.copyOf(variants), "");
    }

    private static Variants formatsOf(Setting path) {
        Shape column = Group.of(needed("name", Kind.TEXT, "the name of the column"),
                withDefault("type", OneOf.of("string", "float", "integer", "boolean", "bytes"), "\"string\"", "its type, where it is read"),
                optional("path", Kind.PATH, "where its value is in a record; .name where none is stated"));
        return new Variants(List.of(Variant.of("raw", path), Variant.of("json", path),
                Variant.of("csv", needed("header", Kind.FLAG, "whether the first line names the columns"), needed("columns", ListOf.some(column), "the columns"), path),
                Variant.of("messagePack", path), Variant.of("cbor", path),
                Variant.of("protobuf", needed("descriptor", Kind.BASE64, "the descriptors, as protoc writes them"),
                        withDefault("package", Kind.TEXT, "\"\"", "the package of the message"), needed("message", Kind.TEXT, "the name of the message"), path),
                Variant.refused("parquet", "only lakehouses of Fabric take it")), "raw");
    }
}
