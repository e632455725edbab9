package io.conshelf.streams.output;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.streams.format.OutputFormat;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.output.FilesTarget.Lasting;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.apache.avro.file.DataFileReader;
import org.apache.avro.file.SeekableFileInput;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Rows wait for their file until there are enough of them, or the first has waited long enough, over any number of checkpoints and restarts.
class BatchesTest {
    private static final Instant AT = Instant.parse("2026-01-31T08:59:00Z");

    @TempDir
    Path folder;

    private Instant now = AT;

    private final Clock clock = new Clock() {
        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return now;
        }
    };

    private WholeFiles whole(String pattern, Batching batching) throws OutputException {
        return new WholeFiles(() -> new LocalFiles(folder), new PathTemplate(pattern, "yyyy/MM/dd", "HH"), new OutputFormat(OutputFormat.Type.AVRO, ','), batching, OutputError.DROP, clock, new HeldBytes(8_000));
    }

    private static EventTarget.Holding open(EventTarget target) throws OutputException {
        return (EventTarget.Holding) target.open("job-out-0");
    }

    private static Row row(Instant at, String room, long id) {
        return Row.event(Ticks.of(at), new Value.Record(Shape.of(List.of("room", "id")), new Value[] {Value.of(room), Value.of(id)}));
    }

    private List<Path> files() throws IOException {
        try (var all = Files.walk(folder)) {
            return all.filter(Files::isRegularFile).sorted().toList();
        }
    }

    private List<Long> ids() throws IOException {
        List<Long> ids = new ArrayList<>();
        for (Path file : files()) {
            if (file.toString().endsWith(".avro")) {
                try (var rows = new DataFileReader<GenericRecord>(new SeekableFileInput(file.toFile()), new GenericDatumReader<>())) {
                    rows.forEach(row -> ids.add((Long) row.get("id")));
                }
            } else {
                Pattern.compile("\"id\":(\\d+)").matcher(Files.readString(file)).results().forEach(id -> ids.add(Long.parseLong(id.group(1))));
            }
        }
        return ids.stream().sorted().toList();
    }

    private static void checkpoint(EventTarget.Writer writer, long number) throws Exception {
        byte[] prepared = writer.prepare(number);
        if (prepared.length > 0) {
            writer.commit(prepared);
        }
    }

    @Test
    void aFileIsWrittenOnceItHasEnoughRowsOrItsFirstHasWaitedLongEnough() throws Exception {
        try (EventTarget target = whole("{room}", new Batching.Limits(3, Duration.ofMinutes(1))); EventTarget.Holding writer = open(target)) {
            writer.write(row(AT, "a", 1));
            writer.write(row(AT, "b", 2));
            writer.write(row(AT, "a", 3));
            checkpoint(writer, 1);
            assertThat(files()).isEmpty();
            assertThat(writer.heldFrom()).hasValue(Ticks.of(AT));
            writer.write(row(AT, "a", 4));
            checkpoint(writer, 2);
            assertThat(ids()).containsExactly(1L, 3L, 4L);
            now = now.plusSeconds(60);
            checkpoint(writer, 3);
            assertThat(ids()).containsExactly(1L, 2L, 3L, 4L);
            assertThat(files()).hasSize(2);
            assertThat(writer.heldFrom()).isEmpty();
        }
    }

    @Test
    void rowsOfAnotherHourOrOtherColumnsAreInAnotherFile() throws Exception {
        try (EventTarget target = whole("x", new Batching.Limits(100, Duration.ofMinutes(1))); EventTarget.Holding writer = open(target)) {
            writer.write(row(AT, "a", 1));
            writer.write(Row.event(Ticks.of(AT), new Value.Record(Shape.of(List.of("id")), new Value[] {Value.of(2)})));
            writer.write(row(AT.plusSeconds(60), "a", 3));
            writer.letGo();
            checkpoint(writer, 1);
            assertThat(ids()).containsExactly(1L, 2L, 3L);
            assertThat(files()).hasSize(3);
        }
    }

    @Test
    void aFileOfAnHourIsWrittenWhenNoMoreOfItsRowsCanCome() throws Exception {
        try (EventTarget target = whole("{date}/{time}", new Batching.WholeHours()); EventTarget.Holding writer = open(target)) {
            writer.write(row(AT, "a", 1));
            writer.write(row(AT.plusSeconds(60), "a", 2));
            now = now.plus(Duration.ofDays(1));
            writer.passed(Ticks.of(AT.plusSeconds(60)) - 2);
            checkpoint(writer, 1);
            // the row of another hour has the hour before in its place
            writer.passed(Ticks.of(AT.plusSeconds(60)) - 1);
            checkpoint(writer, 2);
            assertThat(ids()).containsExactly(1L);
            assertThat(files()).singleElement().satisfies(file -> assertThat(folder.relativize(file).toString()).startsWith("2026/01/31/08/"));
        }
    }

    /// As a job does that is broken off anywhere: it goes on with what the last complete checkpoint holds, and with the rows since.
    @Test
    void whereverAJobIsBrokenOffEveryRowIsThereOnce() throws Exception {
        for (int seed = 1; seed <= 30; seed++) {
            Random random = new Random(seed);
            try (var all = Files.walk(folder)) {
                all.sorted(java.util.Comparator.reverseOrder()).filter(path -> !path.equals(folder)).forEach(path -> path.toFile().delete());
            }
            List<byte[]> held = List.of();
            List<byte[]> prepared = List.of();
            int read = 0;
            int checkpoint = 0;
            while (read < 300) {
                try (EventTarget target = whole("{room}", new Batching.Limits(20, Duration.ofMinutes(1))); EventTarget.Holding writer = open(target)) {
                    for (byte[] one : held) {
                        writer.takeUp(one);
                    }
                    for (byte[] one : prepared) {
                        writer.commit(one);
                    }
                    int at = read;
                    for (int round = random.nextInt(4); round >= 0; round--) {
                        int until = Math.min(300, at + random.nextInt(40));
                        for (; at < until; at++) {
                            writer.write(row(AT, "r" + at % 3, at));
                        }
                        if (at == 300) {
                            writer.letGo();
                        }
                        byte[] made = writer.prepare(++checkpoint);
                        List<byte[]> keeps = writer.held();
                        if (random.nextInt(4) == 0) {
                            // broken off before the checkpoint is complete
                            break;
                        }
                        held = keeps;
                        prepared = new ArrayList<>(prepared);
                        if (made.length > 0) {
                            prepared.add(made);
                        }
                        read = at;
                        if (random.nextInt(4) > 0) {
                            for (byte[] one : prepared) {
                                writer.commit(one);
                            }
                            // where it is broken off before the next checkpoint they are shown again
                        }
                    }
                }
            }
            try (EventTarget target = whole("{room}", new Batching.Limits(20, Duration.ofMinutes(1))); EventTarget.Holding writer = open(target)) {
                for (byte[] one : prepared) {
                    writer.commit(one);
                }
            }
            assertThat(ids()).as("seed %d", seed).containsExactlyElementsOf(java.util.stream.LongStream.range(0, 300).boxed().toList());
            assertThat(files()).as("seed %d", seed).hasSizeLessThan(20);
        }
    }

    @Test
    void hoursThatComeByTurnsAreOneFileEach() throws Exception {
        try (EventTarget target = whole("x", new Batching.Limits(100, Duration.ofMinutes(1))); EventTarget.Holding writer = open(target)) {
            for (long id = 0; id < 40; id++) {
                writer.write(row(AT.plusSeconds(id % 2 * 60), "a", id));
                checkpoint(writer, id + 1);
            }
            assertThat(files()).isEmpty();
            writer.letGo();
            checkpoint(writer, 41);
            assertThat(files()).hasSize(2);
            assertThat(ids()).hasSize(40);
        }
    }

    @Test
    void noMoreIsHeldWhileTheStoreIsAway() throws Exception {
        Path place = folder.resolve("place");
        Files.writeString(place, "a file where the folder should be");
        try (EventTarget target = new WholeFiles(() -> new LocalFiles(place), new PathTemplate("{room}", "", ""), new OutputFormat(OutputFormat.Type.AVRO, ','),
                new Batching.Limits(10_000, Duration.ofHours(1)), OutputError.DROP, clock, new HeldBytes(8_000)); EventTarget.Holding writer = open(target)) {
            long id = 0;
            while (id < 1_000) {
                try {
                    writer.write(row(AT, "r" + id % 4, id));
                    id++;
                } catch (OutputException away) {
                    break;
                }
            }
            long next = id;
            assertThat(next).isBetween(10L, 900L);
            assertThatThrownBy(() -> writer.write(row(AT, "r", next))).isInstanceOf(OutputException.class);
            Files.delete(place);
            writer.write(row(AT, "r", next));
            writer.letGo();
            checkpoint(writer, 1);
            assertThat(ids()).containsExactlyElementsOf(java.util.stream.LongStream.rangeClosed(0, next).boxed().toList());
        }
    }

    @Test
    void theEldestOfTooManyFoldersAreWritten() throws Exception {
        HeldRows rows = new HeldRows(new Batching.Limits(10, Duration.ofHours(1)), clock, new HeldBytes(Long.MAX_VALUE));
        for (int id = 0; !rows.isFull(); id++) {
            rows.add("f" + id, row(AT, "a", id));
        }
        assertThat(rows.excess().folder()).isEqualTo("f0");
        assertThat(rows.isFull()).isFalse();
        assertThat(rows.due()).hasSize(5_000).first().satisfies(batch -> assertThat(batch.folder()).isEqualTo("f1"));
        assertThat(rows.held()).hasSize(5_000);
    }

    @Test
    void moreThanMayBeHeldIsWritten() throws Exception {
        try (EventTarget target = whole("{room}", new Batching.Limits(10_000, Duration.ofHours(1))); EventTarget.Holding writer = open(target)) {
            for (long id = 0; id < 1_000; id++) {
                writer.write(row(AT, "r" + id % 2, id));
            }
            checkpoint(writer, 1);
            assertThat(writer.held().stream().mapToInt(bytes -> bytes.length).sum()).isLessThan(4_000);
            writer.letGo();
            checkpoint(writer, 2);
            assertThat(ids()).containsExactlyElementsOf(java.util.stream.LongStream.range(0, 1_000).boxed().toList());
        }
    }

    @Test
    void whatIsHeldFitsIntoAnArrayWhateverTheHeap() {
        assertThat(HeldBytes.ofHeap(1L << 30)).isEqualTo(64 << 20);
        assertThat(HeldBytes.ofHeap(1L << 40)).isEqualTo(512 << 20);
    }

    @Test
    void whatAnotherVersionHeldIsNotTriedAgain() throws Exception {
        try (EventTarget target = whole("{room}", new Batching.Limits(10_000, Duration.ofHours(1))); EventTarget.Holding writer = open(target)) {
            assertThatThrownBy(() -> writer.takeUp(new byte[] {77})).isInstanceOf(CheckpointUnreadable.class).hasMessageContaining("another version");
            assertThatThrownBy(() -> writer.commit(new byte[] {77})).isInstanceOf(CheckpointUnreadable.class).hasMessageContaining("another version");
        }
    }

    @Test
    void allWritersOfAProcessHoldNoMoreThanOneMayAlone() throws Exception {
        HeldBytes together = new HeldBytes(40_000);
        List<HeldRows> tasks = new ArrayList<>();
        for (int task = 0; task < 8; task++) {
            tasks.add(new HeldRows(new Batching.Limits(1_000_000, Duration.ofHours(1)), clock, together));
        }
        // the first comes before all others, and has all the room
        HeldRows first = tasks.getFirst();
        long id = 0;
        while (!first.isFull()) {
            first.add("f" + id % 7, row(AT, "a", id++));
        }
        assertThat(bytes(first)).isGreaterThan(35_000);
        for (int round = 0; round < 500; round++) {
            for (HeldRows task : tasks) {
                while (task.isFull()) {
                    task.written(task.excess().size());
                }
                task.add("f" + id % 7, row(AT, "a", id++));
            }
        }
        assertThat(tasks.stream().mapToLong(BatchesTest::bytes).sum()).isLessThan(42_000);
        assertThat(tasks).allSatisfy(task -> assertThat(bytes(task)).isPositive());
        tasks.forEach(task -> task.due().forEach(batch -> task.written(batch.size())));
        assertThat(tasks.stream().mapToLong(BatchesTest::bytes).sum()).isLessThan(22_000);
        // who is gone leaves its room to the others
        tasks.subList(1, 8).forEach(HeldRows::close);
        while (!first.isFull()) {
            first.add("f" + id % 7, row(AT, "a", id++));
        }
        assertThat(bytes(first)).isGreaterThan(35_000);
    }

    /// What is let go waits for its checkpoint to be complete, or for the store.
    @Test
    void whatIsPreparedTakesOfTheRoomUntilItIsWritten() {
        HeldRows rows = new HeldRows(new Batching.Limits(1_000_000, Duration.ofHours(1)), clock, new HeldBytes(40_000));
        fill(rows);
        assertThat(bytes(rows)).isGreaterThan(35_000);
        List<HeldRows.Batch> prepared = new ArrayList<>();
        while (rows.from().isPresent()) {
            prepared.add(rows.excess());
        }
        fill(rows);
        assertThat(bytes(rows)).as("no more than a file that is worth it").isBetween(9_000L, 14_000L);
        prepared.forEach(batch -> rows.written(batch.size()));
        assertThat(rows.isFull()).isFalse();
        fill(rows);
        assertThat(bytes(rows)).isGreaterThan(35_000);
    }

    /// What is prepared is there until a checkpoint is complete.
    @Test
    void whileNoCheckpointIsCompleteNoMoreIsPreparedThanMayBeHeld() throws Exception {
        try (EventTarget target = whole("{room}", new Batching.Limits(5, Duration.ofMinutes(1))); EventTarget.Holding writer = open(target)) {
            long size = 0;
            long id = 0;
            List<byte[]> prepared = new ArrayList<>();
            for (long failed = 1; failed <= 100; failed++) {
                for (int n = 0; n < 10; n++) {
                    writer.write(row(AT, "r" + id % 2, id++));
                }
                prepared.add(writer.prepare(failed));
                size += prepared.getLast().length;
            }
            assertThat(size).isBetween(2_000L, 10_000L);
            for (byte[] one : prepared) {
                if (one.length > 0) {
                    writer.commit(one);
                }
            }
            assertThat(ids()).containsExactlyElementsOf(java.util.stream.LongStream.range(0, 1_000).boxed().toList());
            writer.write(row(AT, "r", id));
            writer.letGo();
            byte[] again = writer.prepare(101);
            assertThat(ids()).as("there is room again").hasSize(1_000);
            writer.commit(again);
            assertThat(ids()).hasSize(1_001);
        }
    }

    private static void fill(HeldRows rows) {
        for (long id = 0; !rows.isFull(); id++) {
            rows.add("f" + id % 7, row(AT, "a", id));
        }
    }

    private static long bytes(HeldRows rows) {
        return rows.held().stream().mapToLong(bytes -> bytes.length + 470).sum();
    }

    @Test
    void rowsThatTheFormatCannotHoldAreRefusedAsTheyCome() throws Exception {
        try (EventTarget target = whole("x", new Batching.Limits(2, Duration.ofHours(1))); EventTarget.Holding writer = open(target)) {
            Row wrong = Row.event(Ticks.of(AT), new Value.Record(Shape.of(List.of("no letters!")), new Value[] {Value.of(2)}));
            assertThat(catchThrowableOfType(RowRefused.class, () -> writer.write(wrong)).type()).isEqualTo("ColumnNameInvalid");
            assertThat(writer.heldFrom()).isEmpty();
        }
    }

    /// Of columns that the format can hold, with a value that it cannot.
    private static Row wrongInside(long id) {
        Value inside = new Value.Record(Shape.of(List.of("no letters!")), new Value[] {Value.of(1)});
        return Row.event(Ticks.of(AT), new Value.Record(Shape.of(List.of("room", "id")), new Value[] {inside, Value.of(id)}));
    }

    @Test
    void rowsThatAreRefusedWithTheirFileAreToldOnceItIsStored() throws Exception {
        Path place = folder.resolve("place");
        Files.writeString(place, "a file where the folder should be");
        try (EventTarget target = new WholeFiles(() -> new LocalFiles(place), new PathTemplate("x", "", ""), new OutputFormat(OutputFormat.Type.AVRO, ','),
                new Batching.Limits(2, Duration.ofHours(1)), OutputError.DROP, clock); EventTarget.Holding writer = open(target)) {
            writer.write(row(AT, "a", 1));
            writer.write(wrongInside(2));
            byte[] prepared = writer.prepare(1);
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThatThrownBy(() -> writer.commit(prepared)).isInstanceOf(OutputException.class).isNotInstanceOf(RowRefused.class);
                assertThat(writer.refused()).isEmpty();
            }
            Files.delete(place);
            writer.commit(prepared);
            assertThat(writer.refused()).singleElement().satisfies(refused -> assertThat(refused.type()).isEqualTo("ColumnNameInvalid"));
            assertThat(ids()).containsExactly(1L);
        }
    }

    @Test
    void whatIsRefusedBehindABatchIsTriedAgainWhereThePolicySaysSo() throws Exception {
        try (EventTarget target = new WholeFiles(() -> new LocalFiles(folder), new PathTemplate("x", "", ""), new OutputFormat(OutputFormat.Type.AVRO, ','),
                new Batching.Limits(2, Duration.ofHours(1)), OutputError.STOP, clock); EventTarget.Holding writer = open(target)) {
            writer.write(row(AT, "a", 1));
            writer.write(wrongInside(2));
            byte[] prepared = writer.prepare(1);
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThat(catchThrowableOfType(RowRefused.class, () -> writer.commit(prepared)).example()).contains("no letters!");
            }
            assertThat(writer.refused()).isEmpty();
        }
        FilesTarget single = new FilesTarget(() -> new LocalFiles(folder), new PathTemplate("one.csv", "", ""), new OutputFormat(OutputFormat.Type.CSV, ','), Lasting.SINGLE);
        try (EventTarget target = new BatchedRows(single, new PathTemplate("one.csv", "", ""), new Batching.Limits(2, Duration.ofHours(1)), OutputError.STOP, clock);
                EventTarget.Holding writer = open(target)) {
            writer.write(row(AT, "a", 1));
            writer.write(Row.event(Ticks.of(AT), new Value.Record(Shape.of(List.of("other")), new Value[] {Value.of(2)})));
            for (int attempt = 0; attempt < 2; attempt++) {
                assertThat(catchThrowableOfType(RowRefused.class, () -> writer.prepare(1)).example()).contains("other");
            }
            assertThat(writer.refused()).isEmpty();
        }
    }

    @Test
    void linesAreAppendedABatchAtATime() throws Exception {
        FilesTarget lines = new FilesTarget(() -> new LocalFiles(folder), new PathTemplate("x", "", ""), OutputFormat.LINES, Lasting.GROWING);
        try (EventTarget target = new BatchedRows(lines, new PathTemplate("x", "", ""), new Batching.Limits(3, Duration.ofMinutes(1)), OutputError.STOP, clock);
                EventTarget.Holding writer = open(target)) {
            for (long id = 0; id < 7; id++) {
                writer.write(row(AT, "a", id));
                checkpoint(writer, id + 1);
                assertThat(ids()).hasSize((int) (id + 1) / 3 * 3);
            }
            writer.letGo();
            checkpoint(writer, 8);
            assertThat(ids()).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
            assertThat(files()).hasSize(1);
        }
    }
}
