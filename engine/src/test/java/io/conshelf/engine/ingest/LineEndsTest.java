package io.conshelf.engine.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;

class LineEndsTest {
    private static final String[] PIECES = {",", "\"", "\"\"", "\n", "\r\n", "a", "bcdefgh", ",\n", ",\"\"\n", "ä"};

    @Test
    void whatIsFoundDoesNotDependOnHowTheTextComes() {
        long seed = new Random().nextLong();
        var random = new Random(seed);
        for (int round = 0; round < 5_000; round++) {
            var text = new StringBuilder();
            for (int i = random.nextInt(30); i > 0; i--) {
                text.append(PIECES[random.nextInt(PIECES.length)]);
            }
            byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
            var lines = new LineEnds(',');
            for (int at = 0; at < bytes.length; ) {
                int count = Math.min(bytes.length - at, 1 + random.nextInt(20));
                lines.write(bytes, at, count);
                at += count;
            }
            lines.end();
            boolean hasTrailing = (text + "\n").matches("(?s).*,(\"\")?[\r\n].*");
            boolean hasOpen = text.chars().filter(c -> c == '"').count() % 2 == 1;
            assertThat(lines.hasTrailingSeparators()).as("seed %d: %s", seed, text).isEqualTo(hasTrailing);
            assertThat(lines.hasOpenQuote()).as("seed %d: %s", seed, text).isEqualTo(hasOpen);
        }
    }
}
