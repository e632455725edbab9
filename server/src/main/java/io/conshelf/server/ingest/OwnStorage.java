package io.conshelf.server.ingest;

import io.conshelf.engine.Errors;
import io.conshelf.engine.ExternalStorage;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.StorageUri;
import io.conshelf.server.storage.BlobProperties;
import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageException;
import io.conshelf.server.storage.StorageResource;
import io.conshelf.server.storage.UriText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// This server's Blob endpoint as the storage that commands read and write. What a signature or key doesn't open stays shut,
/// though it is the same process.
public final class OwnStorage implements ExternalStorage {
    private static final BlobProperties PLAIN = new BlobProperties(Map.of("Content-Type", "application/octet-stream"), Map.of());

    private static final int LISTED_AT_ONCE = 1_000;

    private static final Pattern CLOUD = Pattern.compile("(?i)([a-z0-9]{3,24})\\.(?:blob|dfs)\\.core\\.windows\\.net");

    /// What `;impersonate`, `;managed_identity=…` and `;token=…` open, and whether an account of Azure opens without anything.
    public enum Identities {
        /// Everything: who is not asked for a name is the administrator of this machine.
        TRUSTED,
        /// Nothing: there is no directory that says what they may do.
        REFUSED
    }

    private final Storage storage;
    private final Identities identities;

    public OwnStorage(Storage storage) {
        this(storage, Identities.REFUSED);
    }

    public OwnStorage(Storage storage, Identities identities) {
        this.storage = storage;
        this.identities = identities;
    }

    @Override
    public boolean isOurs(StorageUri uri) {
        return storage.sas().place(uri.location()).isPresent();
    }

    @Override
    public Path content(StorageUri uri) {
        if (!(resource(uri, Set.of(SasPermission.READ)) instanceof StorageResource.Blob(String container, String name))) {
            throw error("BadRequest_InvalidBlobUri", "'" + uri + "' names a container, not a blob in one");
        }
        return storage.blobs().container(container)
                .flatMap(_ -> storage.blobs().find(container, name))
                .map(storage.blobs()::file)
                .orElseThrow(() -> error("Download_SourceNotFound", "there is no blob '" + uri + "'" + whereItLeads(uri)));
    }

    @Override
    public void list(StorageUri uri, Visitor visitor) {
        StorageResource.Blob place = switch (resource(uri, Set.of(SasPermission.READ))) {
            case StorageResource.Container(String name) -> new StorageResource.Blob(name, "");
            case StorageResource.Blob blob -> blob;
            case StorageResource.Queue _, StorageResource.Table _ ->
                throw error("BadRequest_InvalidBlobUri", "'" + uri + "' is no container of blobs");
        };
        if (storage.blobs().container(place.container()).isEmpty()) {
            throw error("Download_SourceNotFound", "there is no container '" + place.container() + "'" + whereItLeads(uri));
        }
        var named = storage.blobs().find(place.container(), place.name());
        if (!place.name().isEmpty() && named.isPresent()) {
            visitor.visit(new Item(uri, uri.fileName(), named.get().sizeBytes(), named.get().lastModified()));
            return;
        }
        resource(uri, Set.of(SasPermission.LIST));
        String folder = place.name().isEmpty() || place.name().endsWith("/") ? place.name() : place.name() + "/";
        Optional<String> marker = Optional.of("");
        while (marker.isPresent()) {
            var page = storage.blobs().list(place.container(), folder, "", marker.get(), LISTED_AT_ONCE);
            for (var blob : page.blobs()) {
                String path = blob.name().substring(folder.length());
                if (!visitor.visit(new Item(below(uri, path), path, blob.sizeBytes(), blob.lastModified()))) {
                    return;
                }
            }
            marker = page.next();
        }
    }

    /// A blob below a place, with what opens the place.
    private static StorageUri below(StorageUri place, String path) {
        String folder = place.location().toString();
        return new StorageUri(
                URI.create(folder + (folder.endsWith("/") ? "" : "/") + UriText.encodePath(path)), place.access());
    }

    @Override
    public void checkWritable(StorageUri uri) {
        target(uri);
    }

    @Override
    public String put(StorageUri uri, String name, Path content) {
        StorageResource.Blob blob = target(uri).blob(name);
        try (var in = Files.newInputStream(content)) {
            storage.blobs().put(blob.container(), blob.name(), in, PLAIN);
        } catch (StorageException e) {
            throw error("General_BadRequest", "'" + name + "' cannot be written to '" + uri + "': " + e.getMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        String folder = uri.toString();
        return folder + (folder.endsWith("/") ? "" : "/") + name;
    }

    /// @param folder in the container, with a slash at its end; empty at the container itself
    private record Target(String container, String folder) {
        StorageResource.Blob blob(String name) {
            return new StorageResource.Blob(container, folder + name);
        }
    }

    private Target target(StorageUri uri) {
        Target target = switch (resource(uri, Set.of(SasPermission.WRITE))) {
            case StorageResource.Container(String name) -> new Target(name, "");
            case StorageResource.Blob(String container, String name) ->
                new Target(container, name.endsWith("/") ? name : name + "/");
            case StorageResource.Queue _, StorageResource.Table _ ->
                throw error("BadRequest_InvalidBlobUri", "'" + uri + "' is no container of blobs");
        };
        if (storage.blobs().container(target.container()).isEmpty()) {
            if (CloudPlace.of(uri.location()).isEmpty()) {
                throw error("Download_SourceNotFound", "there is no container '" + target.container() + "'");
            }
            create(target.container(), uri);
        }
        return target;
    }

    /// Containers of accounts of Azure are made as they are named.
    private void create(String container, StorageUri uri) {
        try {
            storage.blobs().createContainer(container);
        } catch (StorageException e) {
            throw error("General_BadRequest", "'" + uri + "' cannot be made here: " + e.getMessage());
        }
    }

    private StorageResource resource(StorageUri uri, Set<SasPermission> permissions) {
        try {
            Optional<StorageResource> found = switch (uri.access()) {
                case StorageUri.Access.Signature(String query) -> storage.sas().resource(signed(uri, query), permissions);
                case StorageUri.Access.Key(String secret) -> storage.sas().resource(uri.location(), secret);
                case StorageUri.Access.None _ -> storage.sas().resource(uri.location(), permissions);
                case StorageUri.Access.Identity(String name) -> {
                    if (identities == Identities.TRUSTED) {
                        yield storage.sas().place(uri.location());
                    }
                    // Whether the place is ours comes first.
                    String host = uri.location().getHost();
                    if (host != null && storage.hosts().knows(host)) {
                        throw error("BadRequest_InvalidManagedIdentity", "not supported with authentication: '" + name + "' behind '" + uri
                                + "'; name it with a shared access signature or the account's key");
                    }
                    yield Optional.empty();
                }
            };
            return found.or(() -> inTheCloud(uri, permissions)).orElseThrow(() -> new KustoException(ExternalStorage.notOurs(uri)));
        } catch (StorageException e) {
            throw error("Download_Forbidden", "'" + uri + "' is not opened" + whereItLeads(uri) + ": " + e.getMessage());
        }
    }

    /// A place in an account of Azure is the one in the account of that name here, as it is for definitions: nothing leaves the machine. Where
    /// nobody is asked for a name, what opens it is not needed here; elsewhere it opens as the account here does.
    private Optional<StorageResource> inTheCloud(StorageUri uri, Set<SasPermission> permissions) {
        Optional<CloudPlace> place = CloudPlace.of(uri.location());
        if (place.isEmpty() || identities == Identities.TRUSTED) {
            return place.map(CloudPlace::resource);
        }
        return switch (uri.access()) {
            case StorageUri.Access.Signature(String query) -> storage.sas().ofAccount(place.get().path(), query, permissions);
            case StorageUri.Access.Key(String secret) -> storage.sas().ofAccount(place.get().path(), secret);
            case StorageUri.Access.None _, StorageUri.Access.Identity _ -> throw error("Download_Forbidden", "'" + uri + "' is not opened: it leads to the account '"
                    + place.get().account() + "' in the storage of this server, which opens by its own key or a signature made with it. List the host under"
                    + " 'live' in the configuration to reach the real one");
        };
    }

    private record CloudPlace(String account, String container, String blob) {
        private static Optional<CloudPlace> of(URI uri) {
            Matcher host = CLOUD.matcher(String.valueOf(uri.getHost()));
            if (!host.matches()) {
                return Optional.empty();
            }
            String path = String.valueOf(uri.getPath()).replaceFirst("^/", "");
            String container = uri.getUserInfo();
            if (container == null) {
                int end = path.indexOf('/');
                container = end < 0 ? path : path.substring(0, end);
                path = end < 0 ? "" : path.substring(end + 1);
            }
            return container.isEmpty() ? Optional.empty() : Optional.of(new CloudPlace(host.group(1).toLowerCase(Locale.ROOT), container, path));
        }

        private StorageResource resource() {
            String stored = account + "/" + container;
            return blob.isEmpty() ? new StorageResource.Container(stored) : new StorageResource.Blob(stored, blob);
        }

        private String path() {
            return "/" + account + "/" + UriText.encodePath(blob.isEmpty() ? container : container + "/" + blob);
        }
    }

    private String whereItLeads(StorageUri uri) {
        return CloudPlace.of(uri.location()).isEmpty() ? "" : " in the storage of this server, where an address of Azure leads; list the host under 'live'"
                + " in the configuration to reach the real one";
    }

    private static URI signed(StorageUri uri, String query) {
        try {
            return URI.create(uri + "?" + query);
        } catch (IllegalArgumentException _) {
            throw error("BadRequest_InvalidBlobUri", "what follows '?' in '" + uri + "' is not a signature");
        }
    }

    private static KustoException error(String code, String message) {
        return new KustoException(Errors.storage(code, message));
    }
}
