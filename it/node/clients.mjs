// Every way into a cluster that the official Node clients have, one check a way.
//
//     node clients.mjs URL DATABASE [OTHER_URL…]
//
// Signs in as an application where AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID are set, and by http with TOKEN. BIG is how many rows the large
// result has; SAMPLES the folder of files in formats that no client writes. At the other addresses of the cluster it goes there and back once.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as pause } from "node:timers/promises";
import { gzipSync } from "node:zlib";
import { ContainerClient } from "@azure/storage-blob";
import { Client, ClientRequestProperties, KustoConnectionStringBuilder, kustoTrustedEndpoints, MatchRule } from "azure-kusto-data";
import {
  BlobDescriptor, CompressionType, CsvColumnMapping, DataFormat, FileDescriptor, IngestClient, IngestStatusQueues, JsonColumnMapping, ManagedStreamingIngestClient,
  ReportLevel, ReportMethod, StreamDescriptor, StreamingIngestClient,
} from "azure-kusto-ingest";

const [first, database, ...others] = process.argv.slice(2);
let url = first;
const big = Number(process.env.BIG ?? 200_000);
const patience = 120_000;
const samples = process.env.SAMPLES;
const written = {
  [DataFormat.AVRO]: "rows.avro", [DataFormat.APACHEAVRO]: "rows.avro", [DataFormat.PARQUET]: "rows.parquet", [DataFormat.ORC]: "rows.orc",
  [DataFormat.W3CLogFile]: "rows.w3clog",
};
const isSecure = url.startsWith("https:");
// To a name that it does not know of the client sends nothing.
kustoTrustedEndpoints.addTrustedHosts([new MatchRule(".example", false)], false);

// A new one each time: ingest clients change what they are given.
const connection = () => {
  if (url.startsWith("http:") && process.env.TOKEN) return KustoConnectionStringBuilder.withAccessToken(url, process.env.TOKEN);
  return process.env.AZURE_CLIENT_ID
    ? KustoConnectionStringBuilder.withAadApplicationKeyAuthentication(
      url, process.env.AZURE_CLIENT_ID, process.env.AZURE_CLIENT_SECRET, process.env.AZURE_TENANT_ID)
    : new KustoConnectionStringBuilder(url);
};

let kusto = new Client(connection());
const command = async (text) => (await kusto.executeMgmt(database, text)).primaryResults[0];
const ask = async (text, properties) => [...(await kusto.executeQuery(database, text, properties)).primaryResults[0].rows()].map((row) => row.toJSON());
const made = async (columns = "Device:string, Value:real") => {
  const name = "js_" + randomUUID().replaceAll("-", "").slice(0, 12);
  await command(`.create table ${name} (${columns})`);
  return name;
};
// The most memory that this process ever had, as Linux tells it: whoever runs the check with more and with fewer rows compares.
const tellPeak = () => {
  if (existsSync("/proc/self/status")) console.log("peak", readFileSync("/proc/self/status", "latin1").match(/^VmHWM:\s*(.*)$/m)[1]);
};
const target = (table, settings = {}) => ({ database, table, format: DataFormat.CSV, flushImmediately: true, ...settings });
const stream = (content) => Readable.from([Buffer.from(content)]);
const eventually = async (value, isEnough) => {
  const end = Date.now() + patience;
  let got = await value();
  while (!isEnough(got) && Date.now() < end) {
    await pause(100);
    got = await value();
  }
  return got;
};
const arrive = async (table, rows) =>
  assert.equal(await eventually(async () => (await ask(`${table} | count`))[0].Count, (n) => n >= rows), rows);
const withFolder = async (work) => {
  const folder = mkdtempSync(join(tmpdir(), "conshelf-node-"));
  const file = (name, content) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  try {
    await work(file);
  } finally {
    rmSync(folder, { recursive: true });
  }
};
// A blob in the storage beside the cluster, put there with the storage client.
const uploaded = async (content, name = "rows.csv") => {
  const root = [...(await command(".create tempstorage")).rows()][0].toJSON().StorageRoot;
  const blob = new ContainerClient(root).getBlockBlobClient(`${randomUUID()}/${name}`);
  await blob.uploadData(Buffer.from(content));
  return blob.url;
};
const refused = async (work) => {
  try {
    await work();
  } catch (error) {
    return error;
  }
  throw new Error("it was answered");
};
const told = (error) => JSON.stringify(error.response?.data ?? error.message ?? error);

const checks = {
  async everyTypeComesBack() {
    const row = (await ask(`print b=true, i=int(-5), l=9007199254740991, r=0.5, d=decimal(1.50), s='ä"', t=datetime(2020-03-04T14:05:01.310Z),
      n=time(-1.01:23:45.6789), g=guid(74be27de-1e4e-49d9-b579-fe0b331d3642), y=dynamic({"a":[1,null]}), nan=real(nan), nb=bool(null), nl=long(null),
      nt=datetime(null), nn=timespan(null), ng=guid(null), ny=dynamic(null)`))[0];
    assert.deepEqual([row.b, row.i, row.l, row.r, Number(row.d), row.s, row.g, row.y],
      [true, -5, 9007199254740991, 0.5, 1.5, 'ä"', "74be27de-1e4e-49d9-b579-fe0b331d3642", { a: [1, null] }]);
    assert.equal(row.t.toISOString(), "2020-03-04T14:05:01.310Z");
    assert.equal(row.n, -(((24 + 1) * 60 + 23) * 60_000 + 45_678.9));
    for (const name of ["nb", "nl", "nt", "nn", "ng", "ny"]) assert.equal(row[name], null, name);
  },
  async firstVersionOfQueriesAnswersToo() {
    const results = await kusto.executeQueryV1(database, "range x from 1 to 3 step 1");
    assert.equal([...results.primaryResults[0].rows()].length, 3);
  },
  async parametersAreBound() {
    const properties = new ClientRequestProperties();
    Object.entries({ b: "bool(true)", l: 5, r: "real(2.5)", s: "a 'quoted' text", t: "datetime(2024-01-02)" }).forEach(([name, value]) => properties.setParameter(name, value));
    const [row] = await ask("declare query_parameters(b:bool, l:long, r:real, s:string, t:datetime); print b=b, l=l, r=r, s=s, t=t", properties);
    assert.deepEqual([row.b, row.l, row.r, row.s, row.t.toISOString()], [true, 5, 2.5, "a 'quoted' text", "2024-01-02T00:00:00.000Z"]);
  },
  async aQueryThatIsWrongIsTold() {
    const semantic = await refused(() => ask("NoSuchTable | count"));
    assert.equal(semantic.response.status, 400);
    assert.match(told(semantic), /SEM0100/);
    assert.match(told(await refused(() => ask("print |"))), /SYN/);
  },
  // What the client's own suite of tests asks for around its tests.
  async commandsThatPrepareATableAnswer() {
    const traced = connection();
    traced.applicationNameForTracing = "Nøde";
    const client = new Client(traced);
    const columns = async (text) => (await client.execute(database, text)).primaryResults[0].columns.map((column) => column.name);
    const table = await made();
    await client.execute(database, `.create-merge table ${table} (Device:string, More:long)`);
    await client.execute(database, `.alter table ${table} policy ingestionbatching @'{"MaximumBatchingTimeSpan":"00:00:10", "MaximumNumberOfItems": 500, "MaximumRawDataSizeMB": 1024}'`);
    await client.execute(KustoConnectionStringBuilder.DefaultDatabaseName, `.refresh database '${database}' table '${table}' cache ingestionbatchingpolicy`);
    await client.execute(database, ".clear database cache streamingingestion schema");
    assert.deepEqual(await columns(".show tables | project TableName, DatabaseName"), ["TableName", "DatabaseName"]);
    assert.deepEqual(await columns(`.show database ${database}  policy retention | project ChildEntities, EntityType`), ["ChildEntities", "EntityType"]);
    const error = await refused(() => client.executeQuery(database, "invalidSyntax "));
    assert.equal(error.request, undefined);
    assert.ok([undefined, "<REDACTED>"].includes(error.config.headers.Authorization));
    await client.execute(database, `.drop tables (${table},${table}_none) ifexists`);
    assert.match(told(await refused(() => ask(`${table} | count`))), /SEM0100/);
    client.close();
  },
  async aTimeLimitEndsAQuery() {
    const properties = new ClientRequestProperties();
    properties.setTimeout(2_000);
    const error = await refused(() => ask("range x from 1 to 1000000000000 step 1 | summarize dcount(x)", properties));
    assert.equal(error.response?.status, 504, told(error));
  },
  async aQueryCanBeCancelled() {
    const properties = new ClientRequestProperties();
    properties.clientRequestId = "cancel;" + randomUUID();
    const running = refused(() => ask("range x from 1 to 1000000000000 step 1 | summarize dcount(x)", properties));
    const shown = await eventually(async () => [...(await command(".show queries")).rows()].map((row) => row.toJSON())
      .filter((query) => query.ClientActivityId === properties.clientRequestId && query.State === "InProgress"), (found) => found.length > 0);
    assert.equal(shown.length, 1);
    await command(`.cancel query "${properties.clientRequestId}"`);
    assert.match(told(await running), /ancel/);
  },
  async aLargeResultIsRead() {
    const properties = new ClientRequestProperties();
    properties.setOption("notruncation", true);
    const rows = await ask(`range x from 1 to ${Math.min(big, 1_000_000)} step 1 | extend s=strcat('row ', x)`, properties);
    assert.equal(rows.length, Math.min(big, 1_000_000));
    assert.equal(rows.at(-1).s, `row ${rows.length}`);
  },
  // The client gathers what it is answered, unless its requests ask for streams; it then hands on the answer as it comes, to be read by a parser of one's own.
  async aLargeResultIsStreamed() {
    const properties = new ClientRequestProperties();
    properties.setOption("notruncation", true);
    properties.raw = true;
    const client = new Client(connection());
    client.axiosInstance.defaults.responseType = "stream";
    let rows = 0;
    let rest = "";
    for await (const part of await client.executeQuery(database, `range x from 1 to ${big} step 1 | extend s=strcat('row ', x, strrep('.', 80))`, properties)) {
      const text = rest + part.toString("latin1");
      rows += text.split('"row ').length - 1;
      rest = text.slice(-4);
    }
    client.close();
    assert.equal(rows, big);
    tellPeak();
  },
  async streamingTakesFilesStreamsAndBlobs() {
    const table = await made();
    await command(`.alter table ${table} policy streamingingestion enable`);
    const client = new StreamingIngestClient(connection(), target(table));
    await client.ingestFromStream(stream("a,1\n"));
    await client.ingestFromStream(new StreamDescriptor(stream(gzipSync("b,2\n")), null, CompressionType.GZIP));
    await withFolder(async (file) => {
      await client.ingestFromFile(file("rows.csv", "c,3\n"));
      await client.ingestFromFile(file("rows.csv.gz", gzipSync("d,4\n")));
    });
    await client.ingestFromBlob(new BlobDescriptor(await uploaded("e,5\n")));
    client.close();
    assert.deepEqual((await ask(`${table} | order by Value asc`)).map((row) => row.Device), ["a", "b", "c", "d", "e"]);
  },
  async streamingTakesJsonByAMapping() {
    const table = await made("n:long, t:string");
    await command(`.alter table ${table} policy streamingingestion enable`);
    await command(`.create table ${table} ingestion json mapping 'm' '[{"column":"n","Properties":{"Path":"$.no"}},{"column":"t","Properties":{"Path":"$.in.text"}}]'`);
    const client = new StreamingIngestClient(connection(), target(table, { format: DataFormat.JSON, ingestionMappingReference: "m" }));
    await client.ingestFromStream(stream('{"no":1,"in":{"text":"a"}}\n{"no":2,"in":{"text":"b"}}'));
    await client.ingestFromStream(stream('[{"no":3,\n"in":{"text":"c"}}]'), target(table, { format: DataFormat.MULTIJSON, ingestionMappingReference: "m" }));
    assert.deepEqual((await ask(`${table} | order by n asc`)).map((row) => row.t), ["a", "b", "c"]);
  },
  async managedStreamingStreamsWhatIsSmallAndQueuesWhatIsLarge() {
    const table = await made();
    await command(`.alter table ${table} policy streamingingestion enable`);
    const client = new ManagedStreamingIngestClient(connection(), connection(), target(table));
    await client.ingestFromStream(stream("a,1\n"));
    assert.equal((await ask(`${table} | count`))[0].Count, 1);
    // In pieces, as files come: of one that is larger than what it streams the client never sees the end.
    const rows = Array.from({ length: 120 }, (_, i) => Buffer.from(Array.from({ length: 1000 }, () => `${randomUUID()}${randomUUID()},${i}\n`).join("")));
    await client.ingestFromStream(Readable.from(rows));
    await arrive(table, 120_001);
    client.close();
  },
  async managedStreamingQueuesWhatStreamingRefuses() {
    const table = await made();
    await command(`.alter table ${table} policy streamingingestion disable`);
    const client = new ManagedStreamingIngestClient(connection(), connection(), target(table));
    await client.ingestFromStream(stream("a,1\n"));
    await arrive(table, 1);
    client.close();
  },
  async queuedTakesFilesStreamsAndBlobs() {
    const table = await made();
    const client = new IngestClient(connection(), target(table));
    await client.ingestFromStream(stream("a,1\n"));
    await client.ingestFromStream(new StreamDescriptor(stream(gzipSync("b,2\n")), null, CompressionType.GZIP));
    await withFolder(async (file) => {
      await client.ingestFromFile(file("rows.csv", "c,3\n"));
      await client.ingestFromFile(new FileDescriptor(file("rows.csv.gz", gzipSync("d,4\n")), randomUUID(), 4));
    });
    await client.ingestFromBlob(new BlobDescriptor(await uploaded("e,5\n"), 4));
    await client.ingestFromBlob(new BlobDescriptor(await uploaded(gzipSync("f,6\n"), "rows.csv.gz")));
    await arrive(table, 6);
    client.close();
  },
  async formatsByTheNamesThatTheClientGivesThem() {
    const rows = {
      [DataFormat.CSV]: "a,1\n", [DataFormat.TSV]: "a\t1\n", [DataFormat.TSVE]: "a\t1\n", [DataFormat.PSV]: "a|1\n", [DataFormat.SCSV]: "a;1\n",
      [DataFormat.SOHSV]: "a\x011\n", [DataFormat.JSON]: '{"Device":"a","Value":1}\n', [DataFormat.SINGLEJSON]: '{"Device":"a","Value":1}',
      [DataFormat.MULTIJSON]: '[{"Device":"a",\n"Value":1}]', [DataFormat.TXT]: "a\n", [DataFormat.RAW]: "a",
    };
    const tables = {};
    const client = new IngestClient(connection());
    for (const [format, text] of Object.entries(rows)) {
      tables[format] = await made();
      await client.ingestFromStream(stream(text), target(tables[format], { format }));
    }
    for (const [format, name] of Object.entries(written)) {
      tables[format] = await made();
      await client.ingestFromFile(join(samples, name), target(tables[format], { format }));
    }
    for (const [format, table] of Object.entries(tables)) {
      await arrive(table, 1);
      assert.deepEqual((await ask(`${table} | project Device`)).map((row) => row.Device), ["a"], format);
    }
    client.close();
  },
  async streamingTakesFormatsThatAreFiles() {
    const client = new StreamingIngestClient(connection());
    for (const format of [DataFormat.AVRO, DataFormat.APACHEAVRO, DataFormat.W3CLogFile]) {
      const table = await made();
      await command(`.alter table ${table} policy streamingingestion enable`);
      await client.ingestFromFile(join(samples, written[format]), target(table, { format }));
      assert.deepEqual(await ask(table), [{ Device: "a", Value: 1 }], format);
    }
    client.close();
  },
  async queuedKnowsMappingsTagsAndWhatWasThereBefore() {
    const table = await made("n:long, t:string");
    const client = new IngestClient(connection());
    const byColumns = { format: DataFormat.JSON, ingestionMappingColumns: [JsonColumnMapping.withPath("n", "$.no", "long"), JsonColumnMapping.withPath("t", "$.text", "string")] };
    await client.ingestFromStream(stream('{"no":1,"text":"a"}'), target(table, {
      ...byColumns, ingestByTags: ["first"], dropByTags: ["day1"], additionalTags: ["own"], ingestIfNotExists: ["first"],
    }));
    await arrive(table, 1);
    await client.ingestFromStream(stream('{"no":2,"text":"b"}'), target(table, { ...byColumns, ingestIfNotExists: ["first"] }));
    await client.ingestFromStream(stream("x,y\n3,c\n"), target(table, {
      ignoreFirstRecord: true, ingestionMappingColumns: [CsvColumnMapping.withOrdinal("t", 1, "string"), CsvColumnMapping.withOrdinal("n", 0, "long")],
    }));
    await arrive(table, 2);
    assert.deepEqual((await ask(`${table} | order by n asc`)).map((row) => row.t), ["a", "c"]);
    const tags = [...(await command(`.show table ${table} extents`)).rows()].flatMap((row) => row.toJSON().Tags.split(/\s+/));
    for (const tag of ["ingest-by:first", "drop-by:day1", "own"]) assert.ok(tags.includes(tag), tags.join());
    client.close();
  },
  async queuesTellHowItEnded() {
    const table = await made();
    const client = new IngestClient(connection());
    const queues = new IngestStatusQueues(client);
    const report = { reportLevel: ReportLevel.FailuresAndSuccesses, reportMethod: ReportMethod.Queue };
    await client.ingestFromStream(stream("a,1\n"), target(table, report));
    await client.ingestFromStream(stream('{"a":1}'), target(table, { ...report, format: DataFormat.JSON, ingestionMappingReference: "none" }));
    // By the table: the client gives a source that it uploads an id of its own.
    const ended = [];
    await eventually(async () => {
      for (const message of await queues.success.pop(10)) if (message.Table === table) ended.push("Succeeded");
      for (const message of await queues.failure.pop(10)) if (message.Table === table) ended.push(message.ErrorCode);
      return ended.length;
    }, (told) => told >= 2);
    assert.deepEqual(ended.sort(), ["BadRequest_MappingReferenceWasNotFound", "Succeeded"]);
    client.close();
  },
  // The client refuses status tables that are not behind https.
  ...(isSecure && {
    async theTableTellsHowItEnded() {
      const table = await made();
      const client = new IngestClient(connection());
      const report = { reportLevel: ReportLevel.FailuresAndSuccesses, reportMethod: ReportMethod.QueueAndTable };
      const good = await client.ingestFromStream(stream("a,1\n"), target(table, report));
      const bad = await client.ingestFromStream(stream('{"a":1}'), target(table, { ...report, format: DataFormat.JSON, ingestionMappingReference: "none" }));
      const end = (result) => eventually(() => result.getIngestionStatusCollection(), (status) => status.Status !== "Pending");
      assert.equal((await end(good)).Status, "Succeeded");
      const failed = await end(bad);
      assert.deepEqual([failed.Status, failed.FailureStatus, failed.ErrorCode], ["Failed", "Permanent", "BadRequest_MappingReferenceWasNotFound"]);
      client.close();
    },
  }),
};

for (const other of others) {
  // What is streamed and what is queued, at an address of another kind.
  checks[`thereAndBack ${other}`] = async () => {
    url = other;
    kusto.close();
    kusto = new Client(connection());
    const table = await made();
    await command(`.alter table ${table} policy streamingingestion enable`);
    const streaming = new StreamingIngestClient(connection(), target(table));
    await streaming.ingestFromStream(stream("a,1\n"));
    streaming.close();
    const queued = new IngestClient(connection(), target(table));
    await queued.ingestFromStream(stream("b,2\n"));
    queued.close();
    await arrive(table, 2);
    assert.deepEqual((await ask(`${table} | order by Value asc`)).map((row) => row.Device), ["a", "b"]);
  };
}

let failed = 0;
for (const [name, check] of Object.entries(checks)) {
  if (process.env.ONLY && !name.includes(process.env.ONLY)) continue;
  try {
    await check();
    console.log("ok", name);
  } catch (error) {
    failed++;
    console.log("failed", name);
    console.log(error.response ? told(error) : error);
  }
}
process.exit(failed);
