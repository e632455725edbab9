package io.conshelf.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.cli.output.TerminalText;
import io.conshelf.factory.Status;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameTest {
    private static final Screen WIDE = new Screen(80, 24, true, false);
    private static final Screen NARROW = new Screen(60, 20, true, false);

    private final RunBoard board = new RunBoard();

    private String frame(Screen screen, double seconds) {
        return String.join("\n", Frame.of(board, screen, Story.at(seconds)));
    }

    /// One copy reads, one is being ingested, and a Lookup runs.
    private void bothStages() {
        board.on(Story.runStarted(), Story.at(0));
        board.on(Story.started("Copy flights", "Copy", 0), Story.at(0));
        board.on(Story.started("Copy airports", "Copy", 0), Story.at(0));
        board.on(Story.started("Look up", "Lookup", 1), Story.at(1));
        board.on(Story.reads("Copy flights", 100_000_000, 1_000_000_000, 1_000_000), Story.at(1));
        board.on(Story.ingests("Copy airports", 30_000_000, 4, 0), Story.at(2));
        board.on(Story.ingests("Copy airports", 30_000_000, 4, 1), Story.at(3));
        board.on(Story.reads("Copy flights", 400_000_000, 1_000_000_000, 4_000_000), Story.at(4));
    }

    @Test
    void bothStagesOfACopyAreSeen() {
        bothStages();
        assertThat(frame(WIDE, 4)).isEqualTo("""
                activity         stage  progress        read  written   MB/s rows/s  time  left
                Copy flights     read   ▒▒░░░░  40% 400.0 MB 800.0 MB  100.0   1.0M  0:04  0:06
                Copy airports    ingest █▒▒▒▒▒  25%  30.0 MB  60.0 MB    7.5         0:04  0:06
                Look up          run                                                 0:03
                LoadAll  0:04  3 running, 0 ended, 430.0 MB read, 100.0 MB/s""");
    }

    @Test
    void aNarrowScreenDoesWithoutWhatMattersLeast() {
        bothStages();
        assertThat(frame(NARROW, 4)).isEqualTo("""
                activity              stage  progress      MB/s  time  left
                Copy flights          read   ▒▒░░░░  40%  100.0  0:04  0:06
                Copy airports         ingest █▒▒▒▒▒  25%    7.5  0:04  0:06
                Look up               run                        0:03
                LoadAll  0:04  3 running, 0 ended, 430.0 MB read""");
        assertThat(frame(new Screen(24, 20, true, false), 4)).contains("Copy flights ");
    }

    @Test
    void aScreenWithoutUnicodeGetsAscii() {
        bothStages();
        String frame = frame(new Screen(80, 24, false, false), 4);
        assertThat(frame).contains("#=====  25%").contains("==....  40%");
        assertThat(frame.chars()).allMatch(c -> c < 128);
    }

    @Test
    void coloursStandOnlyWhereTheScreenHasThem() {
        bothStages();
        assertThat(frame(WIDE, 4)).doesNotContain("\u001b");
        assertThat(frame(new Screen(80, 24, true, true), 4)).contains("\u001b[36m▒▒░░░░  40%\u001b[0m");
    }

    @Test
    void manyCopiesFillAScreenAndTheRestIsSummedUp() {
        board.on(Story.runStarted(), Story.at(0));
        board.on(Story.started("Each table", "ForEach", 0), Story.at(0));
        for (int i = 1; i <= 20; i++) {
            board.on(Story.startedFor("public table_number_" + i, "Copy table", "Copy", 0), Story.at(0));
        }
        for (int i = 1; i <= 20; i++) {
            String id = "Copy tablepublic table_number_" + i;
            board.on(i > 18 ? Story.ingests(id, 5_000_000, 1, 0) : Story.reads(id, i * 1_000_000L, 50_000_000, 0), Story.at(1));
        }
        List<String> lines = Frame.of(board, WIDE, Story.at(2));
        assertThat(lines).hasSize(20);
        assertThat(lines.get(9)).isEqualTo("… table_number_9 read   ▒░░░░░  18%   9.0 MB  18.0 MB    4.5         0:02  0:10");
        assertThat(lines.subList(17, 20)).containsExactly(
                "…table_number_17 read   ▒▒░░░░  34%  17.0 MB  34.0 MB    8.5         0:02  0:04",
                "+ 3 more: 1 read, 2 ingest, 28.0 MB read, 9.0 MB/s",
                "LoadAll  0:02  20 running, 0 ended, 181.0 MB read, 85.5 MB/s");
    }

    @Test
    void whatHoldsOthersIsSeenOnlyWhileItRunsAlone() {
        board.on(Story.runStarted(), Story.at(0));
        board.on(Story.started("Each", "ForEach", 0), Story.at(0));
        assertThat(frame(WIDE, 1)).contains("Each ");
        board.on(Story.started("W", "Wait", 1), Story.at(1));
        assertThat(frame(WIDE, 1)).contains("W ").doesNotContain("Each ");
        board.on(Story.ended("W", "Wait", Status.SUCCEEDED, 1, 2), Story.at(2));
        board.on(Story.ended("Each", "ForEach", Status.SUCCEEDED, 0, 2), Story.at(2));
        assertThat(frame(WIDE, 2)).isEmpty();
    }

    @Test
    void noLineIsWiderThanAnyScreen() {
        bothStages();
        board.on(Story.started("飛行機のデータをコピーする飛行機のデータ", "Copy", 0), Story.at(0));
        board.on(Story.started("a\u001b[2J\nb", "Copy", 0), Story.at(0));
        for (int columns = 1; columns <= 200; columns++) {
            for (int rows : new int[] {1, 2, 5, 8, 24}) {
                List<String> lines = Frame.of(board, new Screen(columns, rows, true, false), Story.at(4));
                int width = columns;
                assertThat(lines).hasSizeBetween(1, Math.max(1, rows - 1));
                assertThat(lines).allSatisfy(line -> assertThat(TerminalText.width(line)).isLessThanOrEqualTo(Math.max(1, width - 1)));
                assertThat(String.join("", lines)).doesNotContain("\u001b");
            }
        }
    }

    @Test
    void aCopyThatStandsStillHasNoTimeLeft() {
        board.on(Story.started("Copy", "Copy", 0), Story.at(0));
        board.on(Story.reads("Copy", 0, 1_000_000, 0), Story.at(0.2));
        assertThat(frame(WIDE, 10)).contains("░░░░░░   0%").contains(" 0:10\n");
    }
}
