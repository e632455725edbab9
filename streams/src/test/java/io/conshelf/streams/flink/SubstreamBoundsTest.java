package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.value.Value;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubstreamBoundsTest {
    private static final Value.Array AHEAD = new Value.Array(List.of(new Value.Text("ahead")));
    private static final Value.Array SILENT = new Value.Array(List.of(new Value.Text("silent")));

    @Test
    void theBoundIsThatOfTheSubstreamFurthestBehindWhereNothingElseIsKnown() throws Exception {
        SubstreamBounds bounds = new SubstreamBounds();
        assertThat(bounds.least()).isEmpty();
        bounds.mark(InBand.mark(AHEAD, 1040, 1040, "0", 0));
        bounds.mark(InBand.mark(SILENT, 930, 930, "0", 0));
        assertThat(bounds.least()).hasValue(930);
        SubstreamBounds restored = new SubstreamBounds();
        restored.read(bounds.bytes());
        restored.mark(InBand.mark(AHEAD, 1050, 1050, "0", 0));
        assertThat(restored.least()).hasValue(930);
    }

    @Test
    void aSilentSubstreamThatWasPassedMayStillComeRightBehind() {
        SubstreamBounds bounds = new SubstreamBounds();
        bounds.mark(InBand.mark(AHEAD, 1040, 1040, "0", 0));
        bounds.mark(InBand.mark(SILENT, 930, 930, "0", 0));
        bounds.passed(940);
        assertThat(bounds.least()).hasValue(940);
        assertThat(bounds.passed()).hasValue(940);
        bounds.mark(InBand.mark(AHEAD, 1050, 1050, "0", 0));
        bounds.mark(InBand.mark(SILENT, 945, 945, "0", 0));
        assertThat(bounds.least()).hasValue(940);
        bounds.passed(950);
        assertThat(bounds.least()).hasValue(950);
    }
}
