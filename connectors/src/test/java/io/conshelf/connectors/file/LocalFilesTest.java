package io.conshelf.connectors.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileSelection.Depth;
import io.conshelf.connectors.file.FileSelection.Where;
import io.conshelf.connectors.file.FileSelection.Window;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import java.util.Map;
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

    private List<String> find(FileSelection selection) throws StoreException {
        return new LocalFiles(root).find(selection).stream().map(StoredFile::path).toList();
    }

    private static FileSelection folder(String folder, String names, Depth depth) {
        return FileSelection.of(new Where.Folder(folder, Wildcard.of(names))).with(depth);
    }

    private static FileSelection folders(String pattern, String names, Depth depth) {
        return FileSelection.of(new Where.Folders(pattern, Wildcard.of(names))).with(depth);
    }

    @Test
    void wildcardsMatchNamesAndFolders() throws StoreException {
        assertThat(find(folder("", "*.csv", Depth.FOLDER_ALONE))).containsExactly("a.csv", "b.csv");
        assertThat(find(folder("", "?.csv", Depth.WITH_SUBFOLDERS))).containsExactly("2024/01/a.csv", "2024/02/a.csv", "a.csv", "b.csv");
        assertThat(find(folder("2024", "*", Depth.WITH_SUBFOLDERS))).hasSize(2);
        assertThat(find(folders("2024/*2", "*.csv", Depth.FOLDER_ALONE))).containsExactly("2024/02/a.csv");
    }

    @Test
    void foldersBelowOneThatMatchesAreMeantToo() throws StoreException {
        assertThat(find(folders("20*", "*.csv", Depth.WITH_SUBFOLDERS))).containsExactly("2024/01/a.csv", "2024/02/a.csv");
        assertThat(find(folders("20*", "*.csv", Depth.FOLDER_ALONE))).isEmpty();
        assertThat(find(folders("*/0?", "*", Depth.FOLDER_ALONE))).hasSize(2);
        assertThat(folders("2024/0*", "*", Depth.FOLDER_ALONE).base()).isEqualTo("2024");
    }

    @Test
    void aCaretTakesWildcardsAsTheyAre() throws Exception {
        Files.createDirectories(root.resolve("x[1]*"));
        Files.writeString(root.resolve("x[1]*/what?.csv"), "");
        Files.writeString(root.resolve("x[1]*/whatx.csv"), "");
        assertThat(find(folders("x[1]^*", "what^?.csv", Depth.FOLDER_ALONE))).containsExactly("x[1]*/what?.csv");
        assertThat(find(FileSelection.of("x[1]*", "what?.csv"))).containsExactly("x[1]*/what?.csv");
        assertThat(folders("x[1]^*", "*", Depth.FOLDER_ALONE).base()).isEqualTo("x[1]*");
    }

    @Test
    void pathsCanBeginWithATextOrBeListed() throws Exception {
        assertThat(find(FileSelection.of(new Where.Prefix("2024/01", Wildcard.any())))).containsExactly("2024/01/a.csv");
        assertThat(find(FileSelection.of(new Where.Prefix("2024/0", Wildcard.any())))).hasSize(2);
        Files.writeString(root.resolve("list.txt"), "01/a.csv\r\n\n02/a.csv\n");
        assertThat(find(FileSelection.of(new Where.Listed("2024", "list.txt")))).containsExactly("2024/01/a.csv", "2024/02/a.csv");
        Files.writeString(root.resolve("list.txt"), "01/b.csv");
        assertThatThrownBy(() -> find(FileSelection.of(new Where.Listed("2024", "list.txt")))).hasMessageContaining("'2024/01/b.csv' does not exist");
    }

    @Test
    void aListingHoldsWhatIsMeantAndNotTooMuch() throws Exception {
        StoredFile file = new StoredFile("a.csv", 0, Instant.EPOCH);
        FoundFiles none = new FoundFiles(_ -> false);
        FoundFiles all = new FoundFiles(_ -> true);
        for (int i = 0; i < FileStore.ITEMS_MAX; i++) {
            none.file(file);
            all.file(file);
        }
        none.file(file);
        assertThat(none.hasSeenAny()).isTrue();
        assertThat(none.all()).isEmpty();
        assertThatThrownBy(() -> all.file(file)).hasMessageContaining("More than 1000000 files or folders are meant at once");
    }

    @Test
    void filesCanBeChosenByTheirTime() throws Exception {
        Instant noon = Instant.parse("2024-01-01T12:00:00Z");
        Files.setLastModifiedTime(root.resolve("a.csv"), FileTime.from(noon));
        Files.setLastModifiedTime(root.resolve("b.csv"), FileTime.from(noon.plusSeconds(1)));
        FileSelection all = folder("", "*.csv", Depth.FOLDER_ALONE);
        assertThat(find(all.within(new Window(noon, noon.plusSeconds(1))))).containsExactly("a.csv");
        assertThat(find(all.within(new Window(noon.plusMillis(1), noon.plusSeconds(2))))).containsExactly("b.csv");
    }

    @Test
    void foldersGiveColumns() throws StoreException {
        StoredFile file = new StoredFile("data/year=2024/x/month=01/a.csv", 0, Instant.EPOCH);
        assertThat(new Partitions("data").of(file)).containsExactly(Map.entry("year", "2024"), Map.entry("month", "01"));
        assertThat(new Partitions("/data/year=2024/").of(file)).containsExactly(Map.entry("month", "01"));
        assertThat(new Partitions("other").of(file)).isEmpty();
        assertThat(new Partitions("").of(new StoredFile("a.csv", 0, Instant.EPOCH))).isEmpty();
    }

    @Test
    void tellsWhatIsAtAPath() throws StoreException {
        LocalFiles files = new LocalFiles(root);
        assertThat(files.look("nowhere")).isEmpty();
        assertThat(files.look("2024").orElseThrow()).isInstanceOf(StoredItem.Folder.class);
        StoredItem.File file = (StoredItem.File) files.look("/2024/01/a.csv").orElseThrow();
        assertThat(file.file().sizeBytes()).isEqualTo(13);
        assertThat(file.name()).isEqualTo("a.csv");
        assertThat(file.lastModified()).isPresent();
        assertThat(file.created()).isPresent();
        assertThat(files.children("")).extracting(StoredItem::path).containsExactly("2024", "a.csv", "b.csv", "c.txt");
        assertThatThrownBy(() -> files.children("2025")).hasMessageContaining("2025' does not exist");
    }

    @Test
    void readsAStretchOfAFile() throws Exception {
        LocalFiles files = new LocalFiles(root);
        StoredFile file = files.find(FileSelection.of("2024/01", "a.csv")).getFirst();
        try (InputStream bytes = files.open(file, new ByteRange(5, 2))) {
            assertThat(bytes.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("01");
        }
        try (InputStream bytes = files.open(file, new ByteRange(10, 100))) {
            assertThat(bytes.readAllBytes()).asString(StandardCharsets.UTF_8).isEqualTo("csv");
        }
    }

    @Test
    void deletesFilesAndFolders() throws Exception {
        LocalFiles files = new LocalFiles(root);
        Path outside = Files.createTempDirectory("outside");
        Files.writeString(outside.resolve("kept"), "");
        Files.createSymbolicLink(root.resolve("2024/door"), outside);
        assertThat(files.deleteFolder("2024")).isEqualTo(3);
        assertThat(root.resolve("2024")).doesNotExist();
        assertThat(outside.resolve("kept")).exists();
        files.delete(files.find(FileSelection.of("", "a.csv")).getFirst());
        assertThat(find(folder("", "*", Depth.WITH_SUBFOLDERS))).containsExactly("b.csv", "c.txt");
        assertThat(files.deleteFolder("2024")).isZero();
        assertThat(files.deleteFolder("")).isEqualTo(2);
        assertThat(root).exists();
        Files.delete(outside.resolve("kept"));
        Files.delete(outside);
    }

    @Test
    void whatIsNamedMustExist() {
        assertThatThrownBy(() -> find(FileSelection.of("", "z.csv"))).hasMessageContaining("z.csv' does not exist");
        assertThatThrownBy(() -> find(folder("z", "*", Depth.FOLDER_ALONE))).hasMessageContaining("The folder 'z' does not exist");
    }

    @Test
    void nothingOutsideTheFolderCanBeNamed() throws IOException {
        assertThatThrownBy(() -> find(FileSelection.of("", "../x"))).hasMessageContaining("leaves the store's folder");
        Path secret = Files.createTempFile("secret", ".txt");
        Files.createSymbolicLink(root.resolve("link.txt"), secret);
        assertThatThrownBy(() -> find(FileSelection.of("", "link.txt"))).hasMessageContaining("leaves the store's folder");
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
        assertThat(find(folder("new", "*", Depth.FOLDER_ALONE))).isEmpty();
        try (FileStore.PendingFile pending = files.create("new/d.txt")) {
            pending.stream().write("x".getBytes(StandardCharsets.UTF_8));
            assertThat(find(folder("new", "*", Depth.FOLDER_ALONE))).isEmpty();
            assertThat(files.children("new")).isEmpty();
            assertThat(pending.commit().sizeBytes()).isEqualTo(1);
        }
        assertThat(find(folder("new", "*", Depth.FOLDER_ALONE))).containsExactly("new/d.txt");
    }

    @Test
    void whatAKilledProcessLeftGoesWithTheNextWrite() throws Exception {
        Path left = Files.writeString(root.resolve("2024/.conshelf-123.part"), "half");
        Path justMade = Files.writeString(root.resolve("2024/.conshelf-124.part"), "");
        Path elsewhere = Files.writeString(root.resolve(".conshelf-125.part"), "half");
        FileTime hourAgo = FileTime.from(Instant.now().minusSeconds(3600));
        try (FileStore.PendingFile beingWritten = new LocalFiles(root).create("2024/slow.csv")) {
            beingWritten.stream().write('a');
            beingWritten.stream().close();
            List<Path> written = partials("2024").stream().filter(path -> !path.equals(left) && !path.equals(justMade)).toList();
            assertThat(written).hasSize(1);
            for (Path path : List.of(left, elsewhere, written.getFirst())) {
                Files.setLastModifiedTime(path, hourAgo);
            }

            try (FileStore.PendingFile next = new LocalFiles(root).create("2024/next.csv")) {
                assertThat(partials("2024")).doesNotContain(left).contains(justMade, written.getFirst()).hasSize(3);
                next.commit();
            }

            beingWritten.commit();
        }
        assertThat(root.resolve("2024/slow.csv")).hasContent("a");
        assertThat(root.resolve("2024/next.csv")).isEmptyFile();
        assertThat(partials("")).containsExactly(elsewhere);
    }

    private List<Path> partials(String folder) throws IOException {
        try (var paths = Files.list(root.resolve(folder))) {
            return paths.filter(path -> path.getFileName().toString().endsWith(".part")).toList();
        }
    }
}
