package io.conshelf.engine.command;

import io.conshelf.engine.AllowedFolders;
import io.conshelf.engine.Errors;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.StorageUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Where artifacts go.
sealed interface ExportTarget {
    record Folder(Path path) implements ExportTarget {}

    record Container(StorageUri uri) implements ExportTarget {}

    /// @throws KustoException when nothing could be put there
    static ExportTarget of(CommandServices services, String text) {
        if (StorageUri.isUri(text)) {
            var uri = StorageUri.parse(text);
            services.external().checkWritable(uri);
            return new Container(uri);
        }
        var path = AllowedFolders.path(text);
        if (!services.allowed().allows(path) || Files.exists(path) && !Files.isDirectory(path)) {
            throw new KustoException(Errors.badRequest("'" + path + "' is not a folder that commands may write: "
                    + "list it, or one above it, under 'allowedFolders' in the configuration"));
        }
        return new Folder(path);
    }

    /// Hands a complete file over.
    ///
    /// @param name with folders before it, if it has some
    /// @return where it lies, without what opens it
    default String put(CommandServices services, String name, Path file) throws IOException {
        return switch (this) {
            case Container(StorageUri uri) -> services.external().put(uri, name, file);
            case Folder(Path folder) -> {
                var path = folder.resolve(name).normalize();
                if (!path.startsWith(folder) || !services.allowed().allows(path)) {
                    throw new KustoException(Errors.badRequest("'" + path + "' leads out of the folder that commands may write"));
                }
                ExportedFile.place(file, path);
                yield path.toString();
            }
        };
    }
}
