package io.conshelf.engine.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import org.junit.jupiter.api.Test;

class DiskTroubleTest {
    @Test
    void aFolderThatCannotBeWrittenIsUnavailableWithItsReason() {
        for (var failure : new IOException[] {
            new AccessDeniedException("/data/rowlog/1.log"),
            // As a group of writers is told what its leader met.
            new IOException("/data/rowlog/1.log", new AccessDeniedException("/data/rowlog/1.log")),
            new FileSystemException("/data/rowlog/1.log", null, "Read-only file system")
        }) {
            var error = StorageErrors.failed("The row log cannot be written", failure);
            assertThat(error.httpStatus()).as(error.message()).isEqualTo(503);
            assertThat(error.code()).isEqualTo(DiskTrouble.CODE);
            assertThat(error.isPermanent()).isFalse();
            assertThat(error.message()).contains("cannot be written");
        }
    }
}
