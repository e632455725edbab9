package io.conshelf.factory.copy;

import java.util.List;
import java.util.stream.Stream;

/// What is documented and not supported, by name, so that a definition is told the truth about it. A type that is built leaves this list.
final class Unsupported {
    private static final String NOT_YET = "it is not built yet";

    static final List<Declaration> LINKED_SERVICES = refused(NOT_YET, "MySql",
            "AzureMySql", "MariaDB", "Odbc", "Oracle", "OData", "Sftp", "FtpServer", "AmazonS3", "AmazonS3Compatible", "GoogleCloudStorage",
            "AzureFileStorage", "AzureDataLakeStore", "AzureTableStorage", "CosmosDb", "MongoDbV2", "AzureFunction", "Db2", "Teradata", "Netezza",
            "SapHana", "GoogleBigQuery", "GoogleBigQueryV2", "SnowflakeV2", "Snowflake", "AzureDatabricks", "AzureDatabricksDeltaLake", "AzureBatch",
            "AzureML", "AzureMLService", "HDInsight", "HDInsightOnDemand", "Salesforce", "SharePointOnlineList", "DynamicsCrm", "Dynamics",
            "CommonDataServiceForApps", "Office365", "Hdfs", "Hive", "Spark", "Web");

    static final List<Declaration> DATASETS = with(refused(NOT_YET, "Orc", "Excel", "Xml", "Iceberg", "MySqlTable", "AzureMySqlTable",
                    "MariaDBTable", "OdbcTable", "OracleTable", "ODataResource", "AzureTable", "CosmosDbSqlApiCollection",
                    "MongoDbV2Collection", "SnowflakeV2Table", "SnowflakeTable", "Db2Table", "TeradataTable", "NetezzaTable", "SapHanaTable",
                    "GoogleBigQueryObject", "GoogleBigQueryV2Object"),
            Stream.concat(Stream.of("AzureBlob", "FileShare", "HttpFile", "AzureDataLakeStoreFile", "AmazonS3Object")
                    .map(name -> Declaration.refused(name, "it is a legacy dataset; use one of a format, such as DelimitedText, with a location")),
            Stream.of(Declaration.refused("Kusto", "it is not the dataset of Azure Data Explorer; use AzureDataExplorerTable"))));

    static final List<Declaration> LOCATIONS = refused(NOT_YET, "SftpLocation",
            "FtpServerLocation", "AmazonS3Location", "AmazonS3CompatibleLocation", "GoogleCloudStorageLocation", "AzureFileStorageLocation",
            "AzureDataLakeStoreLocation", "HdfsLocation", "OracleCloudStorageLocation", "LakeHouseLocation");

    static final List<Declaration> SETTINGS = refused(NOT_YET, "SftpReadSettings", "SftpWriteSettings", "FtpReadSettings", "AmazonS3ReadSettings",
            "AmazonS3CompatibleReadSettings", "GoogleCloudStorageReadSettings", "AzureFileStorageReadSettings", "AzureFileStorageWriteSettings",
            "AzureDataLakeStoreReadSettings", "AzureDataLakeStoreWriteSettings", "HdfsReadSettings", "XmlReadSettings", "OrcWriteSettings");

    static final List<Declaration> SOURCES = refused(NOT_YET, "OrcSource", "ExcelSource", "XmlSource", "BlobSource", "FileSystemSource",
            "MySqlSource", "AzureMySqlSource", "MariaDBSource", "OdbcSource", "Db2Source", "GoogleBigQuerySource", "OracleSource",
            "TeradataSource", "NetezzaSource", "SapHanaSource", "HttpSource", "ODataSource", "AzureTableSource", "MongoDbV2Source",
            "CosmosDbSqlApiSource", "SnowflakeV2Source", "SnowflakeSource");

    static final List<Declaration> SINKS = refused(NOT_YET, "OrcSink", "BlobSink", "FileSystemSink", "AzureMySqlSink", "OdbcSink", "OracleSink", "MongoDbV2Sink", "CosmosDbSqlApiSink", "AzureTableSink", "SnowflakeV2Sink", "SnowflakeSink");

    private Unsupported() {}

    private static List<Declaration> refused(String why, String... names) {
        return Stream.of(names).map(name -> Declaration.refused(name, why)).toList();
    }

    private static List<Declaration> with(List<Declaration> first, Stream<Declaration> others) {
        return Stream.concat(first.stream(), others).toList();
    }
}
