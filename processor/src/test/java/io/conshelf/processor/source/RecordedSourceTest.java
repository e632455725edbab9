package io.conshelf.processor.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Recorded messages as they are played back.
class RecordedSourceTest {
    @TempDir
    Path folder;

    private Path file(String... lines) throws IOException {
        return Files.write(folder.resolve("messages.jsonl"), List.of(lines));
    }

    private static List<String> played(Path file, String... topics) throws Exception {
        List<String> played = new ArrayList<>();
        try (RecordedSource source = RecordedSource.open(file, List.of(topics))) {
            for (List<Source.Arrival> next = source.next(); !next.isEmpty(); next = source.next()) {
                Instant at = source.clock().instant();
                next.forEach(one -> played.add((at.isAfter(Instant.parse("2026-02-01T00:00:00Z")) ? "now" : at) + " " + new String(one.payload(), StandardCharsets.UTF_8)));
            }
        }
        return played;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "{broken | is no JSON",
        "{\"payload\": 1} {} | is no JSON",
        "[1] | is no object with at, topic, qos",
        "{\"topic\": \"a\"} | has no 'payload', nor 'payloadBase64'",
        "{\"payload\": 1, \"payloadBase64\": \"AA==\"} | has both",
        "{\"paylod\": 1} | has 'paylod', which is not known; did you mean 'payload'?",
        "{\"at\": \"noon\", \"payload\": 1} | is to be a time such as",
        "{\"payloadBase64\": \"?\"} | as Base64 that is none",
    })
    void aLineThatIsNoMessageEndsItByNumber(String line, String why) throws Exception {
        Path file = file("{\"at\": \"2026-01-31T08:00:00Z\", \"payload\": 1}", "", line);
        try (RecordedSource source = RecordedSource.open(file, List.of())) {
            assertThat(source.next()).hasSize(1);
            assertThatThrownBy(source::next).isInstanceOf(SourceException.class).hasMessageStartingWith("line 3 of " + file).hasMessageContaining(why)
                    .matches(failed -> ((SourceException) failed).lasting() == SourceException.Lasting.PERMANENT);
            assertThat(source.next()).isEmpty();
        }
    }

    @Test
    void aFileThatIsNoTextEndsItAtOnce() throws Exception {
        Path file = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe, 0, 10});
        try (RecordedSource source = RecordedSource.open(file, List.of())) {
            assertThatThrownBy(source::next).hasMessage("line 1 of " + file + " is no text in UTF-8");
        }
        assertThatThrownBy(() -> RecordedSource.open(folder, List.of())).hasMessageEndingWith("it is a folder");
    }

    @Test
    void aLineWithoutATimeComesWithTheOneBeforeIt() throws Exception {
        assertThat(played(file("{\"at\": \"2026-01-31T08:00:00Z\", \"payload\": 1}", "{\"payload\": \"2\"}", "{\"at\": \"2026-01-31T09:00:05+01:00\", \"payload\": {\"a\": 3}}")))
                .containsExactly("2026-01-31T08:00:00Z 1", "2026-01-31T08:00:00Z 2", "2026-01-31T08:00:05Z {\"a\":3}");
        assertThat(played(file("{\"payload\": 1}", "{\"payload\": 2}"))).containsExactly("now 1", "now 2");
        try (RecordedSource source = RecordedSource.open(file("{\"payload\": 1}", "{\"at\": \"2026-01-31T08:00:00Z\", \"payload\": 2}"), List.of())) {
            assertThat(source.next()).hasSize(1);
            assertThatThrownBy(source::next).hasMessageContaining("line 2 of ").hasMessageEndingWith("write 'at' in the first line too");
        }
    }

    @ParameterizedTest
    @CsvSource({"plant/#,plant/a/b,true", "plant/#,plant,true", "plant/+,plant/a,true", "plant/+,plant/a/b,false", "plant/+/b,plant/a/b,true", "#,$SYS/load,false",
        "+/load,$SYS/load,false", "$SYS/#,$SYS/load,true", "$share/group/plant/#,plant/a,true", "plant,plant/a,false", "plant/a,plant,false", "/+,/a,true", "+,/a,false"})
    void messagesComeWhoseTopicIsAskedFor(String filter, String topic, boolean isAsked) throws Exception {
        Path file = file("{\"topic\": \"" + topic + "\", \"payload\": 1}");
        try (RecordedSource source = RecordedSource.open(file, List.of("elsewhere", filter))) {
            assertThat(source.next()).hasSize(isAsked ? 1 : 0);
            assertThat(source.unasked()).isEqualTo(isAsked ? 0 : 1);
        }
    }
}
