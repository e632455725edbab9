"""Every way into a cluster that the official Python clients have, one check a way.

    python clients.py URL DATABASE [OTHER_URL…]

Signs in as an application where AZURE_CLIENT_ID, AZURE_CLIENT_SECRET and AZURE_TENANT_ID are set, and by http with TOKEN. BIG is how many rows the large
result has; SAMPLES the folder of files in formats that no client writes. At the other addresses of the cluster it goes there and back once.
"""
import asyncio
import gzip
import io
import json
import math
import os
import sys
import tempfile
import threading
import time
import traceback
import uuid
import zipfile
from datetime import datetime, timedelta, timezone
from functools import partial

import pandas
from azure.kusto.data import ClientRequestProperties, DataFormat, KustoClient, KustoConnectionStringBuilder
from azure.kusto.data.aio import KustoClient as AsyncKustoClient
from azure.kusto.data.exceptions import KustoApiError, KustoMultiApiError, KustoServiceError
from azure.kusto.data.helpers import dataframe_from_result_table
from azure.kusto.data.kusto_trusted_endpoints import MatchRule, well_known_kusto_endpoints
from azure.kusto.ingest import (
    BlobDescriptor, ColumnMapping, FileDescriptor, IngestionMappingKind, IngestionProperties, KustoStreamingIngestClient,
    ManagedStreamingIngestClient, QueuedIngestClient, ReportLevel, ReportMethod, StreamDescriptor, ValidationImplications, ValidationOptions,
    ValidationPolicy)
from azure.kusto.ingest.status import KustoIngestStatusQueues
from azure.storage.blob import ContainerClient

URL, DATABASE = sys.argv[1], sys.argv[2]
BIG = int(os.environ.get("BIG", "200000"))
PATIENCE = 120
SAMPLES = os.environ["SAMPLES"]
WRITTEN = {DataFormat.AVRO: "rows.avro", DataFormat.APACHEAVRO: "rows.avro", DataFormat.PARQUET: "rows.parquet", DataFormat.ORC: "rows.orc",
           DataFormat.W3CLOGFILE: "rows.w3clog"}
CHECKS = []


def check(one):
    CHECKS.append(one)
    return one


def connection():
    """A new one each time: ingest clients change what they are given."""
    if URL.startswith("http:") and "TOKEN" in os.environ:
        return KustoConnectionStringBuilder.with_aad_application_token_authentication(URL, os.environ["TOKEN"])
    if "AZURE_CLIENT_ID" in os.environ:
        return KustoConnectionStringBuilder.with_aad_application_key_authentication(
            URL, os.environ["AZURE_CLIENT_ID"], os.environ["AZURE_CLIENT_SECRET"], os.environ["AZURE_TENANT_ID"])
    return KustoConnectionStringBuilder(URL)


kusto = KustoClient(connection())


def command(text):
    return kusto.execute_mgmt(DATABASE, text).primary_results[0]


def ask(text, properties=None):
    return [row.to_list() for row in kusto.execute_query(DATABASE, text, properties).primary_results[0]]


def made(columns="Device:string, Value:real"):
    name = "py_" + uuid.uuid4().hex[:12]
    command(f".create table {name} ({columns})")
    return name


def target(table, **settings):
    settings.setdefault("data_format", DataFormat.CSV)
    return IngestionProperties(database=DATABASE, table=table, flush_immediately=True, **settings)


def eventually(value, is_enough):
    end = time.monotonic() + PATIENCE
    got = value()
    while not is_enough(got) and time.monotonic() < end:
        time.sleep(0.1)
        got = value()
    return got


def arrive(table, rows):
    assert eventually(lambda: ask(f"{table} | count")[0][0], lambda n: n >= rows) == rows, ask(f"{table} | count")


def packed(text):
    return gzip.compress(text.encode())


def file(folder, name, content):
    path = os.path.join(folder, name)
    with open(path, "wb") as out:
        out.write(content)
    return path


@check
def every_type_comes_back():
    row = ask("""print b=true, i=int(-5), l=9223372036854775807, r=0.5, d=decimal(1.50), s='ä"\\n', t=datetime(2020-03-04T14:05:01.3109965Z),
        n=time(-1.01:23:45.6789), g=guid(74be27de-1e4e-49d9-b579-fe0b331d3642), y=dynamic({"a":[1,null]}), nan=real(nan), nb=bool(null), ni=int(null),
        nl=long(null), nr=real(null), nd=decimal(null), nt=datetime(null), nn=timespan(null), ng=guid(null), ny=dynamic(null)""")[0]
    assert row[:3] == [True, -5, 9223372036854775807] and row[3] == 0.5 and float(row[4]) == 1.5 and row[5] == 'ä"\n', row
    assert row[6] == datetime(2020, 3, 4, 14, 5, 1, 310996, tzinfo=timezone.utc), row[6]
    assert row[7] == -timedelta(days=1, hours=1, minutes=23, seconds=45, microseconds=678900), row[7]
    assert str(row[8]) == "74be27de-1e4e-49d9-b579-fe0b331d3642" and row[9] == {"a": [1, None]}, row
    assert math.isnan(float(row[10])) and all(empty is None for empty in row[11:]), row[10:]


@check
def commands_that_prepare_a_table_answer():
    """What the client's own suite of tests asks for around its tests."""
    table = made("n:int, t:string")
    command(f""".create table {table} ingestion json mapping 'JsonMapping' '['
        '    {{ "column" : "n", "datatype" : "int", "Properties":{{"Path":"$.n"}}}},'
        '    {{ "column" : "t", "datatype" : "string", "Properties":{{"Path":"$.t"}}}},'
        ']'""")
    command(f".alter table {table} policy streamingingestion enable ")
    command(".clear database cache streamingingestion schema")
    command(f""".ingest inline into table {table} <| 1,"a, ""b"" c"\n2,é\n""")
    rows = ask(f"{table}| order by n asc")
    assert rows == [[1, 'a, "b" c'], [2, "é"]], rows
    command(f".drop table {table} ifexists")
    command(f".drop table {table} ifexists")


@check
def parameters_are_bound():
    properties = ClientRequestProperties()
    for name, value in {"b": "bool(true)", "l": 5, "r": "real(2.5)", "s": "a 'quoted' text", "t": "datetime(2024-01-02)", "n": "time(1.02:03:04)"}.items():
        properties.set_parameter(name, value)
    assert ask("declare query_parameters(b:bool, l:long, r:real, s:string, t:datetime, n:timespan); print b, l, r, s, t, n", properties) == [
        [True, 5, 2.5, "a 'quoted' text", datetime(2024, 1, 2, tzinfo=timezone.utc), timedelta(days=1, hours=2, minutes=3, seconds=4)]]


@check
def several_results_come_in_order():
    results = kusto.execute_query(DATABASE, "print a=1; print b='x'").primary_results
    assert [[column.column_name for column in one.columns] for one in results] == [["a"], ["b"]]


@check
def a_query_that_is_wrong_is_told():
    try:
        ask("NoSuchTable | count")
        raise AssertionError("it was answered")
    except KustoServiceError as e:
        assert e.is_semantic_error() and not e.has_partial_results(), e
    try:
        ask("print |")
        raise AssertionError("it was answered")
    except KustoApiError as e:
        assert e.get_api_error().permanent and "SYN" in str(e.get_api_error().description), e


@check
def a_result_beyond_the_limit_fails_partially():
    properties = ClientRequestProperties()
    properties.set_option("truncationmaxrecords", 10)
    try:
        kusto.execute_query(DATABASE, "range x from 1 to 100 step 1", properties)
        raise AssertionError("it was answered whole")
    except (KustoMultiApiError, KustoServiceError) as e:
        assert "E_QUERY_RESULT_SET_TOO_LARGE" in str(e) or "80DA0003" in str(e), e
    properties.set_option(ClientRequestProperties.results_defer_partial_query_failures_option_name, True)
    assert kusto.execute_query(DATABASE, "range x from 1 to 100 step 1", properties).errors_count > 0


@check
def a_time_limit_ends_a_query():
    properties = ClientRequestProperties()
    properties.set_option(ClientRequestProperties.request_timeout_option_name, timedelta(seconds=2))
    try:
        ask("range x from 1 to 1000000000000 step 1 | summarize dcount(x)", properties)
        raise AssertionError("it ended")
    except (KustoApiError, KustoServiceError) as e:
        assert "504" in str(e) or "imeout" in str(e), e


@check
def a_query_can_be_cancelled():
    properties = ClientRequestProperties()
    properties.client_request_id = "cancel;" + uuid.uuid4().hex
    ended = []

    def long():
        try:
            KustoClient(connection()).execute_query(DATABASE, "range x from 1 to 1000000000000 step 1 | summarize dcount(x)", properties)
        except KustoServiceError as e:
            ended.append(str(e))

    thread = threading.Thread(target=long)
    thread.start()
    running = eventually(lambda: [row for row in command(".show queries") if row["ClientActivityId"] == properties.client_request_id
                                  and row["State"] == "InProgress"], len)
    assert running, "it never ran"
    command(f'.cancel query "{properties.client_request_id}"')
    thread.join(PATIENCE)
    assert ended and "ancel" in ended[0], ended


def tell_peak():
    """The most memory that this process ever had, as Linux tells it: whoever runs the check with more and with fewer rows compares."""
    if os.path.exists("/proc/self/status"):
        with open("/proc/self/status") as status:
            print("peak", next(line.split(":")[1].strip() for line in status if line.startswith("VmHWM:")))


@check
def a_large_result_is_streamed():
    properties = ClientRequestProperties()
    properties.set_option("notruncation", True)
    rows = total = 0
    with KustoClient(connection()) as client:
        for table in client.execute_streaming_query(DATABASE, f"range x from 1 to {BIG} step 1 | extend s=strcat('row ', x, strrep('.', 80))", properties=properties).iter_primary_results():
            for row in table:
                rows += 1
                total += row["x"]
    assert (rows, total) == (BIG, BIG * (BIG + 1) // 2), (rows, total)
    tell_peak()


@check
def results_become_data_frames():
    frame = dataframe_from_result_table(kusto.execute_query(
        DATABASE, "range x from 1 to 3 step 1 | extend t=datetime(2024-01-01) + x * 1d, n=x * 1h, s=tostring(x), r=real(nan), b=bool(null)").primary_results[0])
    assert list(frame["x"]) == [1, 2, 3] and str(frame["t"].iloc[0]) == "2024-01-02 00:00:00+00:00" and frame["n"].iloc[1] == pandas.Timedelta(hours=2)


@check
def the_client_that_awaits_asks_too():
    async def both():
        async with AsyncKustoClient(connection()) as client:
            plain = await client.execute(DATABASE, "print 1")
            streamed = await client.execute_streaming_query(DATABASE, "range x from 1 to 1000 step 1")
            count = 0
            async for table in streamed.iter_primary_results():
                async for _ in table:
                    count += 1
            return plain.primary_results[0][0][0], count

    assert asyncio.run(both()) == (1, 1000)


@check
def streaming_takes_files_streams_and_blobs():
    table = made()
    command(f".alter table {table} policy streamingingestion enable")
    with KustoStreamingIngestClient(connection()) as client, tempfile.TemporaryDirectory() as folder:
        client.ingest_from_stream(io.BytesIO(b"a,1\n"), target(table))
        client.ingest_from_stream(io.StringIO("b,2"), target(table))
        client.ingest_from_stream(StreamDescriptor(io.BytesIO(packed("c,3\n")), is_compressed=True), target(table))
        client.ingest_from_file(file(folder, "rows.csv", b"d,4\n"), target(table))
        client.ingest_from_file(file(folder, "rows.csv.gz", packed("e,5\n")), target(table))
        client.ingest_from_blob(BlobDescriptor(uploaded("f,6\n")), target(table))
        client.ingest_from_dataframe(pandas.DataFrame([["g", 7.0]], columns=["Device", "Value"]), target(table))
    assert ask(f"{table} | order by Value asc") == [[d, float(v)] for v, d in enumerate("abcdefg", 1)]


@check
def streaming_takes_json_by_a_mapping():
    table = made("n:long, t:string")
    command(f".alter table {table} policy streamingingestion enable")
    command(f".create table {table} ingestion json mapping 'm' '[{{\"column\":\"n\",\"Properties\":{{\"Path\":\"$.no\"}}}},"
            "{\"column\":\"t\",\"Properties\":{\"Path\":\"$.in.text\"}}]'")
    by_name = dict(ingestion_mapping_reference="m", ingestion_mapping_kind=IngestionMappingKind.JSON)
    with KustoStreamingIngestClient(connection()) as client:
        client.ingest_from_stream(io.BytesIO(b'{"no":1,"in":{"text":"a"}}\n{"no":2,"in":{"text":"b"}}'), target(table, data_format=DataFormat.JSON, **by_name))
        client.ingest_from_stream(io.BytesIO(b'[{"no":3,\n"in":{"text":"c"}}]'), target(table, data_format=DataFormat.MULTIJSON, **by_name))
    assert ask(f"{table} | order by n asc") == [[1, "a"], [2, "b"], [3, "c"]]


@check
def streaming_without_its_policy_is_refused():
    table = made()
    command(f".alter table {table} policy streamingingestion disable")
    with KustoStreamingIngestClient(connection()) as client:
        try:
            client.ingest_from_stream(io.BytesIO(b"a,1\n"), target(table))
            raise AssertionError("it was taken")
        except KustoServiceError as e:
            assert "treaming" in str(e), e


@check
def managed_streaming_streams_what_is_small_and_queues_what_is_large():
    table = made()
    command(f".alter table {table} policy streamingingestion enable")
    with ManagedStreamingIngestClient(connection(), connection()) as client:
        small = client.ingest_from_stream(io.BytesIO(b"a,1\n"), target(table))
        # What compresses badly, so that it stays large.
        rows = "".join(f"{uuid.uuid4()}{uuid.uuid4()},{i}\n" for i in range(120_000))
        large = client.ingest_from_stream(io.BytesIO(rows.encode()), target(table))
    assert (small.status.value, large.status.value) == ("SUCCESS", "QUEUED"), (small.status, large.status)
    arrive(table, 120_001)


def uploaded(text, name="rows.csv"):
    """A blob in the storage beside the cluster, put there with the storage client."""
    root = command(".create tempstorage")[0]["StorageRoot"]
    # A mark of its own: the name of a blob is told apart from the signature.
    container = ContainerClient.from_container_url(root)
    blob = container.get_blob_client(f"{uuid.uuid4().hex}/{name}")
    blob.upload_blob(text.encode() if isinstance(text, str) else text)
    return blob.url


@check
def queued_takes_files_streams_blobs_and_data_frames():
    table = made()
    with QueuedIngestClient(connection()) as client, tempfile.TemporaryDirectory() as folder:
        client.ingest_from_stream(io.BytesIO(b"a,1\n"), target(table))
        client.ingest_from_stream(io.StringIO("b,2"), target(table))
        client.ingest_from_stream(StreamDescriptor(io.BytesIO(packed("c,3\n")), is_compressed=True), target(table))
        client.ingest_from_file(file(folder, "rows.csv", b"d,4\n"), target(table))
        client.ingest_from_file(FileDescriptor(file(folder, "rows.csv.gz", packed("e,5\n")), 4, uuid.uuid4()), target(table))
        zipped = io.BytesIO()
        with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("rows.csv", "f,6\n")
        client.ingest_from_file(file(folder, "rows.csv.zip", zipped.getvalue()), target(table))
        client.ingest_from_blob(BlobDescriptor(uploaded("g,7\n"), 4), target(table))
        client.ingest_from_blob(BlobDescriptor(uploaded(packed("h,8\n"), "rows.csv.gz")), target(table))
        result = client.ingest_from_dataframe(pandas.DataFrame([["i", 9.0]], columns=["Device", "Value"]), target(table))
        assert result.status.value == "QUEUED"
    arrive(table, 9)
    assert ask(f"{table} | order by Value asc") == [[d, float(v)] for v, d in enumerate("abcdefghi", 1)]


@check
def formats_by_the_names_that_the_client_gives_them():
    rows = {
        DataFormat.CSV: "a,1\n", DataFormat.TSV: "a\t1\n", DataFormat.TSVE: "a\t1\n", DataFormat.PSV: "a|1\n", DataFormat.SCSV: "a;1\n",
        DataFormat.SOHSV: "a\x011\n", DataFormat.JSON: '{"Device":"a","Value":1}\n', DataFormat.SINGLEJSON: '{"Device":"a","Value":1}',
        DataFormat.MULTIJSON: '[{"Device":"a",\n"Value":1}]', DataFormat.TXT: "a\n", DataFormat.RAW: "a"}
    with QueuedIngestClient(connection()) as client:
        tables = {}
        for form, text in rows.items():
            tables[form] = made()
            client.ingest_from_stream(io.BytesIO(text.encode()), target(tables[form], data_format=form))
        for form, name in WRITTEN.items():
            tables[form] = made()
            client.ingest_from_file(os.path.join(SAMPLES, name), target(tables[form], data_format=form))
    for form, table in tables.items():
        arrive(table, 1)
        assert ask(f"{table} | project Device") == [["a"]], form


@check
def streaming_takes_formats_that_are_files():
    with KustoStreamingIngestClient(connection()) as client:
        for form in (DataFormat.AVRO, DataFormat.APACHEAVRO, DataFormat.W3CLOGFILE):
            table = made()
            command(f".alter table {table} policy streamingingestion enable")
            client.ingest_from_file(os.path.join(SAMPLES, WRITTEN[form]), target(table, data_format=form))
            assert ask(table) == [["a", 1.0]], form


@check
def queued_knows_mappings_tags_and_what_was_there_before():
    table = made("n:long, t:string")
    by_columns = dict(data_format=DataFormat.JSON, column_mappings=[
        ColumnMapping("n", "long", path="$.no"), ColumnMapping("t", "string", path="$.text")])
    with QueuedIngestClient(connection()) as client:
        client.ingest_from_stream(io.BytesIO(b'{"no":1,"text":"a"}'), target(
            table, ingest_by_tags=["first"], drop_by_tags=["day1"], additional_tags=["own"], ingest_if_not_exists=["first"], **by_columns))
        arrive(table, 1)
        client.ingest_from_stream(io.BytesIO(b'{"no":2,"text":"b"}'), target(table, ingest_if_not_exists=["first"], **by_columns))
        client.ingest_from_stream(io.BytesIO(b"x,y\n3,c\n"), target(table, ignore_first_record=True, column_mappings=[
            ColumnMapping("t", "string", ordinal=1), ColumnMapping("n", "long", ordinal=0)], validation_policy=ValidationPolicy(
                ValidationOptions.ValidateCsvInputConstantColumns, ValidationImplications.Fail)))
        arrive(table, 2)
    assert ask(f"{table} | order by n asc") == [[1, "a"], [3, "c"]]
    tags = {tag for row in command(f".show table {table} extents") for tag in row["Tags"].split()}
    assert {"ingest-by:first", "drop-by:day1", "own"} <= tags, tags


@check
def queues_tell_how_it_ended():
    table = made()
    with QueuedIngestClient(connection()) as client:
        queues = KustoIngestStatusQueues(client)
        good = client.ingest_from_stream(StreamDescriptor(io.BytesIO(b"a,1\n"), source_id=uuid.uuid4()), target(
            table, report_level=ReportLevel.FailuresAndSuccesses, report_method=ReportMethod.Queue)).source_id
        bad = client.ingest_from_stream(StreamDescriptor(io.BytesIO(b'{"a":1}'), source_id=uuid.uuid4()), target(
            table, data_format=DataFormat.JSON, ingestion_mapping_reference="none", ingestion_mapping_kind=IngestionMappingKind.JSON,
            report_level=ReportLevel.FailuresAndSuccesses, report_method=ReportMethod.Queue)).source_id
        told = {}

        def read():
            for message in queues.success.pop(10):
                told[str(message.IngestionSourceId)] = "Succeeded"
            for message in queues.failure.pop(10):
                told[str(message.IngestionSourceId)] = message.ErrorCode
            return told

        eventually(read, lambda all: str(good) in all and str(bad) in all)
    assert told.get(str(good)) == "Succeeded" and told.get(str(bad)) == "BadRequest_MappingReferenceWasNotFound", told


def there_and_back(other):
    """What is streamed and what is queued, at an address of another kind."""
    global URL, kusto
    URL = other
    kusto.close()
    kusto = KustoClient(connection())
    table = made()
    command(f".alter table {table} policy streamingingestion enable")
    with KustoStreamingIngestClient(connection()) as streaming, QueuedIngestClient(connection()) as queued:
        streaming.ingest_from_stream(io.BytesIO(b"a,1\n"), target(table))
        queued.ingest_from_stream(io.BytesIO(b"b,2\n"), target(table))
    arrive(table, 2)
    assert ask(f"{table} | order by Value asc") == [["a", 1.0], ["b", 2.0]]


def main():
    # To a name that it does not know of the client sends no token.
    well_known_kusto_endpoints.add_trusted_hosts([MatchRule(".example", False)], False)
    failed = 0
    only = os.environ.get("ONLY", "")
    checks = {one.__name__: one for one in CHECKS}
    checks.update({f"there_and_back {other}": partial(there_and_back, other) for other in sys.argv[3:]})
    for name, one in checks.items():
        if only not in name:
            continue
        try:
            one()
            print("ok", name, flush=True)
        except BaseException:
            failed += 1
            print("failed", name, flush=True)
            traceback.print_exc(file=sys.stdout)
    kusto.close()
    sys.stdout.flush()
    os._exit(min(failed, 100))


main()
