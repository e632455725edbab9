package io.conshelf.factory.copy;

import static io.conshelf.factory.copy.Declaration.type;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.blob.BlobAccess;
import io.conshelf.connectors.blob.BlobAccount;
import io.conshelf.connectors.blob.BlobWriting;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ValueKind;
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
        return FileStores.writing(name).takes(ValueKind.between(1, BLOCK_MEGABYTES_MAX), "blockSizeInMB").holdsMany("metadata", CopyParts.METADATA).build();
    }

    static boolean holds(LinkedService service) {
        return Catalogue.isAmong(BLOB.linkedServices(), service.type()) || Catalogue.isAmong(DATA_LAKE.linkedServices(), service.type());
    }

    /// The account of a linked service, whichever of the two interfaces it means.
    static BlobAccount account(Stores stores, LinkedService service) throws ActivityFailure, StoreException {
        return Catalogue.isAmong(DATA_LAKE.linkedServices(), service.type()) ? dataLakeAccount(stores, service) : blobAccount(stores, service);
    }

    private static FileStore blob(Stores stores, LinkedService service, Located location, Located settings) throws ActivityFailure, StoreException {
        return blobAccount(stores, service).container(location.at("container").text("").strip(), written(settings));
    }

    private static BlobAccount blobAccount(Stores stores, LinkedService service) throws ActivityFailure, StoreException {
        Optional<String> connection = service.statedSecret("connectionString");
        if (connection.isPresent()) {
            boolean isOpen = isOpen(BlobAccount.endpoint(connection.get()), stores);
            return BlobAccount.ofConnectionString(connection.get(), isOpen ? Optional.empty() : service.statedSecret("accountKey"), stores.endpoints(),
                    stores.door());
        }
        Optional<String> sas = service.statedSecret("sasUri");
        if (sas.isPresent()) {
            return bySas(sas.get(), service, stores);
        }
        Optional<String> open = service.stated("containerUri");
        if (open.isPresent()) {
            return account(open.get(), new BlobAccess.Anonymous(), stores);
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
            return account(url, isOpen(url, stores) ? new BlobAccess.Anonymous() : new BlobAccess.AccountKey(service.secret("accountKey")), stores);
        }
        return byIdentity(url, service, stores);
    }

    private static BlobAccount bySas(String uri, LinkedService service, Stores stores) throws ActivityFailure, StoreException {
        int query = uri.indexOf('?');
        String token = query >= 0 ? uri.substring(query + 1) : "";
        boolean isNeeded = token.isEmpty() && !isOpen(uri, stores);
        return account(uri, new BlobAccess.Sas(isNeeded ? service.secret("sasToken") : token), stores);
    }

    private static BlobAccount byIdentity(String endpoint, LinkedService service, Stores stores) throws ActivityFailure, StoreException {
        return account(endpoint, isOpen(endpoint, stores) ? new BlobAccess.Anonymous() : new BlobAccess.Identity(stores.identity(service)), stores);
    }

    /// Whether an embedded account stands in that asks nobody who they are: then secrets are not even looked for.
    private static boolean isOpen(String endpoint, Stores stores) throws StoreException {
        return BlobAccount.leadsElsewhere(endpoint, stores.endpoints()) && stores.door() == BlobAccount.Door.OPEN;
    }

    private static BlobAccount account(String endpoint, BlobAccess access, Stores stores) throws StoreException {
        return BlobAccount.of(endpoint, access, stores.endpoints(), stores.door());
    }

    private static BlobWriting written(Located settings) throws StoreException {
        long megabytes = settings.at("blockSizeInMB").integer().orElse((long) BlobWriting.STANDARD.blockBytes() >> 20);
        if (megabytes < 1 || megabytes > BLOCK_MEGABYTES_MAX) {
            throw StoreException.user("UserErrorInvalidBlockSize", "'" + settings.at("blockSizeInMB").path() + "' is 1 to " + BLOCK_MEGABYTES_MAX
                    + ", found " + megabytes);
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Located entry : settings.at("metadata").items()) {
            metadata.put(entry.at("name").text(""), entry.at("value").value().asText());
        }
        return new BlobWriting((int) megabytes << 20, metadata);
    }
}
