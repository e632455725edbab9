package io.conshelf.factory.copy;

import static io.conshelf.factory.copy.Declaration.type;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.RowSource;
import io.conshelf.connectors.RowTarget;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.sql.SqlDialect;
import io.conshelf.connectors.sql.SqlIsolation;
import io.conshelf.connectors.sql.SqlLogin;
import io.conshelf.connectors.sql.SqlParameter;
import io.conshelf.connectors.sql.SqlPartitioning;
import io.conshelf.connectors.sql.SqlProcedure;
import io.conshelf.connectors.sql.SqlReading;
import io.conshelf.connectors.sql.SqlSetting;
import io.conshelf.connectors.sql.SqlSink;
import io.conshelf.connectors.sql.SqlSource;
import io.conshelf.connectors.sql.SqlTableName;
import io.conshelf.connectors.sql.SqlTarget;
import io.conshelf.connectors.sql.SqlWrite;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ValueKind;
import io.conshelf.factory.definition.Activity;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// PostgreSQL and the SQL Server family: what definitions say about them, and how they open.
final class SqlStores {
    private static final Duration QUERY_TIMEOUT = Duration.ofHours(2);
    private static final Duration SQL_SERVER_BATCH_TIMEOUT = Duration.ofHours(2);
    private static final Duration POSTGRESQL_BATCH_TIMEOUT = Duration.ofMinutes(30);
    private static final String KEY_ONLY = "use a service principal with its key";
    private static final ValueKind TIME = ValueKind.spanOfAtMost(Duration.ofDays(7));
    private static final ValueKind TABLE_OPTION = ValueKind.oneOf("none", "autoCreate");
    private static final ValueKind ROWS = ValueKind.between(1, Integer.MAX_VALUE);

    static final RowStoreType SQL_SERVER = new RowStoreType(
            List.of(sqlServer("SqlServer").build(), azureSql("AzureSqlDatabase"), azureSql("AzureSqlMI"), azureSql("AzureSqlDW")),
            List.of(table("SqlServerTable"), table("AzureSqlTable"), table("AzureSqlMITable"), table("AzureSqlDWTable")),
            List.of(source("SqlServerSource"), source("AzureSqlSource"), source("SqlMISource"), source("SqlSource"), source("SqlDWSource")),
            List.of(sink("SqlServerSink").build(), sink("AzureSqlSink").build(), sink("SqlMISink").build(), sink("SqlSink").build(),
                    sink("SqlDWSink").refuses("allowPolyBase", "rows go by bulk copy").refuses("allowCopyCommand", "rows go by bulk copy")
                            .ignores("polyBaseSettings", "used with PolyBase only").ignores("copyCommandSettings", "used with the COPY command only").build()),
            Optional.of(SqlStores::read), Optional.of(SqlStores::write));

    static final RowStoreType POSTGRESQL = new RowStoreType(
            List.of(settings(type("PostgreSql").takes("connectionString"), "server", "port", "username", "database", "password", "sslMode")
                            .ignores("encryptedCredential", "secrets stand in the definition or in a key vault").build(),
                    settings(type("PostgreSqlV2"), "server", "port", "username", "database", "password", "sslMode", "authenticationType", "schema",
                            "pooling", "connectionTimeout", "commandTimeout", "trustServerCertificate", "sslCertificate", "sslKey", "sslPassword",
                            "readBufferSize", "logParameters", "timezone", "encoding")
                            .ignores("encryptedCredential", "secrets stand in the definition or in a key vault").build(),
                    principal(settings(type("AzurePostgreSql").takes("connectionString"), "server", "port", "username", "database", "password", "sslMode",
                            "authenticationType", "schema", "pooling", "connectionTimeout", "timeout", "commandTimeout", "trustServerCertificate",
                            "readBufferSize", "timezone", "encoding"))
                            .takes("credential").ignores("encryptedCredential", "secrets stand in the definition or in a key vault").build()),
            List.of(table("PostgreSqlTable"), table("PostgreSqlV2Table"), table("AzurePostgreSqlTable"), table("RelationalTable")),
            List.of(source("PostgreSqlSource"), source("PostgreSqlV2Source"), source("AzurePostgreSqlSource"), source("RelationalSource")),
            List.of(Declaration.sink("AzurePostgreSqlSink").takes("preCopyScript").holds("upsertSettings", CopyParts.UPSERT)
                    .takes(ValueKind.oneOf("CopyCommand", "BulkInsert", "Upsert", "Insert"), "writeMethod").takes(TABLE_OPTION, "tableOption")
                    .takes(ROWS, "writeBatchSize").takes(TIME, "writeBatchTimeout").build()),
            Optional.of(SqlStores::read), Optional.of(SqlStores::write));

    private SqlStores() {}

    // ---- declarations

    /// The properties of a connection, each treated as [SqlSetting] says.
    private static Declaration.Builder settings(Declaration.Builder builder, String... names) {
        for (String name : names) {
            SqlSetting setting = SqlSetting.named(name).orElseThrow(() -> new IllegalArgumentException(name));
            switch (setting.treatment()) {
                case IMPLEMENTED -> builder.takes(name);
                case NO_EFFECT -> builder.ignores(name, setting.note());
                case REFUSED -> builder.refuses(name, setting.note());
            }
        }
        return builder;
    }

    private static Declaration.Builder sqlServer(String name) {
        return settings(type(name).takes("connectionString"), "server", "database", "userName", "password", "authenticationType", "encrypt",
                "trustServerCertificate", "hostNameInCertificate", "applicationIntent", "connectTimeout", "connectRetryCount", "connectRetryInterval",
                "loadBalanceTimeout", "commandTimeout", "integratedSecurity", "failoverPartner", "maxPoolSize", "minPoolSize", "multipleActiveResultSets",
                "multiSubnetFailover", "packetSize", "pooling", "alwaysEncryptedSettings")
                .takes("credential").ignores("encryptedCredential", "secrets stand in the definition or in a key vault");
    }

    private static Declaration azureSql(String name) {
        return principal(sqlServer(name)).build();
    }

    private static Declaration.Builder principal(Declaration.Builder builder) {
        return builder.takes("servicePrincipalId", "servicePrincipalKey", "servicePrincipalCredentialType", "servicePrincipalCredential", "tenant",
                        "azureCloudType")
                .refuses("servicePrincipalEmbeddedCert", KEY_ONLY).refuses("servicePrincipalEmbeddedCertPassword", KEY_ONLY);
    }

    private static Declaration table(String name) {
        return type(name).takes("schema", "table", "tableName").build();
    }

    // The keys of the whole family: the gallery's templates have several of them in one source.
    private static Declaration source(String name) {
        return Declaration.source(name).takes("query", "sqlReaderQuery", "oracleReaderQuery", "sqlReaderStoredProcedureName", "storedProcedureParameters")
                .holds("partitionSettings", CopyParts.PARTITIONS)
                .takes(TIME, "queryTimeout").holdsMany("additionalColumns", CopyParts.ADDED_COLUMN)
                .takes(ValueKind.oneOf("ReadCommitted", "ReadUncommitted", "RepeatableRead", "Serializable", "Snapshot"), "isolationLevel")
                .takes(ValueKind.oneOf("None", "PhysicalPartitionsOfTable", "DynamicRange"), "partitionOption", "partitionOptions")
                .ignores("produceAdditionalTypes", "there are no additional types").build();
    }

    private static Declaration.Builder sink(String name) {
        return Declaration.sink(name).holds("upsertSettings", CopyParts.UPSERT).takes("preCopyScript", "sqlWriterStoredProcedureName", "sqlWriterTableType",
                        "storedProcedureTableTypeParameterName", "storedProcedureParameters")
                .takes(TABLE_OPTION, "tableOption").takes(ValueKind.oneOf("insert", "upsert", "CopyCommand", "BulkInsert"), "writeBehavior")
                .takes(ValueKind.FLAG, "sqlWriterUseTableLock").takes(ROWS, "writeBatchSize").takes(TIME, "writeBatchTimeout");
    }

    // ---- connections

    static SqlTarget target(Stores stores, LinkedService service) throws ActivityFailure, StoreException {
        SqlDialect dialect = dialect(service);
        Map<String, String> properties = new LinkedHashMap<>();
        for (Map.Entry<String, Located> property : service.properties().properties()) {
            Optional<SqlSetting> setting = SqlSetting.named(property.getKey());
            if (setting.isPresent() && setting.get() != SqlSetting.PASSWORD && setting.get() != SqlSetting.AUTHENTICATION
                    && property.getValue().value().isValueNode() && property.getValue().isPresent()) {
                properties.put(property.getKey(), property.getValue().value().asText());
            }
        }
        String password = service.secret("password");
        if (!password.isEmpty()) {
            properties.put("password", password);
        }
        Optional<SqlLogin> login = login(stores, service, properties);
        try {
            return SqlTarget.read(dialect, service.secret("connectionString"), properties, login);
        } catch (StoreException failure) {
            throw new StoreException(failure.code(), failure.fault(), "Linked service '" + service.name() + "': " + failure.getMessage(), failure);
        }
    }

    /// Whether a linked service is one of these.
    static boolean holds(LinkedService service) {
        return Catalogue.isAmong(SQL_SERVER.linkedServices(), service.type()) || Catalogue.isAmong(POSTGRESQL.linkedServices(), service.type());
    }

    private static SqlDialect dialect(LinkedService service) throws ActivityFailure {
        if (Catalogue.isAmong(SQL_SERVER.linkedServices(), service.type())) {
            return SqlDialect.SQL_SERVER;
        }
        if (Catalogue.isAmong(POSTGRESQL.linkedServices(), service.type())) {
            return SqlDialect.POSTGRESQL;
        }
        throw ActivityFailure.user("UnsupportedLinkedService", "Linked service '" + service.name() + "' of type '" + service.type()
                + "' is not a SQL store that is supported; there are SqlServer, AzureSqlDatabase, AzureSqlMI, AzureSqlDW, PostgreSql, PostgreSqlV2 and "
                + "AzurePostgreSql");
    }

    private static Optional<SqlLogin> login(Stores stores, LinkedService service, Map<String, String> properties) throws ActivityFailure, StoreException {
        Located stated = service.properties();
        String user = properties.entrySet().stream().filter(property -> property.getKey().equalsIgnoreCase("userName")).map(Map.Entry::getValue)
                .findFirst().orElse("");
        String kind = stated.at("authenticationType").text("").toLowerCase(Locale.ROOT);
        boolean isAzure = service.type().toLowerCase(Locale.ROOT).startsWith("azuresql");
        boolean asksForToken = switch (kind) {
            case "serviceprincipal", "systemassignedmanagedidentity", "userassignedmanagedidentity" -> true;
            case "" -> service.stated("servicePrincipalId").isPresent() || stated.at("credential").isPresent()
                    || isAzure && user.isBlank() && !SqlTarget.namesUser(service.secret("connectionString"));
            default -> false;
        };
        if (asksForToken) {
            return Optional.of(new SqlLogin.Token(user, stores.identity(service)));
        }
        if (!kind.isEmpty()) {
            properties.put("authenticationType", kind);
        }
        return Optional.empty();
    }

    // ---- reading

    private static RowSource read(Stores stores, Dataset dataset, Located source) throws ActivityFailure, StoreException {
        Duration timeout = source.at("queryTimeout").text().flatMap(Activity::duration)
                .or(() -> commandTimeout(dataset.linkedService())).orElse(QUERY_TIMEOUT);
        Located isolation = source.at("isolationLevel");
        Optional<SqlIsolation> level = isolation.text().filter(text -> !text.isBlank()).flatMap(SqlIsolation::of);
        if (level.isEmpty() && !isolation.text("").isBlank()) {
            throw StoreException.user("SqlInvalidIsolationLevel", "'" + isolation.path() + "' is ReadCommitted, ReadUncommitted, RepeatableRead, "
                    + "Serializable or Snapshot, found '" + isolation.text("") + "'");
        }
        return new SqlSource(stores.sql(dataset.linkedService()), from(dataset, source), new SqlReading(timeout, level), partitioning(source));
    }

    private static Optional<Duration> commandTimeout(LinkedService service) {
        return service.properties().at("commandTimeout").integer().filter(seconds -> seconds > 0).map(Duration::ofSeconds);
    }

    private static SqlSource.From from(Dataset dataset, Located source) throws StoreException {
        Optional<SqlTableName> table = table(dataset);
        List<String> queries = new ArrayList<>();
        for (String key : List.of("sqlReaderQuery", "query", "oracleReaderQuery")) {
            source.at(key).text().filter(text -> !text.isBlank()).ifPresent(queries::add);
        }
        String procedure = source.at("sqlReaderStoredProcedureName").text("");
        if (queries.stream().distinct().count() > 1 || !queries.isEmpty() && !procedure.isBlank()) {
            throw StoreException.user("SqlInvalidDbQueryString", "'" + source.path() + "' has more than one query or procedure, and it is not known which "
                    + "is meant");
        }
        if (!procedure.isBlank()) {
            return new SqlSource.From.Procedure(new SqlProcedure(procedure, parameters(source.at("storedProcedureParameters"))));
        }
        if (!queries.isEmpty()) {
            return new SqlSource.From.Query(queries.getFirst(), table);
        }
        return new SqlSource.From.Table(table.orElseThrow(() -> StoreException.user("SqlInvalidDbQueryString", "'" + source.path()
                + "' has no query, and dataset '" + dataset.name() + "' names no table")));
    }

    private static Optional<SqlTableName> table(Dataset dataset) throws StoreException {
        String table = dataset.properties().at("table").text("");
        if (!table.isBlank()) {
            return Optional.of(SqlTableName.of(dataset.properties().at("schema").text(""), table));
        }
        String tableName = dataset.properties().at("tableName").text("");
        return tableName.isBlank() ? Optional.empty() : Optional.of(SqlTableName.parse(tableName));
    }

    private static SqlPartitioning partitioning(Located source) throws StoreException {
        Located option = source.at("partitionOption").isPresent() ? source.at("partitionOption") : source.at("partitionOptions");
        Located settings = source.at("partitionSettings");
        return switch (option.text("None").toLowerCase(Locale.ROOT)) {
            case "", "none" -> new SqlPartitioning.None();
            case "physicalpartitionsoftable" -> new SqlPartitioning.Physical(settings.at("partitionNames").items().stream().map(name -> name.text("")).toList());
            case "dynamicrange" -> new SqlPartitioning.Ranges(text(settings.at("partitionColumnName")), text(settings.at("partitionLowerBound")),
                    text(settings.at("partitionUpperBound")));
            default -> throw StoreException.user("SqlInvalidPartitionOption", "'" + option.path() + "' is None, PhysicalPartitionsOfTable or "
                    + "DynamicRange, found '" + option.text("") + "'");
        };
    }

    /// A value that may stand in text or by itself.
    private static Optional<String> text(Located value) {
        return value.isPresent() && value.value().isValueNode() ? Optional.of(value.value().asText()).filter(text -> !text.isBlank()) : Optional.empty();
    }

    /// The parameters of a procedure: `{"name":{"value":…,"type":…}}`, or the values alone.
    static Map<String, SqlParameter> parameters(Located stated) {
        Map<String, SqlParameter> parameters = new LinkedHashMap<>();
        for (Map.Entry<String, Located> entry : stated.properties()) {
            Located value = entry.getValue().value().isObject() ? entry.getValue().at("value") : entry.getValue();
            parameters.put(entry.getKey(), parameter(value, entry.getValue().at("type")));
        }
        return parameters;
    }

    static SqlParameter parameter(Located value, Located type) {
        JsonNode given = value.value();
        Optional<String> text = !value.isPresent() ? Optional.empty() : Optional.of(given.isValueNode() ? given.asText() : given.toString());
        return new SqlParameter(text, text(type));
    }

    // ---- writing

    private static RowTarget write(Stores stores, Dataset dataset, Located sink) throws ActivityFailure, StoreException {
        SqlWrite write = behavior(sink);
        Optional<SqlTableName> table = table(dataset);
        if (table.isEmpty() && !(write instanceof SqlWrite.Procedure)) {
            throw StoreException.user("SqlTableMissing", "Dataset '" + dataset.name() + "' names no table");
        }
        Located option = sink.at("tableOption");
        boolean creates = switch (option.text("none").toLowerCase(Locale.ROOT)) {
            case "", "none" -> false;
            case "autocreate" -> true;
            default -> throw StoreException.user("SqlInvalidTableOption", "'" + option.path() + "' is none or autoCreate, found '" + option.text("") + "'");
        };
        Optional<Long> batch = sink.at("writeBatchSize").integer();
        if (batch.isPresent() && (batch.get() < 1 || batch.get() > Integer.MAX_VALUE)) {
            throw StoreException.user("SqlInvalidBatchSize", "'" + sink.at("writeBatchSize").path() + "' is a number of rows, found " + batch.get());
        }
        boolean isPostgres = dialect(dataset.linkedService()) == SqlDialect.POSTGRESQL;
        Duration timeout = sink.at("writeBatchTimeout").text().flatMap(Activity::duration)
                .orElse(isPostgres ? POSTGRESQL_BATCH_TIMEOUT : SQL_SERVER_BATCH_TIMEOUT);
        return new SqlSink(stores.sql(dataset.linkedService()), new SqlSink.Settings(table.orElse(SqlTableName.of("", "")),
                sink.at("preCopyScript").text().filter(text -> !text.isBlank()), creates, write, batch.map(Long::intValue), timeout,
                sink.at("sqlWriterUseTableLock").flag().orElse(false)));
    }

    private static SqlWrite behavior(Located sink) throws StoreException {
        String procedure = sink.at("sqlWriterStoredProcedureName").text("");
        if (!procedure.isBlank()) {
            return new SqlWrite.Procedure(procedure, sink.at("sqlWriterTableType").text(""), sink.at("storedProcedureTableTypeParameterName").text(""),
                    parameters(sink.at("storedProcedureParameters")));
        }
        // The sink of PostgreSQL calls it by another name, and has two ways to insert, which do the same here.
        Located behavior = sink.at("writeBehavior").isPresent() ? sink.at("writeBehavior") : sink.at("writeMethod");
        return switch (behavior.text("insert").toLowerCase(Locale.ROOT)) {
            case "", "insert", "copycommand", "bulkinsert" -> new SqlWrite.Insert();
            case "upsert" -> upsert(sink.at("upsertSettings"));
            default -> throw StoreException.user("SqlInvalidWriteBehavior", "'" + behavior.path() + "' is insert or upsert, found '" + behavior.text("") + "'");
        };
    }

    private static SqlWrite upsert(Located settings) {
        List<String> keys = settings.at("keys").items().stream().map(key -> key.text("")).filter(key -> !key.isBlank()).toList();
        boolean usesTemporary = settings.at("useTempDB").flag().orElse(true);
        return new SqlWrite.Upsert(keys, usesTemporary ? Optional.empty() : text(settings.at("interimSchemaName")));
    }
}
