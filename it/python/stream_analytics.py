"""Stream Analytics through its management client: create a job with all its parts, compile its query, start it, wait for rows, stop, delete.

    python stream_analytics.py http://localhost:8080 FOLDER DATABASE
"""
import json
import sys
import time
import urllib.request

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.streamanalytics import StreamAnalyticsManagementClient
from azure.mgmt.streamanalytics.models import (
    AzureDataExplorerOutputDataSource, CompileQuery, FileReferenceInputDataSource, Function, FunctionInput, FunctionOutput, Identity, Input,
    JavaScriptFunctionBinding, JsonSerialization, Output, QueryInput, RawStreamInputDataSource, ReferenceInputProperties, ScalarFunctionProperties, Sku,
    StartStreamingJobParameters, StreamInputProperties, StreamingJob, Transformation)

GROUP, JOB = "lab", "python-job"


class AnyToken:
    """A cluster in open mode looks at no token."""

    def get_token(self, *scopes, **options):
        return AccessToken("any", int(time.time()) + 3600)


def query(url, database, kql):
    request = urllib.request.Request(url + "/v1/rest/query", json.dumps({"db": database, "csl": kql}).encode(), {"Content-Type": "application/json"})
    return json.loads(urllib.request.urlopen(request).read())["Tables"][0]["Rows"]


def main(url, folder, database):
    # The policy that adds tokens insists on https; one that does nothing takes its place.
    client = StreamAnalyticsManagementClient(
        AnyToken(), "00000000-0000-0000-0000-000000000000", base_url=url, authentication_policy=SansIOHTTPPolicy())

    job = client.streaming_jobs.begin_create_or_replace(GROUP, JOB, StreamingJob(
        location="eastus", identity=Identity(type="SystemAssigned"), sku=Sku(name="Standard"), compatibility_level="1.2",
        events_late_arrival_max_delay_in_seconds=5, events_out_of_order_policy="Adjust", output_error_policy="Drop", tags={"for": "test"})).result()
    assert job.job_state == "Created" and job.provisioning_state == "Succeeded", job
    assert job.identity.principal_id and job.etag, job

    client.inputs.create_or_replace(GROUP, JOB, "readings", Input(properties=StreamInputProperties(
        datasource=RawStreamInputDataSource(payload=open(folder + "/readings.json").read()), serialization=JsonSerialization(encoding="UTF8"))))
    client.inputs.create_or_replace(GROUP, JOB, "devices", Input(properties=ReferenceInputProperties(
        datasource=FileReferenceInputDataSource(path=folder + "/devices.json"), serialization=JsonSerialization(encoding="UTF8"))))
    client.functions.create_or_replace(GROUP, JOB, "twice", Function(properties=ScalarFunctionProperties(
        inputs=[FunctionInput(data_type="any")], output=FunctionOutput(data_type="any"),
        binding=JavaScriptFunctionBinding(script="function twice(x) { return 2 * x; }"))))
    client.outputs.create_or_replace(GROUP, JOB, "table", Output(datasource=AzureDataExplorerOutputDataSource(
        cluster="https://samples.westeurope.kusto.windows.net", database=database, table="FromPython", authentication_mode="Msi")))
    text = """SELECT System.Timestamp() AS [Time], d.room AS Room, udf.twice(r.value) AS Value INTO [table]
        FROM readings r TIMESTAMP BY r.at JOIN devices d ON r.device = d.device"""
    client.transformations.create_or_replace(GROUP, JOB, "query", Transformation(streaming_units=3, query=text))

    assert [one.name for one in client.inputs.list_by_streaming_job(GROUP, JOB)] == ["devices", "readings"]
    whole = client.streaming_jobs.get(GROUP, JOB, expand="inputs,transformation,outputs,functions")
    assert whole.transformation.query == text and len(whole.inputs) == 2 and len(whole.outputs) == 1 and len(whole.functions) == 1, whole
    assert client.streaming_jobs.get(GROUP, JOB).inputs is None

    compiled = client.subscriptions.compile_query("local", CompileQuery(
        query="SELECT x FROM nowhere", inputs=[QueryInput(name="readings", type="Stream")], functions=[], job_type="Cloud", compatibility_level="1.2"))
    assert compiled.errors and compiled.errors[0].start_line == 1, compiled

    tested = client.outputs.begin_test(GROUP, JOB, "table").result()
    assert tested.status == "TestSucceeded", tested
    tested = client.outputs.begin_test(GROUP, JOB, "table", Output(datasource=AzureDataExplorerOutputDataSource(
        cluster="https://samples.westeurope.kusto.windows.net", database=database, table="Nowhere", authentication_mode="Msi"))).result()
    assert tested.status == "TestFailed" and "Nowhere" in tested.error.message, tested.error.message

    # Somebody who has read an older state changes nothing.
    stale = whole.outputs[0]
    client.outputs.update(GROUP, JOB, "table", Output(size_window=10))
    try:
        client.outputs.update(GROUP, JOB, "table", Output(size_window=20), if_match=stale.etag)
        raise AssertionError("the stale etag was taken")
    except HttpResponseError as refused:
        assert refused.status_code == 412, refused

    client.streaming_jobs.begin_start(GROUP, JOB, StartStreamingJobParameters(
        output_start_mode="CustomTime", output_start_time="2026-01-31T00:00:00Z")).result()
    deadline = time.time() + 120
    rows = []
    while time.time() < deadline and len(rows) < 2:
        time.sleep(0.5)
        rows = query(url, database, "FromPython | order by Value asc | project Room, Value")
    assert rows == [["cellar", 20.0], ["kitchen", 42.0]], rows

    client.streaming_jobs.begin_stop(GROUP, JOB).result()
    assert client.streaming_jobs.get(GROUP, JOB).job_state == "Stopped"
    client.streaming_jobs.begin_delete(GROUP, JOB).result()
    assert not list(client.streaming_jobs.list())
    print("ok")


if __name__ == "__main__":
    main(*sys.argv[1:])
