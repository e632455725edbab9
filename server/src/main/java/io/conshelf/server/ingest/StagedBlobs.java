package io.conshelf.server.ingest;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.ingest.ZipArchive;
import io.conshelf.server.ingest.IngestionProperties.Refusal;
import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageException;
import io.conshelf.server.storage.StorageResource;
import io.conshelf.server.storage.StoredBlob;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.zip.ZipFile;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Finds the content of a blob that a client names by its signed URI. Only this server's own storage is reached.
public final class StagedBlobs {
    private static final Logger LOG = LoggerFactory.getLogger(StagedBlobs.class);

    private final Storage storage;

    public StagedBlobs(Storage storage) {
        this.storage = storage;
    }

    /// @param isGzip by the first bytes of the content
    public record Found(StorageResource.Blob blob, Path file, long sizeBytes, boolean isGzip) {
        /// Uncompressed, as far as the blob tells: an archive lists the sizes of its files.
        long rawBytes() {
            if (!blob.name().toLowerCase(Locale.ROOT).endsWith(".zip")) {
                return sizeBytes;
            }
            try (ZipFile archive = ZipArchive.open(file)) {
                return archive.stream().mapToLong(entry -> Math.max(0, entry.getSize())).reduce(0, StagedBlobs::sum);
            } catch (IOException _) {
                // Ingestion says what is wrong with it.
                return sizeBytes;
            }
        }
    }

    /// What files claim may be more than there is a number for.
    private static long sum(long left, long right) {
        return left > Long.MAX_VALUE - right ? Long.MAX_VALUE : left + right;
    }

    /// The blob for a streaming request that names it.
    ///
    /// @throws io.conshelf.engine.KustoException when there is none that the URI opens
    public Found open(String uri) {
        try {
            return find(uri);
        } catch (Refusal e) {
            throw new KustoException(new ServiceError(
                    e.failure().isTransient() ? 503 : 400,
                    e.failure().code(),
                    "Kusto.Data.Exceptions.KustoBadRequestException",
                    "Request is invalid and cannot be processed: " + e.failure().details(),
                    !e.failure().isTransient(),
                    Optional.empty()));
        }
    }

    Found find(String text) throws Refusal {
        StorageResource.Blob blob = resource(text);
        StoredBlob stored;
        try {
            stored = storage.blobs()
                    .find(blob.container(), blob.name())
                    .orElseThrow(() -> notFound(text));
        } catch (StorageException e) {
            throw switch (e.code()) {
                case CONTAINER_NOT_FOUND, BLOB_NOT_FOUND -> notFound(text);
                default -> unreadable(text, e);
            };
        }
        Path file = storage.blobs().file(stored);
        try {
            return new Found(blob, file, stored.sizeBytes(), isGzip(file));
        } catch (NoSuchFileException e) {
            throw notFound(text);
        } catch (IOException e) {
            throw unreadable(text, e);
        }
    }

    private StorageResource.Blob resource(String text) throws Refusal {
        URI uri;
        try {
            uri = URI.create(text.replace(" ", "%20"));
        } catch (IllegalArgumentException e) {
            throw new Refusal("BadRequest_InvalidBlobUri", "The blob's URI is not valid");
        }
        try {
            Optional<StorageResource> resource = storage.sas().resource(uri, Set.of(SasPermission.READ));
            if (resource.isPresent() && resource.get() instanceof StorageResource.Blob blob) {
                return blob;
            }
        } catch (StorageException e) {
            throw new Refusal("Download_Forbidden", "The blob's signature does not allow reading it: " + e.getMessage());
        }
        throw new Refusal(
                "BadRequest_InvalidBlobUri",
                "'" + BlobName.withoutSignature(text)
                        + "' is not a blob of this server; those of other accounts are taken where their host is listed under 'live' in the configuration");
    }

    private static Refusal notFound(String uri) {
        return new Refusal("Download_SourceNotFound", "There is no blob '" + BlobName.withoutSignature(uri) + "'");
    }

    /// The blob may well be there: a later try can find it.
    private static Refusal unreadable(String uri, Exception cause) {
        LOG.warn("The blob '{}' cannot be read", BlobName.withoutSignature(uri), cause);
        return new Refusal(new IngestionFailure(
                "Download_UnknownError",
                IngestionFailure.Status.TRANSIENT,
                "The blob '" + BlobName.withoutSignature(uri) + "' cannot be read at the moment"));
    }

    /// By the first bytes.
    public static boolean isGzip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] magic = in.readNBytes(2);
            return magic.length == 2 && magic[0] == 0x1f && (magic[1] & 0xff) == 0x8b;
        }
    }
}
