package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Principal;
import io.conshelf.server.storage.StorageCode;
import io.conshelf.server.storage.StorageException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class FailuresTest {
    @Test
    void aConnectionThatEndsIsTheClientsFailure() {
        for (var failure : new IOException[] {
            new SocketException("Connection reset"), new IOException("Broken pipe"), new EOFException(),
            new IncomingBody.ClientGoneException(new EOFException())
        }) {
            assertThat(Failures.isOurs(failure)).as(failure.toString()).isFalse();
            assertThat(Failures.isOurs(new UncheckedIOException(failure))).as(failure.toString()).isFalse();
        }
    }

    @Test
    void storageThatHasNoRoomNowIsToldAsSomethingToTryAgain() {
        var call = new Call(Principal.LOCAL_ADMINISTRATOR, "id", UUID.randomUUID(), Instant.EPOCH, Optional.empty(), Optional.empty(), false,
                Call.Packing.NONE, "http://localhost", "127.0.0.1", false, false);
        var error = Failures.of(new StorageException(StorageCode.SERVER_BUSY, "The queues are full."), call);
        assertThat(error.httpStatus()).isEqualTo(503);
        assertThat(error.isPermanent()).isFalse();
        assertThat(error.message()).isEqualTo("The queues are full.");
    }

    @Test
    void aFileThatCannotBeUsedIsOurFailure() {
        for (var failure : new IOException[] {
            new AccessDeniedException("/data/staging/inline"), new NoSuchFileException("/data/staging/inline"),
            new IOException("No space left on device"), new IOException("Read-only file system")
        }) {
            assertThat(Failures.isOurs(failure)).as(failure.toString()).isTrue();
            assertThat(Failures.isOurs(new UncheckedIOException("staging", failure))).as(failure.toString()).isTrue();
        }
    }
}
