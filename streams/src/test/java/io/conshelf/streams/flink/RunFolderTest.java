package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.streams.input.EventInput.Start;
import io.conshelf.streams.run.Places;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a job keeps is that of one run, wherever the process or the machine ended.
class RunFolderTest {
    @TempDir
    Path jobs;

    private RunFolder run;

    @BeforeEach
    void before() throws Exception {
        run = new RunFolder(jobs, "job");
        run.begin(record("first"));
        checkpoint(run.path());
        StoppedAt.write(run.path(), 5);
    }

    private static RunRecord record(String id) {
        return new RunRecord(new RunId(id), new Start.From(7), 8, "plan", Places.UNKNOWN);
    }

    private static void checkpoint(Path folder) throws Exception {
        Path checkpoint = Files.createDirectories(folder.resolve("checkpoints/0/chk-1"));
        Files.createFile(checkpoint.resolve("_metadata"));
    }

    @Test
    void aRunThatBeginsAnewLeavesNothingOfTheOneBefore() {
        run.settle("savepoint-1");
        run.begin(record("second"));
        assertThat(run.record()).hasValue(record("second"));
        assertThat(run.newest()).isEmpty();
        assertThat(StoppedAt.read(run.path())).isEmpty();
        assertThat(run.isSettled("savepoint-1")).isFalse();
    }

    @Test
    void aStartThatWasBrokenOffAmidstIsCarriedOut() throws Exception {
        RunFolder other = new RunFolder(jobs, "other");
        other.begin(record("second"));
        // as it is between the two
        Files.move(other.path().resolve("run.json"), run.path().resolve("run-beginning.json"));
        assertThat(run.record()).hasValue(record("second"));
        assertThat(run.newest()).isEmpty();
        assertThat(StoppedAt.read(run.path())).isEmpty();
        assertThat(run.path()).isDirectoryNotContaining("glob:**beginning*");
    }

    @Test
    void aFileThatIsEmptyIsToldInWords() throws Exception {
        Files.writeString(run.path().resolve("last-output"), "");
        assertThatThrownBy(() -> StoppedAt.read(run.path())).isInstanceOf(IllegalStateException.class).hasMessageContaining("last-output")
                .hasMessageContaining("start it now or at a time");
        for (String broken : new String[] {"", "{\"id\": \"fir", "[]", "{}"}) {
            Files.writeString(run.path().resolve("run.json"), broken);
            assertThatThrownBy(run::record).isInstanceOf(IllegalStateException.class).hasMessageContaining("run.json").hasMessageContaining("start it now or at a time");
        }
        run.begin(record("second"));
        assertThat(run.record()).hasValue(record("second"));
    }
}
