package io.conshelf.streams.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.input.DataError;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ErrorTallyTest {
    private final ErrorTally tally = new ErrorTally();

    private void refused(String message) {
        tally.add(new DataError("out", "OutputDataConversionError.TypeConversionError", message, "{}"), 1);
    }

    @Test
    void columnsAreToldApartAndValuesAreNot() {
        refused("the column 'a1' of the table 't' is a long and does not take the nvarchar(max) \"x 'y' \\\" z\"");
        refused("the column 'a1' of the table 't' is a long and does not take the nvarchar(max) \"other\"");
        refused("the column 'a2' of the table 't' is a long and does not take the nvarchar(max) \"x\"");
        refused("the column 'a2' of the table 't' is a long and does not take the float -1.5");
        refused("the column 'a2' of the table 't' is a long and does not take the float 2.5");
        assertThat(tally.all()).extracting(Diagnosed::count).containsExactly(2L, 1L, 2L);
        assertThat(tally.all().getFirst().example().message()).contains("x 'y'");
    }

    @Test
    void whereBytesWereReadFromAndWhatTheTimeWasIsNoCause() {
        for (int i = 0; i < 5; i++) {
            tally.add(new DataError("in", "InputDeserializerError.InvalidData", "Could not read from resource 'topic " + i + "' as Json: line " + i + ", column 7", ""), 2);
            tally.add(new DataError("in", "LateInputEvent", "event of '2026-01-31T08:00:0" + i + "Z' is late", ""), 1);
        }
        assertThat(tally.all()).extracting(Diagnosed::count).containsExactly(10L, 5L);
    }

    /// Events of one cause may have any columns beside.
    @Test
    void aMissingColumnIsOneCauseWhateverElseEventsHave() {
        for (int i = 0; i < 5; i++) {
            for (String expected : List.of("t", "u")) {
                tally.add(new DataError("in", "InputDeserializerError.MissingColumns", "Missing fields specified in query or in create table. Fields expected:" + expected
                        + " Fields found:a" + i + " Fields found:b (dropped)", ""), 1);
            }
        }
        assertThat(tally.all()).extracting(Diagnosed::count).containsExactly(5L, 5L);
        assertThat(tally.all().getFirst().example().message()).endsWith("Fields found:a0 Fields found:b (dropped)");
    }

    @Test
    void aboveAllTheyAreBounded() {
        IntStream.range(0, 10_000).forEach(i -> refused("the column 'c" + i + "' is not there"));
        IntStream.range(0, 10_000).forEach(i -> tally.add(new DataError("in" + i, "InputDeserializerError.InvalidData", "x", ""), 1));
        assertThat(tally.all()).hasSize(11 + 99);
        assertThat(tally.all().stream().limit(11).mapToLong(Diagnosed::count).sum()).isEqualTo(10_000);
    }
}
