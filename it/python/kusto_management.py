"""Azure Data Explorer through its management client: a cluster, its switch for streams, databases, connections, assignments of roles.

    python kusto_management.py http://localhost:8080
"""
import sys
import time
from datetime import timedelta

from azure.core.credentials import AccessToken
from azure.core.exceptions import HttpResponseError, ResourceNotFoundError
from azure.core.pipeline.policies import SansIOHTTPPolicy
from azure.mgmt.kusto import KustoManagementClient
from azure.mgmt.kusto.models import (
    AzureSku, CheckNameRequest, Cluster, ClusterCheckNameRequest, ClusterPrincipalAssignment, ClusterUpdate, DatabasePrincipalAssignment,
    EventHubDataConnection, ReadWriteDatabase)

GROUP, CLUSTER, DATABASE = "lab", "pythonlab", "FromPython"
APPLICATION = "7fdcc2be-70b8-4c6e-a4d4-2f3a3c8b6f0e"


class AnyToken:
    """A cluster in open mode looks at no token."""

    def get_token(self, *scopes, **options):
        return AccessToken("any", int(time.time()) + 3600)


def main(url):
    # The policy that adds tokens insists on https; one that does nothing takes its place.
    client = KustoManagementClient(
        AnyToken(), "00000000-0000-0000-0000-000000000000", base_url=url, authentication_policy=SansIOHTTPPolicy(), polling_interval=0)

    free = client.clusters.check_name_availability("eastus", ClusterCheckNameRequest(name=CLUSTER, type="Microsoft.Kusto/clusters"))
    assert free.name_available, free
    made = client.clusters.begin_create_or_update(GROUP, CLUSTER, Cluster(
        location="eastus", sku=AzureSku(name="Standard_E2ads_v5", capacity=2, tier="Standard"), enable_streaming_ingest=True)).result()
    assert (made.provisioning_state, made.state, made.uri) == ("Succeeded", "Running", url), made
    changed = client.clusters.begin_update(GROUP, CLUSTER, ClusterUpdate(enable_streaming_ingest=False)).result()
    assert changed.enable_streaming_ingest is False, changed
    assert client.clusters.begin_update(GROUP, CLUSTER, ClusterUpdate(enable_streaming_ingest=True, tags={"of": "python"})).result().enable_streaming_ingest
    assert client.clusters.get(GROUP, CLUSTER).tags == {"of": "python"}
    assert [cluster.name for cluster in client.clusters.list_by_resource_group(GROUP)] == [CLUSTER]
    assert [cluster.name for cluster in client.clusters.list()] == [CLUSTER]
    assert not client.clusters.check_name_availability("eastus", ClusterCheckNameRequest(name=CLUSTER, type="Microsoft.Kusto/clusters")).name_available

    assert client.databases.check_name_availability(GROUP, CLUSTER, CheckNameRequest(name=DATABASE, type="Microsoft.Kusto/clusters/databases")).name_available
    database = client.databases.begin_create_or_update(GROUP, CLUSTER, DATABASE, ReadWriteDatabase(
        location="eastus", soft_delete_period=timedelta(days=31), hot_cache_period=timedelta(days=7, hours=12))).result()
    assert database.name == f"{CLUSTER}/{DATABASE}" and database.soft_delete_period == timedelta(days=31), database
    assert database.hot_cache_period == timedelta(days=7, hours=12), database
    database = client.databases.begin_update(GROUP, CLUSTER, DATABASE, ReadWriteDatabase(soft_delete_period=timedelta(days=3))).result()
    assert database.soft_delete_period == timedelta(days=3), database
    assert f"{CLUSTER}/{DATABASE}" in [each.name for each in client.databases.list_by_cluster(GROUP, CLUSTER)]

    assigned = client.database_principal_assignments.begin_create_or_update(GROUP, CLUSTER, DATABASE, "loader", DatabasePrincipalAssignment(
        principal_id=APPLICATION, principal_type="App", role="Ingestor", tenant_id="contoso.com")).result()
    assert assigned.role == "Ingestor" and assigned.provisioning_state == "Succeeded", assigned
    principals = list(client.databases.list_principals(GROUP, CLUSTER, DATABASE))
    assert [(principal.role, principal.app_id) for principal in principals] == [("Ingestor", APPLICATION)], principals
    assert len(list(client.database_principal_assignments.list(GROUP, CLUSTER, DATABASE))) == 1
    client.database_principal_assignments.begin_delete(GROUP, CLUSTER, DATABASE, "loader").result()
    assert list(client.databases.list_principals(GROUP, CLUSTER, DATABASE)) == []
    client.cluster_principal_assignments.begin_create_or_update(GROUP, CLUSTER, "watch", ClusterPrincipalAssignment(
        principal_id=APPLICATION, principal_type="App", role="AllDatabasesMonitor", tenant_id="contoso.com")).result()
    assert client.cluster_principal_assignments.get(GROUP, CLUSTER, "watch").role == "AllDatabasesMonitor"
    client.cluster_principal_assignments.begin_delete(GROUP, CLUSTER, "watch").result()

    connection = client.data_connections.begin_create_or_update(GROUP, CLUSTER, DATABASE, "hub", EventHubDataConnection(
        kind="EventHub", location="eastus", event_hub_resource_id="/subscriptions/s/resourceGroups/g/providers/Microsoft.EventHub/namespaces/n/eventhubs/h",
        consumer_group="$Default", table_name="T", data_format="JSON")).result()
    assert connection.kind == "EventHub" and connection.consumer_group == "$Default", connection
    assert len(list(client.data_connections.list_by_database(GROUP, CLUSTER, DATABASE))) == 1
    client.data_connections.begin_delete(GROUP, CLUSTER, DATABASE, "hub").result()

    client.databases.begin_delete(GROUP, CLUSTER, DATABASE).result()
    try:
        client.databases.get(GROUP, CLUSTER, DATABASE)
        raise AssertionError("the database is still there")
    except ResourceNotFoundError as gone:
        assert gone.error.code == "ResourceNotFound", gone
    try:
        client.clusters.begin_stop(GROUP, CLUSTER).result()
        raise AssertionError("the cluster was stopped")
    except HttpResponseError as refused:
        assert refused.error.code == "NotSupported", refused
    client.clusters.begin_delete(GROUP, CLUSTER).result()
    assert list(client.clusters.list_by_resource_group(GROUP)) == []
    print("managed")


main(sys.argv[1])
