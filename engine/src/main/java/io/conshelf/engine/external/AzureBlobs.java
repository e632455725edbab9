package io.conshelf.engine.external;

import com.azure.core.util.Context;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.BlobContainerClientBuilder;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobListDetails;
import com.azure.storage.blob.models.BlobProperties;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.options.BlobUploadFromFileOptions;
import com.azure.storage.common.StorageSharedKeyCredential;
import com.azure.storage.common.policy.RequestRetryOptions;
import com.azure.storage.common.policy.RetryPolicyType;
import io.conshelf.engine.Errors;
import io.conshelf.engine.ExternalStorage;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.StorageUri;
import io.conshelf.engine.StorageUri.Access;
import io.conshelf.engine.store.WriteStop;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/// Containers of Azure Blob Storage: on this machine (Azurite), or where the configuration says `live`, and nowhere that the
/// callout policy forbids. They are opened by a shared access signature or the account's key, or are public.
final class AzureBlobs implements ExternalStorage {
    private static final String CALLOUT_TYPE = "external_data";
    private static final Duration UPLOAD_MAX = Duration.ofMinutes(30);
    private static final int TRIES = 3;
    private static final int TRY_SECONDS_MAX = 60;
    private static final Duration PAUSE = Duration.ofMillis(500);
    private static final Duration PAUSE_MAX = Duration.ofSeconds(4);

    private final Set<String> live;
    private final CalloutPolicy callouts;
    private final Path stagingFolder;

    /// @param live hosts that may be reached beside this machine
    AzureBlobs(Set<String> live, CalloutPolicy callouts, Path stagingFolder) {
        this.live = live;
        this.callouts = callouts;
        this.stagingFolder = stagingFolder;
    }

    /// Whether it names a container, or something in one, that may be asked for.
    boolean reaches(StorageUri uri) {
        return Place.of(uri).filter(place -> Loopback.is(place.host()) || live.contains(place.host())).isPresent();
    }

    /// Whether the configuration names its host, whatever opens it.
    boolean isListed(StorageUri uri) {
        return uri.location().getHost() != null && live.contains(uri.location().getHost().toLowerCase(Locale.ROOT));
    }

    @Override
    public boolean isOurs(StorageUri uri) {
        return false;
    }

    @Override
    public boolean isFetched(StorageUri uri) {
        return reaches(uri);
    }

    @Override
    public Path content(StorageUri uri) {
        return content(uri, FetchedFile.BYTES_MAX);
    }

    @Override
    public Path content(StorageUri uri, long bytesMax) {
        Place place = allowed(uri);
        if (place.blob().isEmpty()) {
            throw failed("BadRequest_InvalidBlobUri", "'" + uri + "' names a container, not a blob in one");
        }
        return asked(uri, () -> {
            try (var content = place.client(uri).getBlobClient(place.blob()).openInputStream()) {
                return FetchedFile.stored(stagingFolder, uri, content, bytesMax);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    @Override
    public void list(StorageUri uri, Visitor visitor) {
        Place place = allowed(uri);
        var stop = WriteStop.current();
        asked(uri, () -> {
            var container = place.client(uri);
            if (!place.blob().isEmpty() && !place.blob().endsWith("/")) {
                var one = properties(container.getBlobClient(place.blob()));
                if (one.isPresent()) {
                    return visitor.visit(new Item(uri, uri.fileName(), one.get().getBlobSize(), one.get().getLastModified().toInstant()));
                }
            }
            String folder = place.folder();
            var options = new ListBlobsOptions().setPrefix(folder).setDetails(new BlobListDetails().setRetrieveMetadata(true));
            for (var blob : container.listBlobs(options, null)) {
                stop.check();
                // Accounts with folders list these as well.
                boolean isFolder = blob.getMetadata() != null && "true".equalsIgnoreCase(blob.getMetadata().get("hdi_isfolder"));
                String path = blob.getName().substring(folder.length());
                if (!isFolder && !path.isEmpty()
                        && !visitor.visit(new Item(
                                below(uri, path), path, blob.getProperties().getContentLength(), blob.getProperties().getLastModified().toInstant()))) {
                    return false;
                }
            }
            return true;
        });
    }

    /// Empty where there is no such blob.
    private static Optional<BlobProperties> properties(BlobClient blob) {
        try {
            return Optional.of(blob.getProperties());
        } catch (BlobStorageException e) {
            // Without the right to read what is no blob there may be one to list.
            if (e.getStatusCode() == 404 || e.getStatusCode() == 403) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /// A blob below a place, with what opens the place.
    private static StorageUri below(StorageUri place, String path) {
        try {
            String folder = place.location().toString();
            String encoded = new URI(null, null, "/" + path, null).getRawPath();
            return new StorageUri(
                    URI.create((folder.endsWith("/") ? folder.substring(0, folder.length() - 1) : folder) + encoded), place.access());
        } catch (URISyntaxException e) {
            throw new KustoException(Errors.storage("BadRequest_InvalidBlobUri", "a blob below '" + place + "' has a name that is none"), e);
        }
    }

    @Override
    public void checkWritable(StorageUri uri) {
        Place place = allowed(uri);
        switch (uri.access()) {
            // What a signature allows is written in it, unless a policy of the container says it.
            case Access.Signature(String query) when query.matches("(?:.*&)?sp=[^&wc]*(?:&.*)?") ->
                throw failed("Download_Forbidden", "the signature of '" + uri + "' does not allow writing");
            case Access.Signature _ -> { }
            case Access.None _ -> throw failed("Download_Forbidden", "'" + uri
                    + "' has neither a shared access signature nor the account's key: nothing can be written there");
            case Access.Key _ -> {
                if (!asked(uri, () -> place.client(uri).exists())) {
                    throw failed("Download_SourceNotFound", "there is no container '" + place.container() + "'");
                }
            }
            case Access.Identity _ -> throw new KustoException(ExternalStorage.notOurs(uri));
        }
    }

    @Override
    public String put(StorageUri uri, String name, Path content) {
        Place place = allowed(uri);
        WriteStop.current().check();
        // The blob is there when its blocks are put together, and what is there already stays.
        var options = new BlobUploadFromFileOptions(content.toString())
                .setRequestConditions(new BlobRequestConditions().setIfNoneMatch("*"));
        asked(uri, () -> place.client(uri).getBlobClient(place.folder() + name).uploadFromFileWithResponse(options, UPLOAD_MAX, Context.NONE));
        String folder = uri.toString();
        return folder + (folder.endsWith("/") ? "" : "/") + name;
    }

    private Place allowed(StorageUri uri) {
        callouts.refusing(CALLOUT_TYPE, uri.location()).ifPresent(pattern -> {
            throw failed("Download_Forbidden", "the callout policy of the cluster forbids calls of the type '" + CALLOUT_TYPE + "' to '"
                    + uri + "' (CalloutUriRegex '" + pattern + "')");
        });
        callouts.requireForCommands(CALLOUT_TYPE, uri.location());
        return Place.of(uri).orElseThrow(() -> new KustoException(ExternalStorage.notOurs(uri)));
    }

    /// Where a URI leads.
    ///
    /// @param blob a blob or a folder of blobs; empty at the container itself
    private record Place(String host, String endpoint, String account, String container, String blob) {
        /// Empty where a URI is none of a container, or is opened by an identity, which there is nobody to ask for.
        static Optional<Place> of(StorageUri uri) {
            URI location = uri.location();
            String scheme = String.valueOf(location.getScheme()).toLowerCase(Locale.ROOT);
            String host = String.valueOf(location.getHost()).toLowerCase(Locale.ROOT);
            if (uri.access() instanceof Access.Identity || location.getHost() == null || location.getPath() == null) {
                return Optional.empty();
            }
            String path = location.getPath().replaceFirst("^/", "");
            return switch (scheme) {
                case "abfss" -> location.getUserInfo() == null
                        ? Optional.empty()
                        : Optional.of(new Place(
                                host, "https://" + ofBlobs(host), firstLabel(host), location.getUserInfo(), path));
                case "http", "https" -> {
                    String authority = ofBlobs(host.equals("localhost") ? "127.0.0.1" : host)
                            + (location.getPort() < 0 ? "" : ":" + location.getPort());
                    // An emulator has the account in the path.
                    boolean isPathStyle = Loopback.is(host);
                    String account = isPathStyle ? first(path) : firstLabel(host);
                    String rest = isPathStyle ? rest(path) : path;
                    yield account.isEmpty() || first(rest).isEmpty()
                            ? Optional.empty()
                            : Optional.of(new Place(
                                    host, scheme + "://" + authority + (isPathStyle ? "/" + account : ""), account, first(rest), rest(rest)));
                }
                default -> Optional.empty();
            };
        }

        /// Accounts have their blobs under both names.
        private static String ofBlobs(String host) {
            return host.replaceFirst("\\.dfs\\.", ".blob.");
        }

        private static String firstLabel(String host) {
            return host.substring(0, host.indexOf('.') < 0 ? host.length() : host.indexOf('.'));
        }

        private static String first(String path) {
            return path.indexOf('/') < 0 ? path : path.substring(0, path.indexOf('/'));
        }

        private static String rest(String path) {
            return path.indexOf('/') < 0 ? "" : path.substring(path.indexOf('/') + 1);
        }

        String folder() {
            return blob.isEmpty() || blob.endsWith("/") ? blob : blob + "/";
        }

        BlobContainerClient client(StorageUri uri) {
            var builder = new BlobContainerClientBuilder()
                    .retryOptions(new RequestRetryOptions(RetryPolicyType.EXPONENTIAL, TRIES, TRY_SECONDS_MAX, PAUSE.toMillis(), PAUSE_MAX.toMillis(), null))
                    .endpoint(endpoint)
                    .containerName(container);
            switch (uri.access()) {
                case Access.Signature(String query) -> builder.sasToken(query);
                case Access.Key(String secret) -> {
                    // Found out here rather than while the client signs.
                    Base64.getDecoder().decode(secret);
                    builder.credential(new StorageSharedKeyCredential(account, secret));
                }
                case Access.None _ -> builder.setAnonymousAccess();
                case Access.Identity _ -> throw new KustoException(ExternalStorage.notOurs(uri));
            }
            return builder.buildClient();
        }
    }

    /// What the client throws has texts of the server in it, which repeat what was sent: only codes are told.
    private static <T> T asked(StorageUri uri, Supplier<T> question) {
        try {
            return question.get();
        } catch (BlobStorageException e) {
            String answered = "'" + uri + "' was answered with the status " + e.getStatusCode()
                    + Optional.ofNullable(e.getErrorCode()).map(code -> " (" + code + ")").orElse("");
            throw switch (e.getStatusCode()) {
                case 404 -> failed("Download_SourceNotFound", answered);
                case 401, 403 -> failed("Download_Forbidden", answered);
                case 409 -> failed(BlobErrorCode.BLOB_ALREADY_EXISTS.equals(e.getErrorCode()) ? "General_BadRequest" : "Download_NotTransient", answered);
                case 408, 429, 500, 502, 503, 504 -> new KustoException(passing("Download_UnknownError", answered));
                default -> failed("Download_NotTransient", answered);
            };
        } catch (IllegalArgumentException _) {
            throw failed("Download_Forbidden", "what opens '" + uri + "' is neither a shared access signature nor a key in base64");
        } catch (UncheckedIOException e) {
            WriteStop.current().check();
            throw new KustoException(unreached(uri, e), e);
        } catch (KustoException e) {
            throw e;
        } catch (RuntimeException e) {
            WriteStop.current().check();
            // The client wraps what the network throws, more than once.
            throw new KustoException(unreached(uri, e), e);
        }
    }

    private static ServiceError unreached(StorageUri uri, Throwable failure) {
        Throwable cause = failure;
        for (int depth = 0; depth < 8 && cause.getCause() != null && cause.getCause() != cause; depth++) {
            cause = cause.getCause();
        }
        boolean isUnknown = cause instanceof java.net.UnknownHostException || cause instanceof java.nio.channels.UnresolvedAddressException;
        return passing(
                isUnknown ? "Download_TransientNameResolutionFailure" : "Download_UnknownError",
                "'" + uri + "' cannot be reached (" + cause.getClass().getSimpleName() + ")");
    }

    private static KustoException failed(String code, String message) {
        return new KustoException(Errors.storage(code, message));
    }

    private static ServiceError passing(String code, String message) {
        var error = Errors.storage(code, message);
        return new ServiceError(error.httpStatus(), error.code(), error.type(), error.message(), false, error.inner());
    }
}
