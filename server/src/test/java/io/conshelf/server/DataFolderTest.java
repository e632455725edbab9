package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @Test
    void aFolderThatAnotherServerHasIsRefusedWithItsProcess(@TempDir Path folder) {
        try (Server _ = Server.start(ServerConfig.local().withPort(0).withData(folder))) {
            assertThatThrownBy(() -> Server.start(ServerConfig.local().withPort(0).withData(folder)))
                    .hasMessageContainingAll(folder.toString(), "in use by process " + ProcessHandle.current().pid(), "Stop that process");
        }
    }
}
