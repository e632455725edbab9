"""Data Factory through its management client: create a resource group and a factory, run a pipeline, watch it, run it again, cancel, delete.

    python data_factory.py http://localhost:8080 FOLDER
"""
import sys
import time
from datetime import datetime, timedelta, timezone

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.datafactory import DataFactoryManagementClient
from azure.mgmt.datafactory.models import (
    ActivityDependency, AzureBlobDataset, AzureDataExplorerLinkedService, AzureDataExplorerSink, AzureDataExplorerTableDataset,
    AzureStorageLinkedService, BlobSink, BlobSource, CopyActivity, DatasetReference, DatasetResource, DelimitedTextDataset, DelimitedTextSource,
    Factory, FileServerLinkedService, FileServerLocation, FileServerReadSettings, FileShareDataset, FileSystemSource, LinkedServiceReference,
    LinkedServiceResource, ParameterSpecification, PipelineResource, RunFilterParameters, SecureString, WaitActivity)
from azure.mgmt.resource.resources import ResourceManagementClient

GROUP, FACTORY = "lab", "python-lab"


class AnyToken:
    """A cluster in open mode looks at no token."""

    def get_token(self, *scopes, **options):
        return AccessToken("any", int(time.time()) + 3600)


def wait(client, run_id):
    run = client.pipeline_runs.get(GROUP, FACTORY, run_id)
    while run.status in ("Queued", "InProgress", "Canceling"):
        time.sleep(0.2)
        run = client.pipeline_runs.get(GROUP, FACTORY, run_id)
    return run


def main(url, folder):
    # The policy that adds tokens insists on https; one that does nothing takes its place.
    client = DataFactoryManagementClient(
        AnyToken(), "00000000-0000-0000-0000-000000000000", base_url=url, authentication_policy=SansIOHTTPPolicy())
    resources = ResourceManagementClient(
        AnyToken(), "00000000-0000-0000-0000-000000000000", base_url=url, authentication_policy=SansIOHTTPPolicy())
    assert resources.resource_groups.create_or_update(GROUP, {"location": "eastus"}).properties.provisioning_state == "Succeeded"
    assert resources.resource_groups.check_existence(GROUP) and not resources.resource_groups.check_existence("other")
    assert GROUP in [group.name for group in resources.resource_groups.list()]
    client.factories.create_or_update(GROUP, FACTORY, Factory(location="eastus"))

    client.linked_services.create_or_update(GROUP, FACTORY, "adx", LinkedServiceResource(properties=AzureDataExplorerLinkedService(
        endpoint="https://help.kusto.windows.net", database="Lab", service_principal_id="app",
        service_principal_key=SecureString(value="hidden"), tenant="tenant")))
    client.linked_services.create_or_update(GROUP, FACTORY, "files", LinkedServiceResource(properties=FileServerLinkedService(host=folder)))

    def service(name):
        return LinkedServiceReference(type="LinkedServiceReference", reference_name=name)

    def dataset(name):
        return DatasetReference(type="DatasetReference", reference_name=name)

    client.datasets.create_or_update(GROUP, FACTORY, "csv", DatasetResource(properties=DelimitedTextDataset(
        linked_service_name=service("files"), location=FileServerLocation(file_name="readings.csv"), column_delimiter=",",
        escape_char='"', first_row_as_header=True)))
    client.datasets.create_or_update(GROUP, FACTORY, "table", DatasetResource(properties=AzureDataExplorerTableDataset(
        linked_service_name=service("adx"), table="FromPython")))

    client.pipelines.create_or_update(GROUP, FACTORY, "load", PipelineResource(
        parameters={"seconds": ParameterSpecification(type="Int", default_value=0)},
        activities=[
            WaitActivity(name="Wait", wait_time_in_seconds="@pipeline().parameters.seconds"),
            CopyActivity(
                name="Copy", depends_on=[ActivityDependency(activity="Wait", dependency_conditions=["Succeeded"])],
                inputs=[dataset("csv")], outputs=[dataset("table")],
                source=DelimitedTextSource(store_settings=FileServerReadSettings()), sink=AzureDataExplorerSink(flush_immediately=True))]))

    # The copy of the service's quickstart, from blob to blob, with a file to begin with.
    client.linked_services.create_or_update(GROUP, FACTORY, "storageLinkedService", LinkedServiceResource(properties=AzureStorageLinkedService(
        connection_string=SecureString(value="DefaultEndpointsProtocol=https;AccountName=quickpython;AccountKey=c2VjcmV0;EndpointSuffix=core.windows.net"))))
    client.datasets.create_or_update(GROUP, FACTORY, "file", DatasetResource(properties=FileShareDataset(
        linked_service_name=service("files"), file_name="readings.csv")))
    client.datasets.create_or_update(GROUP, FACTORY, "ds_in", DatasetResource(properties=AzureBlobDataset(
        linked_service_name=service("storageLinkedService"), folder_path="adfv2tutorial/input", file_name="input.txt")))
    client.datasets.create_or_update(GROUP, FACTORY, "ds_out", DatasetResource(properties=AzureBlobDataset(
        linked_service_name=service("storageLinkedService"), folder_path="adfv2tutorial/output")))
    client.pipelines.create_or_update(GROUP, FACTORY, "copyPipeline", PipelineResource(parameters={}, activities=[
        CopyActivity(name="upload", inputs=[dataset("file")], outputs=[dataset("ds_in")], source=FileSystemSource(), sink=BlobSink()),
        CopyActivity(
            name="copyBlobtoBlob", depends_on=[ActivityDependency(activity="upload", dependency_conditions=["Succeeded"])],
            inputs=[dataset("ds_in")], outputs=[dataset("ds_out")], source=BlobSource(), sink=BlobSink())]))
    print("quickstart:", wait(client, client.pipelines.create_run(GROUP, FACTORY, "copyPipeline", parameters={}).run_id).status)
    client.pipelines.delete(GROUP, FACTORY, "copyPipeline")

    run_id = client.pipelines.create_run(GROUP, FACTORY, "load", parameters={}).run_id
    run = wait(client, run_id)
    print(run.status, run.message)
    filters = RunFilterParameters(
        last_updated_after=datetime.now(timezone.utc) - timedelta(days=1), last_updated_before=datetime.now(timezone.utc) + timedelta(days=1))
    for activity in client.activity_runs.query_by_pipeline_run(GROUP, FACTORY, run_id, filters).value:
        print(f"{activity.activity_name}: {activity.status}, {(activity.output or {}).get('rowsCopied', 'no')} rows")

    again = client.pipelines.create_run(GROUP, FACTORY, "load", reference_pipeline_run_id=run_id, is_recovery=True, start_from_failure=True)
    print("rerun:", wait(client, again.run_id).status)

    slow = client.pipelines.create_run(GROUP, FACTORY, "load", parameters={"seconds": 600})
    client.pipeline_runs.cancel(GROUP, FACTORY, slow.run_id, is_recursive=True)
    print("cancelled:", wait(client, slow.run_id).status)

    try:
        client.linked_services.delete(GROUP, FACTORY, "adx")
    except HttpResponseError as error:
        print("refused:", error.error.code)
    client.pipelines.delete(GROUP, FACTORY, "load")
    client.factories.delete(GROUP, FACTORY)


if __name__ == "__main__":
    main(*sys.argv[1:])
