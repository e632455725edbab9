package io.conshelf.connectors.blob;

import com.azure.core.util.ClientOptions;
import com.azure.storage.blob.BlobServiceClient;
import com.azure.storage.blob.BlobServiceClientBuilder;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.common.StorageSharedKeyCredential;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureFailure;
import io.conshelf.connectors.kusto.Endpoints;
import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A storage account: the embedded one of its name, or a real one that may be reached.
///
/// @param endpoint of its blobs: a host, or a host with the account as the first part of the path
/// @param isLocal  on this machine, where containers are made as they are named
public record BlobAccount(URI endpoint, String name, BlobAccess access, boolean isLocal) {
    /// The key that storage emulators share. The embedded storage opens accounts of any name with it where nobody is asked who they are.
    static final String DEVELOPMENT_KEY = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==";
    private static final String DEVELOPMENT_ENDPOINT = "http://127.0.0.1:10000/devstoreaccount1";

    /// How the embedded storage takes those who come in place of a real account.
    public enum Door {
        /// Nobody is asked who they are.
        OPEN,
        /// Each account has a key of its own.
        KEYED
    }

    /// Where an account of a definition leads, if the embedded storage is open.
    public static BlobAccount of(String stated, BlobAccess access, Endpoints endpoints) throws StoreException {
        return of(stated, access, endpoints, Door.OPEN);
    }

    /// Where an account of a definition leads.
    ///
    /// @param stated the account's endpoint for blobs or for Data Lake, or an address inside of it
    public static BlobAccount of(String stated, BlobAccess access, Endpoints endpoints, Door door) throws StoreException {
        URI uri = parse(stated);
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        if (Endpoints.isLoopback(host)) {
            // The client takes the account from the path only behind an address, not behind a name.
            String address = host.equals("localhost") ? "127.0.0.1" : host;
            String name = uri.getPath().replaceFirst("^/", "").replaceFirst("/.*", "");
            return new BlobAccount(URI.create(uri.getScheme() + "://" + address + port(uri) + "/" + name), name, access, true);
        }
        String name = host.replaceFirst("\\..*", "");
        // Both endpoints of an account show the same files; the one for blobs is spoken here.
        String blobs = host.replaceFirst("\\.dfs\\.", ".blob.");
        if (endpoints.allows(host) || endpoints.allows(blobs)) {
            if (!uri.getScheme().equals("https")) {
                throw StoreException.user("UserErrorInsecureEndpoint", "'" + host + "' is reached over https only, found '" + uri.getScheme() + "'");
            }
            return new BlobAccount(URI.create("https://" + blobs + port(uri)), name, access, false);
        }
        URI home = endpoints.home().orElseThrow(() -> StoreException.user("UserErrorEndpointNotAllowed", "'" + host
                + "' leads to the storage of an embedded cluster, and there is none beside a cluster elsewhere; list the host under 'live' to reach it"));
        if (!name.matches("[a-z0-9]{3,24}")) {
            throw StoreException.user("UserErrorInvalidStorageAccount", "'" + name + "' is not the name of a storage account: 3 to 24 lower-case letters and digits are");
        }
        BlobAccess needed = switch (door) {
            case OPEN -> new BlobAccess.AccountKey(DEVELOPMENT_KEY);
            case KEYED -> switch (access) {
                case BlobAccess.AccountKey _, BlobAccess.Sas _ -> access;
                case BlobAccess.Identity _, BlobAccess.Anonymous _ -> throw StoreException.user("UserErrorInvalidStorageAccount", "The embedded account '"
                        + name + "' of a cluster that asks who one is opens by its key or a shared access signature; `listKeys` tells its key");
            };
        };
        return new BlobAccount(home.resolve("/" + name), name, needed, true);
    }

    /// Whether the embedded storage stands in for an account, so that its secrets are not needed.
    public static boolean leadsElsewhere(String stated, Endpoints endpoints) throws StoreException {
        String host = parse(stated).getHost().toLowerCase(Locale.ROOT);
        return !endpoints.allows(host) && !endpoints.allows(host.replaceFirst("\\.dfs\\.", ".blob."));
    }

    /// The account that a connection string names.
    ///
    /// @param key the account's key where the string leaves it out
    public static BlobAccount ofConnectionString(String text, Optional<String> key, Endpoints endpoints) throws StoreException {
        return ofConnectionString(text, key, endpoints, Door.OPEN);
    }

    /// The account that a connection string names.
    ///
    /// @param key the account's key where the string leaves it out
    public static BlobAccount ofConnectionString(String text, Optional<String> key, Endpoints endpoints, Door door) throws StoreException {
        Map<String, String> parts = parts(text);
        if (parts.getOrDefault("UseDevelopmentStorage", "").equalsIgnoreCase("true")) {
            return of(DEVELOPMENT_ENDPOINT, new BlobAccess.AccountKey(DEVELOPMENT_KEY), endpoints);
        }
        Optional<String> stated = Optional.ofNullable(parts.get("AccountKey")).filter(value -> !value.isEmpty()).or(() -> key);
        BlobAccess access = stated.<BlobAccess>map(BlobAccess.AccountKey::new)
                .orElseGet(() -> parts.containsKey("SharedAccessSignature") ? new BlobAccess.Sas(parts.get("SharedAccessSignature")) : new BlobAccess.Anonymous());
        return of(endpoint(parts), access, endpoints, door);
    }

    /// The endpoint that a connection string means.
    public static String endpoint(String connectionString) throws StoreException {
        Map<String, String> parts = parts(connectionString);
        return parts.getOrDefault("UseDevelopmentStorage", "").equalsIgnoreCase("true") ? DEVELOPMENT_ENDPOINT : endpoint(parts);
    }

    private static String endpoint(Map<String, String> parts) throws StoreException {
        String account = parts.getOrDefault("AccountName", "");
        String endpoint = parts.getOrDefault("BlobEndpoint", "");
        if (endpoint.isEmpty() && account.isEmpty()) {
            throw StoreException.user("UserErrorInvalidConnectionString", "The connection string names neither an AccountName nor a BlobEndpoint");
        }
        return !endpoint.isEmpty() ? endpoint : parts.getOrDefault("DefaultEndpointsProtocol", "https") + "://" + account + ".blob."
                + parts.getOrDefault("EndpointSuffix", "core.windows.net");
    }

    private static Map<String, String> parts(String text) throws StoreException {
        Map<String, String> parts = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (String part : text.split(";")) {
            int equals = part.indexOf('=');
            if (equals < 0 && !part.isBlank()) {
                throw StoreException.user("UserErrorInvalidConnectionString", "The connection string has a part without '='; it is name=value;name=value");
            }
            if (equals >= 0) {
                parts.put(part.substring(0, equals).strip(), part.substring(equals + 1).strip());
            }
        }
        return parts;
    }

    private static URI parse(String stated) throws StoreException {
        try {
            URI uri = URI.create(stated.strip().replaceFirst("\\?.*", ""));
            if (uri.getHost() != null && (uri.getScheme().equals("http") || uri.getScheme().equals("https"))) {
                return uri;
            }
        } catch (IllegalArgumentException notAnAddress) {
            // the same refusal; what stands there may have a signature in it
        }
        throw StoreException.user("UserErrorInvalidStorageAccount",
                "The account's endpoint is not one; write https://<account>.blob.core.windows.net or https://<account>.dfs.core.windows.net");
    }

    private static String port(URI uri) {
        return uri.getPort() < 0 ? "" : ":" + uri.getPort();
    }

    /// Opens a container.
    public BlobFiles container(String container, BlobWriting writing) throws StoreException {
        if (container.isBlank()) {
            throw StoreException.user("UserErrorInvalidContainer", "The location names no container");
        }
        return new BlobFiles(this, client().getBlobContainerClient(container), writing);
    }

    /// Tries to reach it. What opens one container alone cannot be tried on the account: there, any answer of the service will do.
    public void test() throws StoreException {
        boolean opensOneContainer = switch (access) {
            case BlobAccess.Anonymous _ -> true;
            case BlobAccess.Sas(String token) -> ("&" + token).contains("&sr=");
            case BlobAccess.AccountKey _, BlobAccess.Identity _ -> false;
        };
        try {
            client().listBlobContainers().iterator().hasNext();
        } catch (RuntimeException failure) {
            if (!(opensOneContainer && failure instanceof BlobStorageException)) {
                throw AzureFailure.of("Connecting to the storage account '" + name + "'", "UserErrorInvalidStorageAccount", failure);
            }
        }
    }

    private BlobServiceClient client() throws StoreException {
        try {
            BlobServiceClientBuilder builder = new BlobServiceClientBuilder().endpoint(endpoint.toString())
                    .clientOptions(new ClientOptions().setApplicationId("Conshelf"));
            return (switch (access) {
                case BlobAccess.AccountKey(String key) -> builder.credential(new StorageSharedKeyCredential(name, key));
                case BlobAccess.Sas(String token) -> builder.sasToken(token);
                case BlobAccess.Identity(var identity) -> builder.credential(identity.tokens());
                case BlobAccess.Anonymous _ -> builder;
            }).buildClient();
        } catch (RuntimeException failure) {
            throw AzureFailure.of("Connecting to the storage account '" + name + "'", "UserErrorInvalidStorageAccount", failure);
        }
    }
}
