package io.conshelf.cli;

import io.conshelf.cli.progress.RunProgress;
import io.conshelf.cli.progress.Screen;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// The terminal that the launcher found.
final class Terminal {
    private static final String ALL_GLYPHS = "█▒░…→";
    private static final Duration SIZE_HOLDS = Duration.ofSeconds(1);

    private Terminal() {}

    /// The width in characters of the one on standard output; 0 where output goes to a file or a pipe.
    static int columns() {
        return Integer.getInteger("conshelf.columns", 0);
    }

    /// Shows a pipeline run on standard error: live on a terminal that can move its cursor, in plain lines elsewhere.
    static RunProgress progress() {
        boolean canMove = !Optional.ofNullable(System.getenv("TERM")).orElse("dumb").equals("dumb");
        Optional<Size> size = canMove ? Size.parse(System.getProperty("conshelf.terminal", "")) : Optional.empty();
        if (size.isEmpty()) {
            return RunProgress.plain(System.err);
        }
        boolean isUnicode = System.err.charset().newEncoder().canEncode(ALL_GLYPHS);
        boolean isColoured = Optional.ofNullable(System.getenv("NO_COLOR")).orElse("").isEmpty();
        Sizes sizes = new Sizes(size.get());
        return RunProgress.live(System.err, () -> {
            Size now = sizes.now();
            return new Screen(now.columns(), now.rows(), isUnicode, isColoured);
        });
    }

    private record Size(int rows, int columns) {
        /// As `stty size` prints it.
        private static Optional<Size> parse(String text) {
            String[] parts = text.strip().split(" ");
            if (parts.length != 2 || !parts[0].matches("\\d{1,5}") || !parts[1].matches("\\d{1,5}")) {
                return Optional.empty();
            }
            Size size = new Size(Integer.parseInt(parts[0]), Integer.parseInt(parts[1]));
            // A serial line knows no size.
            return Optional.of(size.rows() == 0 || size.columns() == 0 ? new Size(24, 80) : size);
        }
    }

    /// A terminal's size over time. Asking costs a process, so the answer holds for a while.
    private static final class Sizes {
        private Size size;
        private Instant asked = Instant.now();

        private Sizes(Size size) {
            this.size = size;
        }

        private Size now() {
            if (asked.plus(SIZE_HOLDS).isBefore(Instant.now())) {
                size = ask().orElse(size);
                asked = Instant.now();
            }
            return size;
        }

        private static Optional<Size> ask() {
            try {
                Process stty = new ProcessBuilder("stty", "size").redirectInput(new File("/dev/tty")).redirectError(ProcessBuilder.Redirect.DISCARD).start();
                if (!stty.waitFor(SIZE_HOLDS.toMillis(), TimeUnit.MILLISECONDS)) {
                    stty.destroyForcibly();
                    return Optional.empty();
                }
                return Size.parse(new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
            } catch (IOException gone) {
                return Optional.empty();
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
                return Optional.empty();
            }
        }
    }
}
