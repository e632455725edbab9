package io.conshelf.factory.copy;

import static io.conshelf.factory.copy.Declaration.type;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ValueKind;
import java.util.List;
import java.util.Optional;

/// The stores that hold files. To add one, add its [FileStoreType] to the list; everything else reads it.
final class FileStores {
    private static final String NO_METRICS = "no metrics are collected";

    static final List<FileStoreType> ALL = List.of(
            new FileStoreType(
                    List.of(type("FileServer").needs("host")
                            .ignores("userId", "the folder is opened as the user who runs this")
                            .ignores("password", "the folder is opened as the user who runs this")
                            .ignores("encryptedCredential", "the folder is opened as the user who runs this").build()),
                    type("FileServerLocation").takes("folderPath", "fileName").build(),
                    reading("FileServerReadSettings").takes("fileFilter").build(),
                    Optional.of(writing("FileServerWriteSettings").build()),
                    Optional.empty(), FileStores::folder),
            BlobStores.BLOB, BlobStores.DATA_LAKE, WebStores.HTTP);

    private FileStores() {}

    /// What read settings of every store have.
    static Declaration.Builder reading(String name) {
        return type(name).takes("wildcardFolderPath", "wildcardFileName", "fileListPath", "partitionRootPath")
                .takes(ValueKind.TIME, "modifiedDatetimeStart", "modifiedDatetimeEnd")
                .takes(ValueKind.FLAG, "recursive", "deleteFilesAfterCompletion", "enablePartitionDiscovery")
                .takes(ValueKind.from(1), "maxConcurrentConnections").ignores("disableMetricsCollection", NO_METRICS);
    }

    /// What write settings of every store have.
    static Declaration.Builder writing(String name) {
        return type(name).takes(ValueKind.oneOf("PreserveHierarchy", "FlattenHierarchy", "MergeFiles"), "copyBehavior")
                .takes(ValueKind.from(1), "maxConcurrentConnections").ignores("disableMetricsCollection", NO_METRICS);
    }

    private static FileStore folder(Stores stores, LinkedService service, Located location, Located settings)
            throws ActivityFailure, StoreException {
        String host = service.properties().at("host").text("");
        if (host.isBlank()) {
            throw ActivityFailure.user("UserErrorInvalidFilePath", "Linked service '" + service.name() + "' has no 'host': the folder its files are in");
        }
        // A relative folder is relative to the factory, so that a factory with sample data can be moved.
        return new LocalFiles(stores.folder(host));
    }
}
