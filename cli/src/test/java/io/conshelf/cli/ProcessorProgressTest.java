package io.conshelf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.processor.run.RunCounts.Told;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

class ProcessorProgressTest {
    private static final Instant NOON = Instant.parse("2026-01-31T12:00:00Z");

    private static Told told(Instant last) {
        return new Told(last, last, "output", "FinalError", "the table is not there", 1);
    }

    @Test
    void whatGoesWrongIsToldAsLongAsItDoes() {
        assertThat(ProcessorProgress.latest(List.of(told(NOON.minusSeconds(10))), NOON)).isEqualTo(", the latest: the table is not there");
        assertThat(ProcessorProgress.latest(List.of(told(NOON.minusSeconds(10))), NOON.plusSeconds(30))).isEmpty();
        assertThat(ProcessorProgress.latest(List.of(), NOON)).isEmpty();
    }
}
