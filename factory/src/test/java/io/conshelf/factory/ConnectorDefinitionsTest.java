package io.conshelf.factory;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.definition.Factory;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Definitions of the shapes that the connectors' articles document: they are accepted, or refused by name.
class ConnectorDefinitionsTest {
    private static final String NO_SETTINGS = "";
    private static final String KEY = "{\"type\": \"SecureString\", \"value\": \"k\"}";
    private static final String FROM_VAULT = "{\"type\": \"AzureKeyVaultSecret\", \"store\": {\"referenceName\": \"vault\", \"type\": \"LinkedServiceReference\"},"
            + " \"secretName\": \"s\"}";

    @TempDir
    Path folder;

    @BeforeEach
    void aFactory() throws Exception {
        write("integrationRuntime/ir.json", "{\"name\": \"ir\", \"properties\": {\"type\": \"SelfHosted\"}}");
        write("credential/c.json", "{\"name\": \"c\", \"properties\": {\"type\": \"ManagedIdentity\", \"typeProperties\": {\"resourceId\": \"/a/b\"}}}");
        linked("vault", "AzureKeyVault", "\"baseUrl\": \"https://lab.vault.azure.net\"");
        linked("files", "FileServer", "\"host\": \"data\", \"userid\": \"lab\\\\me\", \"password\": " + KEY);
        dataset("beside", "Json", "files", "\"location\": {\"type\": \"FileServerLocation\", \"folderPath\": \"beside\"}");
    }

    private void write(String path, String text) throws Exception {
        Path file = folder.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private void linked(String name, String type, String properties) throws Exception {
        write("linkedService/" + name + ".json", "{\"name\": \"" + name + "\", \"properties\": {\"type\": \"" + type + "\", \"typeProperties\": {" + properties
                + "}, \"connectVia\": {\"referenceName\": \"ir\", \"type\": \"IntegrationRuntimeReference\"}}}");
    }

    private void dataset(String name, String type, String linkedService, String properties) throws Exception {
        write("dataset/" + name + ".json", "{\"name\": \"" + name + "\", \"properties\": {\"type\": \"" + type + "\", \"schema\": [], \"linkedServiceName\": {"
                + "\"referenceName\": \"" + linkedService + "\", \"type\": \"LinkedServiceReference\"}, \"typeProperties\": {" + properties + "}}}");
    }

    private List<String> reading(String source, String settings) throws Exception {
        return problems("store", "beside", "{\"type\": \"" + source + "\"" + settings + "}", "{\"type\": \"JsonSink\"}");
    }

    private List<String> writing(String sink, String settings) throws Exception {
        return problems("beside", "store", "{\"type\": \"JsonSource\"}", "{\"type\": \"" + sink + "\"" + settings + "}");
    }

    private List<String> problems(String from, String to, String source, String sink) throws Exception {
        write("pipeline/p.json", """
                {"name": "p", "properties": {"activities": [{"name": "C", "type": "Copy", "inputs": [{"referenceName": "%s", "type": "DatasetReference"}],
                 "outputs": [{"referenceName": "%s", "type": "DatasetReference"}], "typeProperties": {"source": %s, "sink": %s}}]}}
                """.formatted(from, to, source, sink));
        return new FactoryRunner(Factory.load(folder), Endpoints.embedded(URI.create("http://127.0.0.1:1"), List.of()), _ -> {}).validate("p").stream()
                .map(Object::toString).toList();
    }

    private void text(String linkedService, String location) throws Exception {
        dataset("store", "DelimitedText", linkedService, "\"location\": {" + location + "}, \"columnDelimiter\": \",\", \"quoteChar\": \"\\\"\","
                + " \"firstRowAsHeader\": true, \"compressionCodec\": \"gzip\"");
    }

    @Test
    void filesOfAFolder() throws Exception {
        text("files", "\"type\": \"FileServerLocation\", \"folderPath\": \"a/b\"");
        assertThat(reading("DelimitedTextSource", ", \"formatSettings\": {\"type\": \"DelimitedTextReadSettings\", \"skipLineCount\": 10}, \"storeSettings\": {"
                + "\"type\": \"FileServerReadSettings\", \"recursive\": true, \"wildcardFolderPath\": \"a*\", \"wildcardFileName\": \"*.csv\","
                + " \"modifiedDatetimeStart\": \"2024-01-01T00:00:00Z\", \"maxConcurrentConnections\": 2}")).isEmpty();
        dataset("store", "Parquet", "files", "\"location\": {\"type\": \"FileServerLocation\", \"folderPath\": \"a\"}, \"compressionCodec\": \"snappy\"");
        assertThat(writing("ParquetSink", ", \"storeSettings\": {\"type\": \"FileServerWriteSettings\", \"copyBehavior\": \"PreserveHierarchy\"}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"connectionString\": \"DefaultEndpointsProtocol=https;AccountName=a;AccountKey=k\"",
        "\"connectionString\": \"DefaultEndpointsProtocol=https;AccountName=a;\", \"accountKey\": KEY",
        "\"connectionString\": \"DefaultEndpointsProtocol=https;AccountName=a;\", \"accountKey\": VAULT",
        "\"sasUri\": {\"type\": \"SecureString\", \"value\": \"https://a.blob.core.windows.net/?sv=1&sig=s\"}",
        "\"sasUri\": {\"type\": \"SecureString\", \"value\": \"https://a.blob.core.windows.net/\"}, \"sasToken\": VAULT",
        "\"serviceEndpoint\": \"https://a.blob.core.windows.net/\", \"accountKind\": \"StorageV2\", \"servicePrincipalId\": \"p\", \"servicePrincipalKey\": KEY, \"tenant\": \"t\"",
        "\"serviceEndpoint\": \"https://a.blob.core.windows.net/\", \"accountKind\": \"StorageV2\"",
        "\"serviceEndpoint\": \"https://a.blob.core.windows.net/\", \"credential\": {\"referenceName\": \"c\", \"type\": \"CredentialReference\"}"})
    void blobs(String properties) throws Exception {
        linked("ls", "AzureBlobStorage", properties.replace("KEY", KEY).replace("VAULT", FROM_VAULT));
        text("ls", "\"type\": \"AzureBlobStorageLocation\", \"container\": \"c\", \"folderPath\": \"a/b\"");
        assertThat(reading("DelimitedTextSource", ", \"formatSettings\": {\"type\": \"DelimitedTextReadSettings\", \"skipLineCount\": 10}, \"storeSettings\": {"
                + "\"type\": \"AzureBlobStorageReadSettings\", \"recursive\": true, \"wildcardFolderPath\": \"a*\", \"wildcardFileName\": \"*.csv\"}")).isEmpty();
        assertThat(writing("DelimitedTextSink", ", \"storeSettings\": {\"type\": \"AzureBlobStorageWriteSettings\", \"copyBehavior\": \"PreserveHierarchy\","
                + " \"metadata\": [{\"name\": \"m\", \"value\": \"$$LASTMODIFIED\"}]}, \"formatSettings\": {\"type\": \"DelimitedTextWriteSettings\","
                + " \"fileExtension\": \".csv\", \"quoteAllText\": true}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"accountKey\": KEY",
        "\"sasUri\": {\"type\": \"SecureString\", \"value\": \"https://a.dfs.core.windows.net/?sv=1&sig=s\"}",
        "\"servicePrincipalId\": \"p\", \"servicePrincipalCredentialType\": \"ServicePrincipalKey\", \"servicePrincipalCredential\": KEY, \"tenant\": \"t\"",
        "\"servicePrincipalId\": \"p\", \"servicePrincipalKey\": VAULT, \"tenant\": \"t\", \"azureCloudType\": \"AzurePublic\"",
        "\"credential\": {\"referenceName\": \"c\", \"type\": \"CredentialReference\"}"})
    void lakes(String properties) throws Exception {
        linked("ls", "AzureBlobFS", "\"url\": \"https://a.dfs.core.windows.net\", " + properties.replace("KEY", KEY).replace("VAULT", FROM_VAULT));
        dataset("store", "Parquet", "ls", "\"location\": {\"type\": \"AzureBlobFSLocation\", \"fileSystem\": \"f\", \"folderPath\": \"a/b\"}");
        assertThat(reading("ParquetSource", ", \"storeSettings\": {\"type\": \"AzureBlobFSReadSettings\", \"recursive\": true, \"wildcardFolderPath\": \"a*\","
                + " \"wildcardFileName\": \"*.parquet\"}")).isEmpty();
        assertThat(writing("ParquetSink", ", \"storeSettings\": {\"type\": \"AzureBlobFSWriteSettings\", \"copyBehavior\": \"PreserveHierarchy\"},"
                + " \"formatSettings\": {\"type\": \"ParquetWriteSettings\", \"maxRowsPerFile\": 10, \"fileNamePrefix\": \"x\"}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"authenticationType\": \"Anonymous\"",
        "\"authenticationType\": \"Anonymous\", \"authHeaders\": {\"x-api-key\": KEY}",
        "\"authenticationType\": \"Basic\", \"userName\": \"u\", \"password\": KEY",
        "\"authenticationType\": \"Basic\", \"userName\": \"u\", \"password\": VAULT, \"enableServerCertificateValidation\": true"})
    void filesOfWebServers(String properties) throws Exception {
        linked("ls", "HttpServer", "\"url\": \"https://example.org\", " + properties.replace("KEY", KEY).replace("VAULT", FROM_VAULT));
        text("ls", "\"type\": \"HttpServerLocation\", \"relativeUrl\": \"a.csv\"");
        assertThat(reading("DelimitedTextSource", ", \"formatSettings\": {\"type\": \"DelimitedTextReadSettings\", \"skipLineCount\": 10}, \"storeSettings\": {"
                + "\"type\": \"HttpReadSettings\", \"requestMethod\": \"POST\", \"additionalHeaders\": \"a: b\\nc: d\\n\", \"requestBody\": \"x\","
                + " \"requestTimeout\": \"00:01:40\"}")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"authenticationType\": \"Anonymous\", \"authHeaders\": {\"x-api-key\": KEY}",
        "\"authenticationType\": \"Basic\", \"userName\": \"u\", \"password\": KEY",
        "\"authenticationType\": \"AadServicePrincipal\", \"servicePrincipalId\": \"p\", \"servicePrincipalKey\": KEY, \"tenant\": \"t\", \"aadResourceId\": \"https://r\"",
        "\"authenticationType\": \"ManagedServiceIdentity\", \"aadResourceId\": \"https://r\"",
        "\"authenticationType\": \"ManagedServiceIdentity\", \"aadResourceId\": \"https://r\", \"credential\": {\"referenceName\": \"c\", \"type\": \"CredentialReference\"}",
        "\"authenticationType\": \"OAuth2ClientCredential\", \"clientId\": \"i\", \"clientSecret\": KEY, \"tokenEndpoint\": \"https://t\", \"scope\": \"s\", \"resource\": \"r\""})
    void webServices(String properties) throws Exception {
        linked("ls", "RestService", "\"url\": \"https://example.org\", \"enableServerCertificateValidation\": true, " + properties.replace("KEY", KEY));
        dataset("store", "RestResource", "ls", "\"relativeUrl\": \"rows\"");
        assertThat(reading("RestSource", ", \"requestMethod\": \"POST\", \"additionalHeaders\": {\"x\": \"y\"}, \"requestBody\": \"b\","
                + " \"httpRequestTimeout\": \"00:01:00\", \"requestInterval\": \"00:00:01\", \"paginationRules\": {\"AbsoluteUrl\": \"$.paging.next\"}")).isEmpty();
        assertThat(writing("RestSink", ", \"requestMethod\": \"POST\", \"httpRequestTimeout\": \"00:01:40\", \"requestInterval\": 10, \"writeBatchSize\": 10000,"
                + " \"httpCompressionType\": \"none\"")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "\"connectionString\": \"Data Source=s\\\\i;Initial Catalog=d;Integrated Security=False;User ID=u;Password=p;\"",
        "\"connectionString\": \"Data Source=s;Initial Catalog=d;Integrated Security=False;User ID=u;\", \"password\": VAULT",
        "\"server\": \"s\", \"database\": \"d\", \"encrypt\": \"mandatory\", \"trustServerCertificate\": false, \"authenticationType\": \"SQL\", \"userName\": \"u\", \"password\": KEY"})
    void tablesOfSqlServer(String properties) throws Exception {
        linked("ls", "SqlServer", properties.replace("KEY", KEY).replace("VAULT", FROM_VAULT));
        dataset("store", "SqlServerTable", "ls", "\"schema\": \"dbo\", \"table\": \"t\"");
        assertThat(reading("SqlSource", ", \"sqlReaderQuery\": \"SELECT * FROM t\"")).isEmpty();
        assertThat(reading("SqlServerSource", ", \"sqlReaderStoredProcedureName\": \"read\", \"storedProcedureParameters\": {\"a\": {\"value\": \"1\", \"type\": \"Int\"}}")).isEmpty();
        assertThat(reading("SqlSource", ", \"partitionOption\": \"PhysicalPartitionsOfTable\"")).isEmpty();
        assertThat(reading("SqlSource", ", \"query\": \"SELECT * FROM t WHERE ?AdfDynamicRangePartitionCondition\", \"partitionOption\": \"DynamicRange\","
                + " \"partitionSettings\": {\"partitionColumnName\": \"n\", \"partitionUpperBound\": \"9\", \"partitionLowerBound\": \"1\"}")).isEmpty();
        assertThat(writing("SqlSink", ", \"tableOption\": \"autoCreate\", \"writeBatchSize\": 100000")).isEmpty();
        assertThat(writing("SqlSink", ", \"sqlWriterStoredProcedureName\": \"write\", \"storedProcedureTableTypeParameterName\": \"rows\","
                + " \"sqlWriterTableType\": \"rowType\", \"storedProcedureParameters\": {\"a\": {\"value\": \"1\"}}")).isEmpty();
        assertThat(writing("SqlServerSink", ", \"writeBehavior\": \"upsert\", \"upsertSettings\": {\"useTempDB\": true, \"keys\": [\"a\"]}")).isEmpty();
    }

    @Test
    void tablesOfPostgreSql() throws Exception {
        linked("ls", "PostgreSqlV2", "\"server\": \"s\", \"port\": 5432, \"database\": \"d\", \"username\": \"u\", \"password\": " + KEY
                + ", \"sslMode\": 2, \"authenticationType\": \"Basic\"");
        dataset("store", "PostgreSqlV2Table", "ls", "\"schema\": \"public\", \"table\": \"t\"");
        assertThat(reading("PostgreSqlV2Source", ", \"query\": \"SELECT * FROM t\", \"queryTimeout\": \"00:10:00\"")).isEmpty();
        linked("ls", "PostgreSql", "\"connectionString\": \"Server=s;Database=d;Port=5432;UID=u;\", \"password\": " + FROM_VAULT);
        dataset("store", "PostgreSqlTable", "ls", NO_SETTINGS);
        assertThat(reading("PostgreSqlSource", ", \"query\": \"SELECT * FROM \\\"S\\\".\\\"T\\\"\"")).isEmpty();
        linked("ls", "AzurePostgreSql", "\"connectionString\": \"Server=s;Database=d;Port=5432;UID=u;Password=p\"");
        dataset("store", "AzurePostgreSqlTable", "ls", NO_SETTINGS);
        assertThat(reading("AzurePostgreSqlSource", ", \"query\": \"SELECT 1\"")).isEmpty();
        dataset("store", "AzurePostgreSqlTable", "ls", "\"schema\": \"public\", \"table\": \"t\"");
        assertThat(writing("AzurePostgreSQLSink", ", \"preCopyScript\": \"TRUNCATE t\", \"writeBatchSize\": 100000, \"writeMethod\": \"CopyCommand\"")).isEmpty();
    }

    @Test
    void formats() throws Exception {
        String location = "\"location\": {\"type\": \"FileServerLocation\", \"folderPath\": \"a\"}";
        dataset("store", "Json", "files", location + ", \"compression\": {\"type\": \"gzip\", \"level\": \"Optimal\"}");
        assertThat(reading("JsonSource", ", \"formatSettings\": {\"type\": \"JsonReadSettings\", \"compressionProperties\": {\"type\": \"ZipDeflateReadSettings\","
                + " \"preserveZipFileNameAsFolder\": false}}")).isEmpty();
        assertThat(writing("JsonSink", ", \"formatSettings\": {\"type\": \"JsonWriteSettings\", \"filePattern\": \"arrayOfObjects\"}")).isEmpty();
        dataset("store", "Avro", "files", location + ", \"avroCompressionCodec\": \"snappy\"");
        assertThat(reading("AvroSource", NO_SETTINGS)).isEmpty();
        assertThat(writing("AvroSink", ", \"formatSettings\": {\"type\": \"AvroWriteSettings\", \"recordName\": \"r\", \"recordNamespace\": \"n\","
                + " \"maxRowsPerFile\": 10, \"fileNamePrefix\": \"x\"}")).isEmpty();
    }

    @Test
    void whatIsNotBuiltIsRefusedByName() throws Exception {
        linked("ls", "HttpServer", "\"url\": \"https://example.org\", \"authenticationType\": \"ClientCertificate\", \"certThumbprint\": \"t\"");
        text("ls", "\"type\": \"HttpServerLocation\"");
        assertThat(reading("DelimitedTextSource", NO_SETTINGS)).anySatisfy(problem -> assertThat(problem).contains("certThumbprint"));
        dataset("store", "HttpFile", "ls", "\"relativeUrl\": \"a\", \"requestMethod\": \"Post\"");
        assertThat(reading("HttpSource", ", \"httpRequestTimeout\": \"00:01:00\"")).anySatisfy(problem -> assertThat(problem).contains("HttpFile"))
                .anySatisfy(problem -> assertThat(problem).contains("HttpSource"));
        linked("ls", "SqlServer", "\"server\": \"s\", \"database\": \"d\", \"alwaysEncryptedSettings\": {\"alwaysEncryptedAkvAuthType\": \"ServicePrincipal\"}");
        dataset("store", "SqlServerTable", "ls", "\"table\": \"t\"");
        assertThat(reading("SqlSource", NO_SETTINGS)).anySatisfy(problem -> assertThat(problem).contains("alwaysEncryptedSettings"));
    }
}
