package io.conshelf.cli.progress;

import io.conshelf.factory.RunEvent;
import java.io.PrintStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Keeps what runs at the bottom of a terminal; what has ended scrolls up. A frame is one write, so that no half of it is ever seen.
final class LiveView implements RunView {
    private static final String ESCAPE = "\u001b[";
    private static final String HIDE_CURSOR = ESCAPE + "?25l";
    private static final String SHOW_CURSOR = ESCAPE + "?25h";
    private static final String CLEAR_LINE = ESCAPE + "K";
    private static final String CLEAR_BELOW = ESCAPE + "J";

    private final PrintStream out;
    private final Supplier<Screen> screens;
    private final RunBoard board = new RunBoard();
    private final List<String> staying = new ArrayList<>();
    private List<String> painted = List.of();
    private Screen screen;
    private boolean isCursorHidden;

    /// @param screens the terminal as it is now: it may change its size
    LiveView(PrintStream out, Supplier<Screen> screens) {
        this.out = out;
        this.screens = screens;
        this.screen = screens.get();
    }

    @Override
    public void on(RunEvent event, Instant now) {
        staying.addAll(RunLines.of(event, board, screen));
        board.on(event, now);
    }

    @Override
    public void say(String text) {
        staying.addAll(RunLines.message(text, ""));
    }

    @Override
    public void tick(Instant now) {
        screen = screens.get();
        paint(Frame.of(board, screen, now));
    }

    private void paint(List<String> frame) {
        if (staying.isEmpty() && frame.equals(painted)) {
            return;
        }
        StringBuilder text = new StringBuilder();
        if (!frame.isEmpty() && !isCursorHidden) {
            text.append(HIDE_CURSOR);
            isCursorHidden = true;
        }
        if (!painted.isEmpty()) {
            text.append('\r').append(ESCAPE).append(painted.size()).append('A');
        }
        if (!painted.isEmpty() && (!staying.isEmpty() || frame.size() < painted.size())) {
            text.append(CLEAR_BELOW);
        }
        staying.forEach(line -> text.append(line).append('\n'));
        frame.forEach(line -> text.append(line).append(CLEAR_LINE).append('\n'));
        if (frame.isEmpty() && isCursorHidden) {
            text.append(SHOW_CURSOR);
            isCursorHidden = false;
        }
        staying.clear();
        painted = frame;
        out.print(text);
        out.flush();
    }

    @Override
    public void close() {
        paint(List.of());
    }
}
