package io.conshelf.cli.progress;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.factory.Status;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class ViewsTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final PrintStream out = new PrintStream(bytes, true, StandardCharsets.UTF_8);

    private String written() {
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static void aRunThatFails(RunView view) {
        view.on(Story.runStarted(), Story.at(0));
        view.tick(Story.at(0));
        view.on(Story.started("Each", "ForEach", 0), Story.at(0));
        view.on(Story.startedFor("flights", "Copy", "Copy", 0), Story.at(0));
        view.on(Story.startedFor("movies", "Copy", "Copy", 0), Story.at(0));
        for (int i = 1; i <= 120; i++) {
            view.on(Story.reads("Copyflights", i * 1_000_000L, 200_000_000, i * 10_000L), Story.at(i / 5.0));
            view.tick(Story.at(i / 5.0));
        }
        view.on(Story.copied("Copy", "flights", 3_000_000, 13_500_000, 20_100_000, 0, 24.5), Story.at(24.5));
        view.tick(Story.at(24.5));
        view.on(Story.failed("Copy", "movies", "2200", "no column 'a\u001b[2J'\nin 'movies'", 0, 25), Story.at(25));
        view.on(Story.ended("Each", "ForEach", Status.FAILED, 0, 25), Story.at(25));
        view.on(Story.runEnded(Status.FAILED, "Operation on target Each failed: no column", 25), Story.at(25));
        view.close();
    }

    private static final String STAYS = """
            pipeline LoadAll started (run run-1)
              Copy [flights]: Succeeded in 24.5 s, 3,000,000 rows, read 13.5 MB, wrote 20.1 MB, 0.6 MB/s
              Copy [movies]: Failed in 25.0 s
                2200: no column 'a [2J'
                in 'movies'
              Each: Failed in 25.0 s
            pipeline LoadAll Failed in 25.0 s
              Operation on target Each failed: no column
            """;

    @Test
    void withoutATerminalThereAreAFewPlainLines() {
        aRunThatFails(new PlainView(out));
        assertThat(written()).isEqualTo("""
                pipeline LoadAll started (run run-1)
                  Each (ForEach) …
                  Copy [flights] (Copy) …
                  Copy [movies] (Copy) …
                  Copy [flights]: read 50.0 MB of 200.0 MB (25%), 5.0 MB/s, wrote 100.0 MB, 0:10 so far, 0:30 left
                  Copy [flights]: read 100.0 MB of 200.0 MB (50%), 5.0 MB/s, wrote 200.0 MB, 0:20 so far, 0:20 left
                """ + STAYS.substring(STAYS.indexOf('\n') + 1));
    }

    @Test
    void onATerminalOnlyWhatHasEndedStays() {
        TerminalModel terminal = new TerminalModel(100, 24);
        aRunThatFails(new LiveView(out, () -> new Screen(100, 24, true, false)));
        terminal.obey(written());
        assertThat(terminal.text()).isEqualTo(STAYS);
        assertThat(terminal.showsCursor()).isTrue();
    }

    @Test
    void onATerminalWhatRunsStandsBelowWhatHasEnded() {
        TerminalModel terminal = new TerminalModel(80, 24);
        LiveView view = new LiveView(out, () -> new Screen(80, 24, true, false));
        view.on(Story.runStarted(), Story.at(0));
        view.on(Story.started("A", "Wait", 0), Story.at(0));
        view.on(Story.started("B", "Wait", 0), Story.at(0));
        view.tick(Story.at(1));
        view.on(Story.ended("A", "Wait", Status.SUCCEEDED, 0, 2), Story.at(2));
        view.say("a warning");
        view.tick(Story.at(2));
        terminal.obey(written());
        assertThat(terminal.text()).isEqualTo("""
                pipeline LoadAll started (run run-1)
                  A: Succeeded in 2.0 s
                a warning
                activity         stage  progress        read  written   MB/s rows/s  time  left
                B                run                                                 0:02
                LoadAll  0:02  1 running, 1 ended, 0 B read, 0.0 MB/s
                """);
        assertThat(terminal.showsCursor()).isFalse();
    }

    @Test
    void manyCopiesInAPipeAreOneLine() {
        PlainView view = new PlainView(out);
        view.on(Story.runStarted(), Story.at(0));
        for (int i = 0; i < 20; i++) {
            view.on(Story.startedFor("t" + i, "Copy", "Copy", 0), Story.at(0));
            view.on(i < 5 ? Story.ingests("Copyt" + i, 1_000_000, 1, 0) : Story.reads("Copyt" + i, 1_000_000, 9_000_000, 0), Story.at(1));
        }
        bytes.reset();
        view.tick(Story.at(5));
        assertThat(written()).isEmpty();
        view.tick(Story.at(10));
        view.tick(Story.at(11));
        assertThat(written()).isEqualTo("  20 copies run, 5 of them wait for the cluster: read 20.0 MB, 1.5 MB/s\n");
    }

    @Test
    void aLongLineIsSaidInShortOnANarrowTerminal() {
        LiveView view = new LiveView(out, () -> new Screen(60, 20, true, false));
        view.on(Story.copied("Copy flights", "", 3_000_000, 13_500_000, 20_100_000, 0, 1), Story.at(1));
        view.close();
        assertThat(written()).isEqualTo("  Copy flights: Succeeded in 1.0 s, 3,000,000 rows, 13.5 → 20.1 MB, 13.5 MB/s\n");
    }
}
