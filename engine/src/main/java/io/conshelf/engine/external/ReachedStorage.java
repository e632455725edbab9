package io.conshelf.engine.external;

import io.conshelf.engine.ExternalStorage;
import io.conshelf.engine.StorageUri;
import java.nio.file.Path;

/// The storage that an engine was given, and containers of other accounts where they may be reached.
final class ReachedStorage implements ExternalStorage {
    private final ExternalStorage own;
    private final AzureBlobs azure;

    ReachedStorage(ExternalStorage own, AzureBlobs azure) {
        this.own = own;
        this.azure = azure;
    }

    private ExternalStorage of(StorageUri uri) {
        // What is listed is the real one, whether it can be opened or not.
        return isFetched(uri) || azure.isListed(uri) ? azure : own;
    }

    @Override
    public boolean isOurs(StorageUri uri) {
        return own.isOurs(uri);
    }

    @Override
    public boolean isFetched(StorageUri uri) {
        return !own.isOurs(uri) && azure.reaches(uri);
    }

    @Override
    public Path content(StorageUri blob) {
        return of(blob).content(blob);
    }

    @Override
    public Path content(StorageUri blob, long bytesMax) {
        return of(blob).content(blob, bytesMax);
    }

    @Override
    public void list(StorageUri place, Visitor visitor) {
        of(place).list(place, visitor);
    }

    @Override
    public void checkWritable(StorageUri container) {
        of(container).checkWritable(container);
    }

    @Override
    public String put(StorageUri container, String name, Path content) {
        return of(container).put(container, name, content);
    }
}
