package io.conshelf.factory.copy;

import static io.conshelf.factory.copy.Declaration.type;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.blob.BlobAccess;
import io.conshelf.connectors.blob.BlobAccount;
import io.conshelf.connectors.blob.BlobWriting;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.definition.Located;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Azure Blob Storage and Data Lake Storage Gen2.
final class BlobStores {
    private static final String ENCRYPTED = "secrets stand in the definition or in a key vault";
    private static final String ONE_CLIENT = "the client is the same for all kinds of account";
    private static final int BLOCK_MEGABYTES_MAX = 100;

    static final FileStoreType BLOB = new FileStoreType(
            List.of(type("AzureBlobStorage").takes("connectionString", "accountKey", "sasUri", "sasToken", "serviceEndpoint", "servicePrincipalId",
                            "servicePrincipalKey", "tenant", "azureCloudType", "credential", "authenticationType", "containerUri")
                    .ignores("accountKind", ONE_CLIENT).ignores("encryptedCredential", ENCRYPTED).build(),
                    type("AzureStorage").takes("connectionString", "accountKey", "sasUri", "sasToken").ignores("encryptedCredential", ENCRYPTED).build()),
            type("AzureBlobStorageLocation").takes("container", "folderPath", "fileName").build(),
            FileStores.reading("AzureBlobStorageReadSettings").takes("prefix").build(),
            Optional.of(writing("AzureBlobStorageWriteSettings")), Optional.of("container"), BlobStores::blob);

    static final FileStoreType DATA_LAKE = new FileStoreType(
            List.of(type("AzureBlobFS").takes("url", "accountKey", "servicePrincipalId", "servicePrincipalKey", "tenant", "azureCloudType", "credential",
                            "servicePrincipalCredentialType", "servicePrincipalCredential", "sasUri", "sasToken")
                    .ignores("encryptedCredential", ENCRYPTED).build()),
            type("AzureBlobFSLocation").takes("fileSystem", "folderPath", "fileName").build(),
            FileStores.reading("AzureBlobFSReadSettings").build(),
            Optional.of(writing("AzureBlobFSWriteSettings")), Optional.of("fileSystem"), BlobStores::dataLake);

    private BlobStores() {}

    private static Declaration writing(String name) {
        return FileStores.writing(name).takes("blockSizeInMB", "metadata").build();
    }

    private static FileStore blob(Stores stores, LinkedService service, Located location, Located settings) throws ActivityFailure, StoreException {
        return blobAccount(stores, service).container(location.at("container").text("").strip(), written(settings));
    }

    private static BlobAccount blobAccount(Stores stores, LinkedService service) throws ActivityFailure, StoreException {
        Optional<String> connection = service.statedSecret("connectionString");
        if (connection.isPresent()) {
            // What the embedded account stands in for needs no key.
            boolean isElsewhere = BlobAccount.leadsElsewhere(BlobAccount.endpoint(connection.get()), stores.endpoints());
            return BlobAccount.ofConnectionString(connection.get(), isElsewhere ? Optional.empty() : service.statedSecret("accountKey"), stores.endpoints());
        }
        Optional<String> sas = service.statedSecret("sasUri");
        if (sas.isPresent()) {
            return bySas(sas.get(), service, stores);
        }
        Optional<String> open = service.stated("containerUri");
        if (open.isPresent()) {
            return BlobAccount.of(open.get(), new BlobAccess.Anonymous(), stores.endpoints());
        }
        String endpoint = service.stated("serviceEndpoint").orElseThrow(() -> ActivityFailure.user("UserErrorInvalidStorageAccount",
                "Linked service '" + service.name() + "' has neither a connectionString, a sasUri, a containerUri nor a serviceEndpoint"));
        return byIdentity(endpoint, service, stores);
    }

    private static FileStore dataLake(Stores stores, LinkedService service, Located location, Located settings) throws ActivityFailure, StoreException {
        return dataLakeAccount(stores, service).container(location.at("fileSystem").text("").strip(), written(settings));
    }

    private static BlobAccount dataLakeAccount(Stores stores, LinkedService service) throws ActivityFailure, StoreException {
        Optional<String> sas = service.statedSecret("sasUri");
        if (sas.isPresent()) {
            return bySas(sas.get(), service, stores);
        }
        String url = service.stated("url").orElseThrow(() -> ActivityFailure.user("UserErrorInvalidStorageAccount",
                "Linked service '" + service.name() + "' has neither a url nor a sasUri"));
        if (service.properties().at("accountKey").isPresent()) {
            // Only the account that the key is meant for gets it, so it is not looked for where the embedded one stands in.
            return BlobAccount.leadsElsewhere(url, stores.endpoints()) ? BlobAccount.of(url, new BlobAccess.Anonymous(), stores.endpoints())
                    : BlobAccount.of(url, new BlobAccess.AccountKey(service.secret("accountKey")), stores.endpoints());
        }
        return byIdentity(url, service, stores);
    }

    private static BlobAccount bySas(String uri, LinkedService service, Stores stores) throws ActivityFailure, StoreException {
        int query = uri.indexOf('?');
        String token = query >= 0 ? uri.substring(query + 1) : "";
        boolean isNeeded = token.isEmpty() && !BlobAccount.leadsElsewhere(uri, stores.endpoints());
        return BlobAccount.of(uri, new BlobAccess.Sas(isNeeded ? service.secret("sasToken") : token), stores.endpoints());
    }

    private static BlobAccount byIdentity(String endpoint, LinkedService service, Stores stores) throws ActivityFailure, StoreException {
        if (BlobAccount.leadsElsewhere(endpoint, stores.endpoints())) {
            return BlobAccount.of(endpoint, new BlobAccess.Anonymous(), stores.endpoints());
        }
        AzureIdentity identity = stores.identity(service);
        return BlobAccount.of(endpoint, new BlobAccess.Identity(identity), stores.endpoints());
    }

    private static BlobWriting written(Located settings) throws StoreException {
        long megabytes = settings.at("blockSizeInMB").integer().orElse((long) BlobWriting.STANDARD.blockBytes() >> 20);
        if (megabytes < 1 || megabytes > BLOCK_MEGABYTES_MAX) {
            throw StoreException.user("UserErrorInvalidBlockSize", "'" + settings.at("blockSizeInMB").path() + "' is 4 to " + BLOCK_MEGABYTES_MAX
                    + ", found " + megabytes);
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Located entry : settings.at("metadata").items()) {
            metadata.put(entry.at("name").text(""), entry.at("value").value().asText());
        }
        return new BlobWriting((int) megabytes << 20, metadata);
    }
}
