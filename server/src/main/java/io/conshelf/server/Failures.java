package io.conshelf.server;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import io.conshelf.engine.store.DiskTrouble;
import io.conshelf.server.storage.StorageCode;
import io.conshelf.server.storage.StorageException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.ReadOnlyFileSystemException;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Turns whatever was thrown into what the client may know of it; our own mistakes are logged here, once.
final class Failures {
    private static final Logger LOG = LoggerFactory.getLogger(Failures.class);

    private Failures() {}

    static ServiceError of(Throwable thrown, Call call) {
        return switch (thrown) {
            case KustoException e -> e.error();
            case StorageException e when e.code() == StorageCode.SERVER_BUSY -> Refusals.noRoom(e.getMessage());
            case Throwable e -> {
                LOG.error("Activity {} failed", call.activityId(), e);
                yield disk(e).orElseGet(() -> Refusals.internal(call.activityId().toString()));
            }
        };
    }

    /// Whether input or output failed on this side: connections know nothing of files and disks.
    static boolean isOurs(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof FileSystemException || cause instanceof ReadOnlyFileSystemException) {
                return true;
            }
        }
        return disk(thrown).isPresent();
    }

    private static Optional<ServiceError> disk(Throwable thrown) {
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException failure && DiskTrouble.of(failure) instanceof Optional<ServiceError> known
                    && known.isPresent()) {
                return known;
            }
        }
        return Optional.empty();
    }
}
