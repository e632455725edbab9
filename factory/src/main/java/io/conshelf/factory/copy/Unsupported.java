package io.conshelf.factory.copy;

import java.util.List;
import java.util.stream.Stream;

/// What is documented and not supported, by name, so that a definition is told the truth about it: every type of the service's own client that
/// is not built. A type that is built leaves this list.
final class Unsupported {
    private static final String NOT_YET = "it is not built yet";

    static final List<Declaration> LINKED_SERVICES = refused(NOT_YET, """
            AmazonMWS AmazonRdsForOracle AmazonRdsForSqlServer AmazonRedshift AmazonS3 AmazonS3Compatible AppFigures Asana AzureBatch
            AzureDatabricks AzureDatabricksDeltaLake AzureDataLakeAnalytics AzureDataLakeStore AzureFileStorage AzureFunction AzureMariaDB
            AzureML AzureMLService AzureMySql AzureSearch AzureSynapseArtifacts AzureTableStorage Cassandra CommonDataServiceForApps Concur
            CosmosDb CosmosDbMongoDbApi Couchbase CustomDataSource Dataworld Db2 Drill Dynamics DynamicsAX DynamicsCrm Eloqua FtpServer
            GoogleAdWords GoogleBigQuery GoogleBigQueryV2 GoogleCloudStorage GoogleSheets Greenplum HBase Hdfs HDInsight HDInsightOnDemand
            Hive Hubspot Impala Informix Jira Lakehouse Magento MariaDB Marketo MicrosoftAccess MongoDb MongoDbAtlas MongoDbV2 MySql Netezza
            OData Odbc Office365 Oracle OracleCloudStorage OracleServiceCloud Paypal Phoenix Presto Quickbase QuickBooks Responsys Salesforce
            SalesforceMarketingCloud SalesforceServiceCloud SalesforceServiceCloudV2 SalesforceV2 SapBW SapCloudForCustomer SapEcc SapHana
            SapOdp SapOpenHub SapTable ServiceNow ServiceNowV2 Sftp SharePointOnlineList Shopify Smartsheet Snowflake SnowflakeV2 Spark Square
            Sybase TeamDesk Teradata Twilio Vertica Warehouse Web Xero Zendesk Zoho""");

    static final List<Declaration> DATASETS = Stream.of(
            refused(NOT_YET, """
            AmazonMWSObject AmazonRdsForOracleTable AmazonRdsForSqlServerTable AmazonRedshiftTable AzureDatabricksDeltaLakeDataset
            AzureMariaDBTable AzureMySqlTable AzureSearchIndex AzureTable CassandraTable CommonDataServiceForAppsEntity ConcurObject
            CosmosDbMongoDbApiCollection CosmosDbSqlApiCollection CouchbaseTable CustomDataset Db2Table DocumentDbCollection DrillTable
            DynamicsAXResource DynamicsCrmEntity DynamicsEntity EloquaObject Excel GoogleAdWordsObject GoogleBigQueryObject
            GoogleBigQueryV2Object GreenplumTable HBaseObject HiveObject HubspotObject Iceberg ImpalaObject InformixTable JiraObject
            LakehouseTable MagentoObject MariaDBTable MarketoObject MicrosoftAccessTable MongoDbAtlasCollection MongoDbCollection
            MongoDbV2Collection MySqlTable NetezzaTable ODataResource OdbcTable Office365Table OracleServiceCloudObject OracleTable Orc
            PaypalObject PhoenixObject PrestoObject QuickBooksObject ResponsysObject SalesforceMarketingCloudObject SalesforceObject
            SalesforceServiceCloudObject SalesforceServiceCloudV2Object SalesforceV2Object SapBwCube SapCloudForCustomerResource
            SapEccResource SapHanaTable SapOdpResource SapOpenHubTable SapTableResource ServiceNowObject ServiceNowV2Object
            SharePointOnlineListResource ShopifyObject SnowflakeTable SnowflakeV2Table SparkObject SquareObject SybaseTable TeradataTable
            VerticaTable WarehouseTable WebTable XeroObject Xml ZohoObject"""),
            refused("it is a legacy dataset; use one of a format, such as DelimitedText, with a location",
                    "AmazonS3Object AzureDataLakeStoreFile HttpFile"),
            refused("it is not the dataset of Azure Data Explorer; use AzureDataExplorerTable", "Kusto")).flatMap(List::stream).toList();

    static final List<Declaration> LOCATIONS = refused(NOT_YET, """
            AmazonS3CompatibleLocation AmazonS3Location AzureDataLakeStoreLocation AzureFileStorageLocation FtpServerLocation
            GoogleCloudStorageLocation HdfsLocation LakeHouseLocation OracleCloudStorageLocation SftpLocation""");

    static final List<Declaration> SETTINGS = refused(NOT_YET, """
            AmazonS3CompatibleReadSettings AmazonS3ReadSettings AzureDataLakeStoreReadSettings AzureDataLakeStoreWriteSettings
            AzureFileStorageReadSettings AzureFileStorageWriteSettings FtpReadSettings GoogleCloudStorageReadSettings HdfsReadSettings
            IcebergWriteSettings LakeHouseReadSettings LakeHouseWriteSettings OracleCloudStorageReadSettings OrcWriteSettings SftpReadSettings
            SftpWriteSettings XmlReadSettings""");

    static final List<Declaration> SOURCES = refused(NOT_YET, """
            AmazonMWSSource AmazonRdsForOracleSource AmazonRdsForSqlServerSource AmazonRedshiftSource
            AzureDatabricksDeltaLakeSource AzureDataLakeStoreSource AzureMariaDBSource AzureMySqlSource AzureTableSource
            CassandraSource CommonDataServiceForAppsSource ConcurSource CosmosDbMongoDbApiSource CosmosDbSqlApiSource CouchbaseSource
            Db2Source DocumentDbCollectionSource DrillSource DynamicsAXSource DynamicsCrmSource DynamicsSource EloquaSource ExcelSource
            GoogleAdWordsSource GoogleBigQuerySource GoogleBigQueryV2Source GreenplumSource HBaseSource HdfsSource HiveSource
            HttpSource HubspotSource ImpalaSource InformixSource JiraSource LakeHouseTableSource MagentoSource MariaDBSource MarketoSource
            MicrosoftAccessSource MongoDbAtlasSource MongoDbSource MongoDbV2Source MySqlSource NetezzaSource ODataSource OdbcSource
            Office365Source OracleServiceCloudSource OracleSource OrcSource PaypalSource PhoenixSource PrestoSource QuickBooksSource
            ResponsysSource SalesforceMarketingCloudSource SalesforceServiceCloudSource SalesforceServiceCloudV2Source SalesforceSource
            SalesforceV2Source SapBwSource SapCloudForCustomerSource SapEccSource SapHanaSource SapOdpSource SapOpenHubSource SapTableSource
            ServiceNowSource ServiceNowV2Source SharePointOnlineListSource ShopifySource SnowflakeSource SnowflakeV2Source SparkSource
            SquareSource SybaseSource TeradataSource VerticaSource WarehouseSource WebSource XeroSource XmlSource ZohoSource""");

    static final List<Declaration> SINKS = refused(NOT_YET, """
            AzureDatabricksDeltaLakeSink AzureDataLakeStoreSink AzureMySqlSink AzureQueueSink AzureSearchIndexSink
            AzureTableSink CommonDataServiceForAppsSink CosmosDbMongoDbApiSink CosmosDbSqlApiSink DocumentDbCollectionSink
            DynamicsCrmSink DynamicsSink IcebergSink InformixSink LakeHouseTableSink MicrosoftAccessSink MongoDbAtlasSink
            MongoDbV2Sink OdbcSink OracleSink OrcSink SalesforceServiceCloudSink SalesforceServiceCloudV2Sink SalesforceSink SalesforceV2Sink
            SapCloudForCustomerSink SnowflakeSink SnowflakeV2Sink TeradataSink WarehouseSink""");

    private Unsupported() {}

    private static List<Declaration> refused(String why, String names) {
        return Stream.of(names.strip().split("\\s+")).map(name -> Declaration.refused(name, why)).toList();
    }
}
