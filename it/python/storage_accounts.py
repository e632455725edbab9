"""The official storage clients with a connection string as the service hands it out: no address, only the account's name.

    python storage_accounts.py ACCOUNT KEY

Blobs of the account are kept by this server, where names of the service lead here by HTTPS_PROXY or by a file of hosts.
"""
import sys
from datetime import datetime, timedelta, timezone

from azure.core.exceptions import ClientAuthenticationError, ResourceNotFoundError
from azure.storage.blob import BlobBlock, BlobClient, BlobSasPermissions, BlobServiceClient, ContainerClient, generate_blob_sas, generate_container_sas

ACCOUNT, KEY = sys.argv[1], sys.argv[2]


def connection(key):
    return f"DefaultEndpointsProtocol=https;AccountName={ACCOUNT};AccountKey={key};EndpointSuffix=core.windows.net"


def later():
    return datetime.now(timezone.utc) + timedelta(hours=1)


service = BlobServiceClient.from_connection_string(connection(KEY), retry_total=0)
container = service.create_container("data")
assert container.url == f"https://{ACCOUNT}.blob.core.windows.net/data", container.url
name = "in/a b+ä.csv"
container.upload_blob(name, b"a,1\n", metadata={"of": "lab"})
assert container.download_blob(name).readall() == b"a,1\n"
assert container.download_blob(name, offset=2, length=1).readall() == b"1"
assert container.get_blob_client(name).get_blob_properties().metadata == {"of": "lab"}
assert [blob.name for blob in container.list_blobs(name_starts_with="in/")] == [name]
assert [one.name for one in service.list_containers()] == ["data"]
print("ok by key")

blocks = container.get_blob_client("blocks")
blocks.stage_block("MQ==", b"one,")
blocks.stage_block("Mg==", b"two")
blocks.commit_block_list([BlobBlock("MQ=="), BlobBlock("Mg==")])
copy = container.get_blob_client("copy")
copy.start_copy_from_url(blocks.url)
assert copy.download_blob().readall() == b"one,two"
print("ok blocks and copies")

sas = generate_blob_sas(ACCOUNT, "data", name, account_key=KEY, permission=BlobSasPermissions(read=True), expiry=later())
url = container.get_blob_client(name).url
assert BlobClient.from_blob_url(f"{url}?{sas}", retry_total=0).download_blob().readall() == b"a,1\n"
listing = generate_container_sas(ACCOUNT, "data", account_key=KEY, permission="l", expiry=later())
assert len(list(ContainerClient.from_container_url(f"{container.url}?{listing}", retry_total=0).list_blobs())) == 3
print("ok by signature")

for wrong in (lambda: BlobClient.from_blob_url(f"{blocks.url}?{sas}", retry_total=0).download_blob(),
              lambda: BlobServiceClient.from_connection_string(connection("AAAA"), retry_total=0).get_container_client("data").get_container_properties()):
    try:
        wrong()
        raise AssertionError("it was let in")
    except ClientAuthenticationError as refused:
        assert refused.status_code == 403, refused
container.delete_blob("copy")
try:
    copy.download_blob()
    raise AssertionError("it is still there")
except ResourceNotFoundError as gone:
    assert gone.error_code == "BlobNotFound", gone
print("ok what is refused")
