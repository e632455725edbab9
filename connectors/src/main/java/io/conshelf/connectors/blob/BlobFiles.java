package io.conshelf.connectors.blob;

import com.azure.core.http.rest.PagedIterable;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobHttpHeaders;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobListDetails;
import com.azure.storage.blob.models.BlobProperties;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.options.BlobInputStreamOptions;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.StoreException.Fault;
import io.conshelf.connectors.azure.AzureFailure;
import io.conshelf.connectors.file.ByteRange;
import io.conshelf.connectors.file.FileAttributes;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.GrowingFile;
import io.conshelf.connectors.file.StorePath;
import io.conshelf.connectors.file.StoredFile;
import io.conshelf.connectors.file.StoredItem;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/// A container of a storage account.
public final class BlobFiles implements FileStore, GrowingFile.Store {
    private static final int READ_BYTES = 8 << 20;
    private static final String UNKNOWN_TYPE = "application/octet-stream";
    /// What a Data Lake account says of the blob that stands for a folder.
    private static final String IS_FOLDER = "hdi_isfolder";

    private final BlobAccount account;
    private final BlobContainerClient container;
    private final BlobWriting writing;

    BlobFiles(BlobAccount account, BlobContainerClient container, BlobWriting writing) {
        this.account = account;
        this.container = container;
        this.writing = writing;
    }

    @Override
    public String type() {
        return "AzureBlobStorage";
    }

    @Override
    public Optional<StoredItem> look(String path) throws StoreException {
        String name = StorePath.of(path);
        try {
            if (!name.isEmpty()) {
                Optional<StoredItem> item = blob(name);
                if (item.isPresent()) {
                    return item;
                }
            }
            boolean isFolder = name.isEmpty() ? container.exists() : list(name + "/", Depth.WITH_SUBFOLDERS, 1).stream().findFirst().isPresent();
            return isFolder ? Optional.of(new StoredItem.Folder(name, Optional.empty(), Optional.empty())) : Optional.empty();
        } catch (RuntimeException failure) {
            if (failure instanceof BlobStorageException answered && answered.getErrorCode() == BlobErrorCode.CONTAINER_NOT_FOUND) {
                return Optional.empty();
            }
            throw failed("Looking for '" + name + "'", failure);
        }
    }

    private Optional<StoredItem> blob(String name) {
        try {
            BlobProperties properties = container.getBlobClient(name).getProperties();
            Instant modified = properties.getLastModified().toInstant();
            Optional<Instant> created = Optional.ofNullable(properties.getCreationTime()).map(time -> time.toInstant());
            return Optional.of(isFolder(properties.getMetadata()) ? new StoredItem.Folder(name, created, Optional.of(modified))
                    : new StoredItem.File(new StoredFile(name, properties.getBlobSize(), modified), created,
                            Optional.ofNullable(properties.getContentMd5()).map(Base64.getEncoder()::encodeToString)));
        } catch (BlobStorageException answered) {
            if (answered.getStatusCode() == 404) {
                return Optional.empty();
            }
            throw answered;
        }
    }

    private static boolean isFolder(Map<String, String> metadata) {
        return metadata != null && metadata.entrySet().stream()
                .anyMatch(entry -> entry.getKey().equalsIgnoreCase(IS_FOLDER) && entry.getValue().equalsIgnoreCase("true"));
    }

    @Override
    public List<StoredItem> children(String folder) throws StoreException {
        String name = StorePath.of(folder);
        Map<String, StoredItem> items = new TreeMap<>();
        try {
            for (BlobItem item : list(prefix(name), Depth.FOLDER_ALONE, 0)) {
                FileStore.requireRoom(items.size());
                String path = item.getName().replaceFirst("/+$", "");
                if (Boolean.TRUE.equals(item.isPrefix()) || isFolder(item.getMetadata())) {
                    items.putIfAbsent(path, new StoredItem.Folder(path, Optional.empty(), Optional.empty()));
                } else if (!item.getName().equals(prefix(name))) {
                    items.put(path, new StoredItem.File(file(item), Optional.ofNullable(item.getProperties().getCreationTime()).map(time -> time.toInstant()),
                            Optional.ofNullable(item.getProperties().getContentMd5()).map(Base64.getEncoder()::encodeToString)));
                }
            }
        } catch (RuntimeException failure) {
            throw failed("Listing the folder '" + name + "'", failure);
        }
        if (items.isEmpty() && look(name).isEmpty()) {
            throw FileStore.missing("folder", name);
        }
        return List.copyOf(items.values());
    }

    @Override
    public void each(String folder, Depth depth, Found found) throws StoreException {
        each("Listing the folder '" + StorePath.of(folder) + "'", prefix(StorePath.of(folder)), depth, found);
    }

    @Override
    public void eachWithPrefix(String prefix, Found found) throws StoreException {
        each("Listing what begins with '" + prefix + "'", prefix, Depth.WITH_SUBFOLDERS, found);
    }

    private void each(String what, String prefix, Depth depth, Found found) throws StoreException {
        try {
            for (BlobItem item : list(prefix, depth, 0)) {
                if (!Boolean.TRUE.equals(item.isPrefix()) && !isFolder(item.getMetadata()) && !item.getName().endsWith("/")) {
                    found.file(file(item));
                }
            }
        } catch (RuntimeException failure) {
            throw failed(what, failure);
        }
    }

    private PagedIterable<BlobItem> list(String prefix, Depth depth, int perPage) {
        ListBlobsOptions options = new ListBlobsOptions().setPrefix(prefix.isEmpty() ? null : prefix)
                .setDetails(new BlobListDetails().setRetrieveMetadata(true));
        if (perPage > 0) {
            options.setMaxResultsPerPage(perPage);
        }
        return depth == Depth.WITH_SUBFOLDERS ? container.listBlobs(options, null) : container.listBlobsByHierarchy("/", options, null);
    }

    private static String prefix(String folder) {
        return folder.isEmpty() ? "" : folder + "/";
    }

    private static StoredFile file(BlobItem item) {
        return new StoredFile(item.getName(), item.getProperties().getContentLength(), item.getProperties().getLastModified().toInstant());
    }

    @Override
    public InputStream open(StoredFile file) throws StoreException {
        return open(file, new ByteRange(0, file.sizeBytes()));
    }

    @Override
    public InputStream open(StoredFile file, ByteRange range) throws StoreException {
        long length = Math.min(range.length(), file.sizeBytes() - range.from());
        if (length <= 0) {
            return InputStream.nullInputStream();
        }
        try {
            // A blob that is written anew while it is read ends the reading with an error: half of each is no file.
            return new BlobStream(file.path(), container.getBlobClient(file.path()).openInputStream(
                    new BlobInputStreamOptions().setRange(new BlobRange(range.from(), length)).setBlockSize((int) Math.min(READ_BYTES, length))));
        } catch (RuntimeException failure) {
            throw failed("Reading '" + file.path() + "'", failure);
        }
    }

    @Override
    public PendingFile create(String path) throws StoreException {
        return create(path, Map.of(), new BlobHttpHeaders().setContentType(UNKNOWN_TYPE), Map.of());
    }

    @Override
    public PendingFile create(String path, StoredFile original) throws StoreException {
        return create(path, variables(original), new BlobHttpHeaders().setContentType(UNKNOWN_TYPE), Map.of());
    }

    @Override
    public PendingFile create(String path, StoredFile original, FileAttributes kept) throws StoreException {
        BlobHttpHeaders headers = new BlobHttpHeaders().setContentType(kept.contentType()).setContentEncoding(kept.contentEncoding())
                .setContentLanguage(kept.contentLanguage()).setContentDisposition(kept.contentDisposition()).setCacheControl(kept.cacheControl());
        return create(path, variables(original), headers, kept.metadata());
    }

    private static Map<String, String> variables(StoredFile original) {
        return Map.of(BlobWriting.LAST_MODIFIED, original.lastModified().toString());
    }

    @Override
    public boolean keepsAttributes() {
        return true;
    }

    @Override
    public FileAttributes attributes(StoredFile file) throws StoreException {
        try {
            BlobProperties kept = container.getBlobClient(file.path()).getProperties();
            return new FileAttributes(text(kept.getContentType()), text(kept.getContentEncoding()), text(kept.getContentLanguage()),
                    text(kept.getContentDisposition()), text(kept.getCacheControl()), Optional.ofNullable(kept.getMetadata()).orElse(Map.of()));
        } catch (RuntimeException failure) {
            throw failed("Looking for '" + file.path() + "'", failure);
        }
    }

    private static String text(String value) {
        return value == null ? "" : value;
    }

    private PendingFile create(String path, Map<String, String> variables, BlobHttpHeaders headers, Map<String, String> kept) throws StoreException {
        String name = StorePath.of(path);
        if (name.isEmpty()) {
            throw StoreException.user("UserErrorInvalidFilePath", "A file needs a name");
        }
        // What the settings state comes before what the original has.
        Map<String, String> metadata = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        metadata.putAll(kept);
        writing.metadata().forEach((key, value) -> metadata.put(key, variables.getOrDefault(value, value)));
        if (metadata.containsValue(BlobWriting.LAST_MODIFIED)) {
            throw StoreException.user("UserErrorInvalidMetadata", "'" + BlobWriting.LAST_MODIFIED + "' is known only where files are copied as they are");
        }
        makeContainer();
        return new PendingBlob(container.getBlobClient(name).getBlockBlobClient(), name, writing.blockBytes(), headers, metadata);
    }

    @Override
    public GrowingFile grow(String path) throws StoreException {
        String name = StorePath.of(path);
        if (name.isEmpty()) {
            throw StoreException.user("UserErrorInvalidFilePath", "A file needs a name");
        }
        makeContainer();
        return new GrowingBlob(container.getBlobClient(name).getBlockBlobClient(), name, writing.blockBytes());
    }

    private void makeContainer() throws StoreException {
        try {
            if (account.isLocal() && account.access() instanceof BlobAccess.AccountKey) {
                container.createIfNotExists();
            }
        } catch (RuntimeException failure) {
            throw failed("Making the container '" + container.getBlobContainerName() + "'", failure);
        }
    }

    @Override
    public void delete(StoredFile file) throws StoreException {
        try {
            container.getBlobClient(file.path()).deleteIfExists();
        } catch (RuntimeException failure) {
            throw failed("Deleting '" + file.path() + "'", failure);
        }
    }

    @Override
    public long deleteFolder(String folder) throws StoreException {
        String name = StorePath.of(folder);
        List<String> folders = new ArrayList<>();
        long files = 0;
        try {
            for (BlobItem item : list(prefix(name), Depth.WITH_SUBFOLDERS, 0)) {
                if (isFolder(item.getMetadata())) {
                    folders.add(item.getName());
                } else if (container.getBlobClient(item.getName()).deleteIfExists()) {
                    files++;
                }
            }
            if (!name.isEmpty() && blob(name).orElse(null) instanceof StoredItem.Folder) {
                folders.add(name);
            }
            folders.sort(Comparator.reverseOrder());
            folders.forEach(path -> container.getBlobClient(path).deleteIfExists());
            return files;
        } catch (RuntimeException failure) {
            throw failed("Deleting the folder '" + name + "'", failure);
        }
    }

    @Override
    public Optional<Path> onDisk(StoredFile file) {
        return Optional.empty();
    }

    private StoreException failed(String what, RuntimeException failure) {
        return failed(what + " in container '" + container.getBlobContainerName() + "' of '" + account.name() + "'", (Throwable) failure);
    }

    static StoreException failed(String what, Throwable failure) {
        if (failure instanceof BlobStorageException answered) {
            String code = answered.getErrorCode() == null ? "" : answered.getErrorCode().toString();
            Fault fault = answered.getStatusCode() >= 500 || answered.getStatusCode() == 429 ? Fault.SYSTEM : Fault.USER;
            return new StoreException(answered.getStatusCode() == 404 ? "UserErrorFileNotFound" : "UserErrorAzureBlobRequestFailed", fault, what
                    + " failed with HTTP status " + answered.getStatusCode() + (code.isEmpty() ? "" : " (" + code + ")"), failure);
        }
        return AzureFailure.of(what, "UserErrorAzureBlobRequestFailed", failure);
    }
}
