package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketException;
import java.nio.file.AccessDeniedException;
import java.nio.file.NoSuchFileException;
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
