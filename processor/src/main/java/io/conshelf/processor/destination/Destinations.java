package io.conshelf.processor.destination;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.blob.BlobAccess;
import io.conshelf.connectors.blob.BlobAccount;
import io.conshelf.connectors.blob.BlobWriting;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.processor.definition.OutputDefinition.Settings;
import io.conshelf.processor.secret.SignIn;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// Makes destinations of files of what definitions say.
public final class Destinations {
    private static final List<PosixFilePermission> BY_BIT = List.of(PosixFilePermission.OTHERS_EXECUTE, PosixFilePermission.OTHERS_WRITE,
            PosixFilePermission.OTHERS_READ, PosixFilePermission.GROUP_EXECUTE, PosixFilePermission.GROUP_WRITE, PosixFilePermission.GROUP_READ,
            PosixFilePermission.OWNER_EXECUTE, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_READ);

    private Destinations() {}

    /// A container of a storage account: a real one that may be reached, or in its place that of the embedded cluster.
    public static Destination of(Settings.Blob settings, FilesDestination.Place place, SignIn signIn) throws StoreException {
        String address = settings.accountName().contains("://") ? settings.accountName() : "https://" + settings.accountName() + ".blob.core.windows.net";
        return new FilesDestination(settings.batch(), MessagePart.format(settings.format()), settings.path(), place, () -> {
            if (!BlobAccount.leadsElsewhere(address, signIn.endpoints())) {
                return BlobAccount.of(address, signIn.blobs(settings.authentication()), signIn.endpoints()).container(settings.containerName(), BlobWriting.STANDARD);
            }
            BlobAccount.Door door = signIn.door();
            BlobAccess access = switch (door) {
                // of a cluster that asks nobody who one is: no secret is needed
                case OPEN -> new BlobAccess.Anonymous();
                case KEYED -> signIn.blobs(settings.authentication());
            };
            return BlobAccount.of(address, access, signIn.endpoints(), door).container(settings.containerName(), BlobWriting.STANDARD);
        });
    }

    /// A folder of this machine.
    ///
    /// @param folders those that definitions may name
    /// @param base    where a relative one begins
    public static Destination of(Settings.File settings, FilesDestination.Place place, FolderAccess folders, Path base) throws StoreException {
        Path root = folders.resolve(base, settings.rootDirectory());
        Set<PosixFilePermission> permissions = permissions(settings.permissions());
        return new FilesDestination(settings.batch(), MessagePart.format(settings.format()), settings.path(), place, new FilesDestination.Store() {
            @Override
            public FileStore open() {
                return new LocalFiles(root);
            }

            @Override
            public void written(String name) throws StoreException {
                if (!permissions.isEmpty()) {
                    try {
                        Files.setPosixFilePermissions(root.resolve(name), permissions);
                    } catch (IOException | UnsupportedOperationException e) {
                        throw StoreException.system("FilePermissions", "The permissions of '" + name + "' cannot be set: " + e.getMessage(), e);
                    }
                }
            }
        });
    }

    /// @param octal such as `0644`; empty for those that new files have
    private static Set<PosixFilePermission> permissions(String octal) throws StoreException {
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        if (octal.isEmpty()) {
            return permissions;
        }
        if (!octal.matches("0?[0-7]{3}")) {
            throw StoreException.user("InvalidFilePermissions", "'filePermissions' is three octal digits, such as 0644, found '" + octal + "'");
        }
        int bits = Integer.parseInt(octal, 8);
        for (int i = 0; i < BY_BIT.size(); i++) {
            if ((bits >> i & 1) == 1) {
                permissions.add(BY_BIT.get(i));
            }
        }
        return permissions;
    }
}
