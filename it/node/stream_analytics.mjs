// Stream Analytics through its management client: create a job that writes into Azure Data Explorer, start it, wait for rows, stop, delete.
//
//     node stream_analytics.mjs http://127.0.0.1:8080 DATABASE
import assert from "node:assert/strict";
import { setTimeout as pause } from "node:timers/promises";
import { StreamAnalyticsManagementClient } from "@azure/arm-streamanalytics";
import { BlobServiceClient, StorageSharedKeyCredential, BlobSASPermissions } from "@azure/storage-blob";

const [url, database] = process.argv.slice(2);
const GROUP = "lab", JOB = "node-job";
// The key that storage emulators share.
const KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";

async function query(kql) {
  const answer = await fetch(url + "/v1/rest/query", {
    method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ db: database, csl: kql }) });
  return (await answer.json()).Tables[0].Rows;
}

// A cluster in open mode looks at no token.
const credential = { getToken: async () => ({ token: "any", expiresOnTimestamp: Date.now() + 3_600_000 }) };
const client = new StreamAnalyticsManagementClient(credential, "00000000-0000-0000-0000-000000000000", { endpoint: url, allowInsecureConnection: true });
// The policy that adds tokens insists on https.
client.pipeline.removePolicy({ name: "bearerTokenAuthenticationPolicy" });

const text = "SELECT r.device AS Device, r.value * 2 AS Value INTO [table] FROM readings r TIMESTAMP BY r.at";
const serialization = { type: "Json", encoding: "UTF8" };
const events = '{"device": "a", "at": "2026-01-31T08:00:00Z", "value": 21}\n{"device": "b", "at": "2026-01-31T08:00:01Z", "value": 10}\n';
const readings = { name: "readings", properties: { type: "Stream", datasource: { type: "Raw", payload: events }, serialization } };

const job = await client.streamingJobs.beginCreateOrReplaceAndWait(GROUP, JOB, {
  location: "eastus", identity: { type: "SystemAssigned" }, sku: { name: "Standard" }, compatibilityLevel: "1.2", eventsOutOfOrderPolicy: "Adjust",
  inputs: [readings], transformation: { name: "query", streamingUnits: 3, query: text },
  outputs: [{ name: "table", datasource: {
    type: "Microsoft.Kusto/clusters/databases", cluster: "https://samples.westeurope.kusto.windows.net", database, table: "FromNode", authenticationMode: "Msi" } }] });
assert.equal(job.jobState, "Created");
const whole = await client.streamingJobs.get(GROUP, JOB, { expand: "inputs,transformation,outputs,functions" });
assert.equal(whole.transformation.query, text);
assert.equal(whole.outputs[0].datasource.table, "FromNode");
assert.equal((await client.outputs.beginTestAndWait(GROUP, JOB, "table")).status, "TestSucceeded");

const compiled = await client.subscriptions.compileQuery("local", {
  query: "SELECT x FROM nowhere", inputs: [{ name: "readings", type: "Stream" }], functions: [], jobType: "Cloud", compatibilityLevel: "1.2" });
assert.equal(compiled.errors[0].startLine, 1);

// The same query over a blob, its rows into another.
const account = new BlobServiceClient(url + "/labstore", new StorageSharedKeyCredential("labstore", KEY));
const container = account.getContainerClient("tests");
await container.createIfNotExists();
await container.getBlockBlobClient("in.json").upload(events, Buffer.byteLength(events));
const signed = (name) => container.getBlockBlobClient(name).generateSasUrl({ permissions: BlobSASPermissions.parse("rcw"), expiresOn: new Date(Date.now() + 3_600_000) });
const read = async (name) => (await container.getBlockBlobClient(name).downloadToBuffer()).toString().trim().split("\n").map((line) => JSON.parse(line));
const tested = await client.subscriptions.beginTestQueryAndWait("local", { streamingJob: {
  location: "eastus", compatibilityLevel: "1.2", transformation: { name: "query", streamingUnits: 1, query: text },
  inputs: [{ name: "readings", properties: { type: "Stream", datasource: { type: "Raw", payloadUri: await signed("in.json") }, serialization } }],
  outputs: [{ name: "table", datasource: { type: "Raw", payloadUri: await signed("out.json") }, serialization }] } });
assert.equal(tested.status, "Success", JSON.stringify(tested));
assert.deepEqual(await read("out.json"), [{ Device: "a", Value: 42 }, { Device: "b", Value: 20 }]);

const sampled = await client.subscriptions.beginSampleInputAndWait("local", { input: readings, compatibilityLevel: "1.2", eventsUri: await signed("sample.json") });
assert.equal(sampled.status, "ReadAllEventsInRange", JSON.stringify(sampled));
assert.equal((await read("sample.json")).length, 2);

await client.streamingJobs.beginStartAndWait(GROUP, JOB, {
  startJobParameters: { outputStartMode: "CustomTime", outputStartTime: new Date("2026-01-31T00:00:00Z") } });
const deadline = Date.now() + 120_000;
let rows = [];
while (Date.now() < deadline && rows.length < 2) {
  await pause(500);
  rows = await query("FromNode | order by Value asc");
}
assert.deepEqual(rows, [["b", 20], ["a", 42]]);

await client.streamingJobs.beginStopAndWait(GROUP, JOB);
assert.equal((await client.streamingJobs.get(GROUP, JOB)).jobState, "Stopped");
await client.streamingJobs.beginDeleteAndWait(GROUP, JOB);
for await (const left of client.streamingJobs.list()) {
  assert.fail(left.name);
}
console.log("ok");
