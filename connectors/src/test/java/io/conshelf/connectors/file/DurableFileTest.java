package io.conshelf.connectors.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFileTest {
    @TempDir
    Path folder;

    @Test
    void whatIsThereIsReplacedAndNothingStaysBesideIt() throws Exception {
        Path file = folder.resolve("kept");
        DurableFile.write(file, "first, and longer".getBytes(StandardCharsets.UTF_8));
        // by a process that was killed in the middle
        Files.writeString(folder.resolve("kept.new"), "half of something that is longer still");
        DurableFile.write(file, "second".getBytes(StandardCharsets.UTF_8));
        assertThat(file).content().isEqualTo("second");
        assertThat(folder).isDirectoryNotContaining(path -> !path.equals(file));
    }

    @Test
    void whatCannotBeWrittenLeavesWhatWasThere() throws Exception {
        Path file = folder.resolve("kept");
        DurableFile.write(file, "first".getBytes(StandardCharsets.UTF_8));
        Files.createDirectory(folder.resolve("kept.new"));
        assertThatThrownBy(() -> DurableFile.write(file, new byte[1])).isInstanceOf(IOException.class);
        assertThat(file).content().isEqualTo("first");
    }
}
