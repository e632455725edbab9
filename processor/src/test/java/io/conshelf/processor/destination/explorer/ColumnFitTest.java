package io.conshelf.processor.destination.explorer;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.connectors.ValueType;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Which columns take a value; as the embedded cluster does, whose table of every type was given each of these.
class ColumnFitTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", quoteCharacter = '\'', value = {
        "0 | bool int long real decimal",
        "2 | int long real decimal",
        "1.0 | bool int long real decimal",
        "1.5 | real decimal",
        "3000000000 | long real decimal",
        "true | bool",
        "\"12\" | int long real decimal timespan",
        "\"-3\" | int long real decimal timespan",
        "\"1\" | bool int long real decimal timespan",
        "\" 12 \" | int long real decimal timespan",
        "\"99999999999\" | long real decimal timespan",
        "\"0x1F\" | int long",
        "\"FALSE\" | bool",
        "\"abc\" | -",
        "\"yes\" | -",
        "\"PT10S\" | -",
        "\"2026-01-31\" | datetime",
        "\"2026-01-31T08:00:00.1234567+01:00\" | datetime",
        "\"2026-01-31 08:00\" | datetime",
        "\"1/31/2026\" | datetime",
        "\"Sat, 31 Jan 2026 08:00:00 GMT\" | datetime",
        "\"31.01.2026\" | timespan",
        "\"01:02:03\" | timespan",
        "\"1.02:03:04\" | timespan",
        "\"10s\" | timespan",
        "\"74be27de-1e4e-49d9-b579-fe0b331d3642\" | guid",
        "\"74be27de1e4e49d9b579fe0b331d3642\" | guid",
        "\"\" | bool int long real decimal datetime timespan guid",
        "null | bool int long real decimal datetime timespan guid",
        "[1] | -",
        "{\"a\": 1} | -",
    })
    void aColumnTakesWhatTheClusterWouldNotMakeNull(String json, String types) throws Exception {
        Value value = JsonText.read(json);
        List<String> taken = Arrays.stream(ValueType.values()).filter(type -> ColumnFit.fits(value, type)).map(ValueType::kustoName).toList();
        assertThat(taken).contains("string", "dynamic");
        String others = taken.stream().filter(type -> !type.equals("string") && !type.equals("dynamic")).collect(Collectors.joining(" "));
        // what looks like a time or a span is left to the cluster
        assertThat(others.replaceAll("\\b(datetime|timespan)\\b", "").replaceAll(" +", " ").strip())
                .isEqualTo(types == null ? "" : types.replaceAll("\\b(datetime|timespan)\\b", "").replaceAll(" +", " ").strip());
        if (types != null) {
            assertThat(List.of(others.split(" "))).contains(types.split(" "));
        }
    }
}
