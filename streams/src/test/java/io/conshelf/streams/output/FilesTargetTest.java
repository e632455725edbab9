package io.conshelf.streams.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.GrowingFile;
import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.streams.format.OutputFormat;
import io.conshelf.streams.output.FilesTarget.Lasting;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Files in a folder whose store does not always answer.
class FilesTargetTest {
    private static final Instant AT = Instant.parse("2026-01-31T08:59:00Z");

    @TempDir
    Path folder;

    /// So many more calls fail.
    private int refusals;

    /// A folder like any other, but that it does not answer at times.
    private GrowingFile.Store failing() {
        LocalFiles files = new LocalFiles(folder);
        return path -> {
            GrowingFile file = files.grow(path);
            return new GrowingFile() {
                @Override
                public OutputStream stream() {
                    return file.stream();
                }

                @Override
                public void show() throws StoreException {
                    if (refusals-- > 0) {
                        throw StoreException.system("Busy", "the store does not answer", new IOException("busy"));
                    }
                    file.show();
                }

                @Override
                public boolean isFull() {
                    return file.isFull();
                }

                @Override
                public void close() {
                    file.close();
                }
            };
        };
    }

    private FilesTarget target(String pattern, OutputFormat.Type type, Lasting lasting) throws OutputException {
        return new FilesTarget(this::failing, new PathTemplate(pattern, "yyyy/MM/dd", "HH"), new OutputFormat(type, ','), lasting);
    }

    private static Row row(Instant at, String room, long id) {
        return Row.event(Ticks.of(at), new Value.Record(Shape.of(List.of("room", "id")), new Value[] {Value.of(room), Value.of(id)}));
    }

    @FunctionalInterface
    private interface Attempt {
        void run() throws Exception;
    }

    /// As whoever hosts an output does: the same call until it goes through.
    private static void persist(Attempt attempt) throws Exception {
        for (int i = 0; i < 10; i++) {
            try {
                attempt.run();
                return;
            } catch (OutputException notYet) {
                assertThat(notYet).hasMessageContaining("the store does not answer");
            }
        }
        throw new AssertionError("it did not go through");
    }

    private List<Path> files() throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private List<Long> ids(OutputFormat.Type type) throws IOException {
        List<Long> ids = new ArrayList<>();
        for (Path file : files()) {
            String text = Files.readString(file);
            assertThat(text).startsWith("[").endsWith("]");
            var matcher = java.util.regex.Pattern.compile("\"id\":(\\d+)").matcher(text);
            while (matcher.find()) {
                ids.add(Long.parseLong(matcher.group(1)));
            }
        }
        return ids.stream().sorted().toList();
    }

    @Test
    void rowsOfFilesThatCouldNotBeShownAtOnceAreThereOnce() throws Exception {
        OutputFormat.Type type = OutputFormat.Type.JSON_ARRAY;
        try (EventTarget target = target("{room}", type, Lasting.GROWING); EventTarget.Writer writer = target.open("job-out-0")) {
            writer.write(row(AT, "r", 5));
            // another hour ends the file before
            refusals = 2;
            persist(() -> writer.write(row(AT.plusSeconds(60), "r", 6)));
            refusals = 3;
            persist(() -> writer.prepare(2));
        }
        assertThat(ids(type)).containsExactly(5L, 6L);
        assertThat(files()).hasSize(2);
    }

    @Test
    void theFileThatWasNotWrittenForTheLongestTimeStaysUntilItIsShown() throws Exception {
        try (EventTarget target = target("{room}", OutputFormat.Type.JSON_ARRAY, Lasting.GROWING); EventTarget.Writer writer = target.open("job-out-0")) {
            for (long id = 0; id < 100; id++) {
                writer.write(row(AT, "r" + id, id));
            }
            refusals = 2;
            persist(() -> writer.write(row(AT, "r100", 100)));
        }
        assertThat(ids(OutputFormat.Type.JSON_ARRAY)).hasSize(101).doesNotHaveDuplicates();
    }

    @Test
    void aFileThatIsLostInPartIsNotGoneOnWith() throws Exception {
        LocalFiles files = new LocalFiles(folder);
        FilesTarget target = new FilesTarget(() -> path -> {
            GrowingFile file = files.grow(path);
            // nothing can be written any more
            file.close();
            return file;
        }, new PathTemplate("x", "", ""), OutputFormat.LINES, Lasting.GROWING);
        try (target; EventTarget.Writer writer = target.open("job-out-0")) {
            writer.write(row(AT, "r", 1));
            assertThatThrownBy(() -> writer.prepare(1)).isInstanceOf(UncheckedIOException.class).hasMessageContaining("cannot be written");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\uD83D\uDE00", "\u6F22", "a", "\uD83D", "\u0085", "../", "\u0000"})
    void everyValueMakesANameThatAFolderTakes(String part) throws Exception {
        try (EventTarget target = target("{room}", OutputFormat.Type.JSON_ARRAY, Lasting.GROWING); EventTarget.Writer writer = target.open("job-out-0")) {
            writer.write(row(AT, part.repeat(300), 1));
            writer.prepare(1);
        }
        assertThat(files()).singleElement().satisfies(file -> {
            String name = folder.relativize(file.getParent()).toString();
            assertThat(name.getBytes(StandardCharsets.UTF_8).length).isBetween(190, 200);
            assertThat(new String(name.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8)).isEqualTo(name).doesNotContain("/", "\uFFFD").doesNotStartWith(".");
        });
    }
}
