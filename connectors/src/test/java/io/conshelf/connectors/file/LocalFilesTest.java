package io.conshelf.connectors.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LocalFilesTest {
    @TempDir
    Path root;

    @BeforeEach
    void fill() throws IOException {
        for (String file : List.of("a.csv", "b.csv", "c.txt", "2024/01/a.csv", "2024/02/a.csv")) {
            Files.createDirectories(root.resolve(file).getParent());
            Files.writeString(root.resolve(file), file);
        }
    }

    private List<String> find(String folder, Optional<String> file, boolean isFolderWildcard, boolean isFileWildcard, boolean isRecursive)
            throws StoreException {
        return new LocalFiles(root).find(new FileSelection(folder, file, isFolderWildcard, isFileWildcard, isRecursive, Optional.empty(), Optional.empty()))
                .stream().map(StoredFile::path).toList();
    }

    @Test
    void wildcardsMatchNamesAndFolders() throws StoreException {
        assertThat(find("", Optional.of("*.csv"), false, true, false)).containsExactly("a.csv", "b.csv");
        assertThat(find("", Optional.of("?.csv"), false, true, true)).containsExactly("2024/01/a.csv", "2024/02/a.csv", "a.csv", "b.csv");
        assertThat(find("2024/*2", Optional.of("*.csv"), true, true, true)).containsExactly("2024/02/a.csv");
        assertThat(find("2024", Optional.empty(), false, false, true)).hasSize(2);
    }

    @Test
    void aFileThatIsNamedMustExist() {
        assertThatThrownBy(() -> find("", Optional.of("z.csv"), false, false, false)).hasMessageContaining("z.csv' does not exist");
    }

    @Test
    void nothingOutsideTheFolderCanBeNamed() throws IOException {
        assertThatThrownBy(() -> find("", Optional.of("../x"), false, false, false)).hasMessageContaining("leaves the store's folder");
        Path secret = Files.createTempFile("secret", ".txt");
        Files.createSymbolicLink(root.resolve("link.txt"), secret);
        assertThatThrownBy(() -> find("", Optional.of("link.txt"), false, false, false)).hasMessageContaining("leaves the store's folder");
        Files.delete(secret);
    }

    @Test
    void aLinkedFolderDoesNotLeadOutside() throws IOException {
        Path outside = Files.createTempDirectory("outside");
        Files.createSymbolicLink(root.resolve("door"), outside);
        var files = new LocalFiles(root);
        assertThatThrownBy(() -> files.create("door/new.txt")).hasMessageContaining("leaves the store's folder");
        assertThat(files.onDisk(new StoredFile("door/new.txt", 0, Instant.EPOCH))).isEmpty();
        assertThat(outside).isEmptyDirectory();
        Files.delete(outside);
    }

    @Test
    void aFileAppearsWhenItIsCommitted() throws Exception {
        LocalFiles files = new LocalFiles(root);
        try (FileStore.PendingFile pending = files.create("new/d.txt")) {
            pending.stream().write("x".getBytes(StandardCharsets.UTF_8));
        }
        assertThat(find("new", Optional.empty(), false, false, false)).isEmpty();
        try (FileStore.PendingFile pending = files.create("new/d.txt")) {
            pending.stream().write("x".getBytes(StandardCharsets.UTF_8));
            assertThat(pending.commit().sizeBytes()).isEqualTo(1);
        }
        assertThat(find("new", Optional.empty(), false, false, false)).containsExactly("new/d.txt");
    }
}
