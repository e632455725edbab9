"""Data Processor through Azure's client for resources of any kind, which there is no other of: make an instance, a dataset and a pipeline, change, list,
refuse, delete.

    python data_processor.py http://localhost:8080
"""
import sys
import time

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.resource.resources import ResourceManagementClient
from azure.mgmt.resource.resources.models import ExtendedLocation, GenericResource

VERSION = "2023-10-04-preview"
INSTANCE = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/edge/providers/Microsoft.IoTOperationsDataProcessor/instances/python-plant"
PLACE = ExtendedLocation(name="/subscriptions/s/resourceGroups/edge/providers/Microsoft.ExtendedLocation/customLocations/plant", type="CustomLocation")


class AnyToken:
    """A cluster in open mode looks at no token."""

    def get_token(self, *scopes, **options):
        return AccessToken("any", int(time.time()) + 3600)


def pipeline(next_stage="output", **more):
    return {
        "enabled": False,
        "input": {"displayName": "MQ", "type": "input/mqtt@v1", "broker": "mqtt://localhost:1", "topics": ["a/#"], "qos": 1, "cleanSession": False,
                  "authentication": {"type": "none"}, "format": {"type": "json"}, "partitionCount": 1,
                  "partitionStrategy": {"type": "id", "expression": "0"}, "next": [next_stage], "viewOptions": {"position": {"x": 0, "y": 80}}},
        "stages": {"output": {"displayName": "ADX", "type": "output/dataexplorer@v1", "clusterUrl": "https://samples.westeurope.kusto.windows.net", "database": "Lab",
                              "table": "T", "authentication": {"type": "servicePrincipal", "tenantId": "t", "clientId": "c", "clientSecret": "typed-in-plain"},
                              "columns": [{"name": "a"}]}},
        **more}


def main(url):
    # The policy that adds tokens insists on https; one that does nothing takes its place.
    client = ResourceManagementClient(
        AnyToken(), "00000000-0000-0000-0000-000000000000", base_url=url, authentication_policy=SansIOHTTPPolicy(), polling_interval=1)
    resources = client.resources

    def put(path, properties):
        return resources.begin_create_or_update_by_id(
            path, GenericResource(location="westus3", extended_location=PLACE, properties=properties), api_version=VERSION).result()

    try:
        put(INSTANCE + "/pipelines/flow", pipeline())
        raise AssertionError("a pipeline without an instance was taken")
    except HttpResponseError as refused:
        assert refused.status_code == 404 and refused.error.code == "ParentResourceNotFound", refused

    instance = put(INSTANCE, {"description": "the plant"})
    assert instance.properties == {"description": "the plant", "provisioningState": "Succeeded"}, instance.properties
    assert instance.name == "python-plant" and instance.type == "Microsoft.IoTOperationsDataProcessor/instances" and instance.extended_location.type == "CustomLocation"

    dataset = put(INSTANCE + "/datasets/shifts", {"payload": ".", "ttl": "2h", "keys": {"shift": {"path": ".shift", "primaryKey": True}}})
    assert dataset.properties["provisioningState"] == "Succeeded" and dataset.properties["keys"]["shift"]["primaryKey"] is True, dataset.properties

    # By resource group and type, as az does it.
    made = resources.begin_create_or_update("edge", "Microsoft.IoTOperationsDataProcessor", "instances/python-plant", "pipelines", "flow", GenericResource(
        location="westus3", extended_location=PLACE, tags={"line": "1"}, properties=pipeline(description="first")), api_version=VERSION).result()
    assert made.properties["provisioningState"] == "Succeeded" and made.properties["input"]["viewOptions"] == {"position": {"x": 0, "y": 80}}, made.properties
    # What is no name of a secret may be one, and is not told again.
    assert made.properties["stages"]["output"]["authentication"] == {"type": "servicePrincipal", "tenantId": "t", "clientId": "c"}, made.properties
    assert resources.check_existence_by_id(INSTANCE + "/pipelines/flow", api_version=VERSION)

    # Read, changed and sent again, without what was not told.
    properties = dict(made.properties, description="second")
    changed = put(INSTANCE + "/pipelines/flow", properties)
    assert changed.properties["description"] == "second" and changed.tags is None, changed
    patched = resources.begin_update_by_id(INSTANCE + "/pipelines/flow", GenericResource(tags={"line": "2"}), api_version=VERSION).result()
    assert patched.tags == {"line": "2"} and patched.properties["description"] == "second", patched

    def refused(properties, *texts, path=INSTANCE + "/pipelines/flow"):
        try:
            put(path, properties)
            raise AssertionError("it was taken")
        except HttpResponseError as error:
            assert error.status_code == 400, error
            whole = error.error.message + "".join(one.message + one.target for one in error.error.details or [])
            assert all(text in whole for text in texts), whole

    refused(pipeline(next_stage="nowhere"), "nowhere")
    refused({"enabled": True}, "input", "stages")
    refused({"keys": {"a": {}}}, "path", path=INSTANCE + "/datasets/other")
    two = pipeline()
    two["input"]["partitionCount"] = 2
    refused(two, "partitionCount", "cannot change")
    assert resources.get_by_id(INSTANCE + "/pipelines/flow", api_version=VERSION).properties["description"] == "second"

    # What shows only when it starts fails the operation, and the resource says so.
    missing = pipeline(enabled=True)
    missing["stages"]["output"] = {"displayName": "Reference", "type": "output/refdata@v1", "dataset": "unknown"}
    try:
        put(INSTANCE + "/pipelines/flow", missing)
        raise AssertionError("a pipeline without its dataset was started")
    except HttpResponseError as error:
        assert "unknown" in str(error), error
    assert resources.get_by_id(INSTANCE + "/pipelines/flow", api_version=VERSION).properties["provisioningState"] == "Failed"

    resources.begin_delete_by_id(INSTANCE, api_version=VERSION).result()
    for path in (INSTANCE, INSTANCE + "/pipelines/flow", INSTANCE + "/datasets/shifts"):
        try:
            resources.get_by_id(path, api_version=VERSION)
            raise AssertionError(path + " is still there")
        except ResourceNotFoundError:
            pass
    print("ok")


if __name__ == "__main__":
    main(*sys.argv[1:])
