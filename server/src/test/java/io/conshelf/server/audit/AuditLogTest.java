package io.conshelf.server.audit;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is kept of what was done, and how much.
class AuditLogTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    private Path folder;

    private static AuditEvent event(String what) {
        return new AuditEvent(Instant.EPOCH, "aaduser=anna@contoso.com;t", "10.0.0.7", what, "Db", 200, "", "", "", "id", "activity");
    }

    @Test
    void aLineTellsWhoDidWhatWhenAndFromWhereWithoutSecrets() throws IOException {
        try (AuditLog log = AuditLog.open(folder, AuditLog.Limits.DEFAULT, InstantSource.system())) {
            log.done(event(".ingest into table T (h'https://a.blob.core.windows.net/c/f.csv?sig=opens') with (format=csv)\n"));
        }
        List<String> lines = Files.readAllLines(folder.resolve("commands.jsonl"));
        assertThat(lines).hasSize(1);
        var line = JSON.readTree(lines.getFirst());
        assertThat(line.path("timestamp").asText()).isEqualTo("1970-01-01T00:00:00Z");
        assertThat(line.path("who").asText()).isEqualTo("aaduser=anna@contoso.com;t");
        assertThat(line.path("from").asText()).isEqualTo("10.0.0.7");
        assertThat(line.path("what").asText()).contains(".ingest into table T").doesNotContain("opens");
        assertThat(line.has("reason")).isFalse();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("commands.jsonl")))).isEqualTo("rw-------");
    }

    @Test
    void theOldestFileGoesAndDenialsPushOutNoCommands() throws IOException {
        try (AuditLog log = AuditLog.open(folder, new AuditLog.Limits(1_000, 3), InstantSource.system())) {
            log.done(event("kept"));
            for (int turn = 0; turn < 100; turn++) {
                log.denied(event("denied " + turn));
            }
        }
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files.map(file -> file.getFileName().toString())).containsExactlyInAnyOrder(
                    "commands.jsonl", "denials.jsonl", "denials.1.jsonl", "denials.2.jsonl");
        }
        assertThat(Files.readString(folder.resolve("commands.jsonl"))).contains("kept");
        assertThat(Files.readString(folder.resolve("denials.jsonl"))).contains("denied 99");
        for (String name : List.of("denials.jsonl", "denials.1.jsonl", "denials.2.jsonl")) {
            assertThat(Files.size(folder.resolve(name))).isLessThanOrEqualTo(1_000);
        }
    }

    @Test
    void whatStrangersAreRefusedAgainAndAgainIsSummedUp() throws IOException {
        var now = new AtomicReference<>(Instant.EPOCH);
        try (AuditLog log = AuditLog.open(folder, AuditLog.Limits.DEFAULT, now::get)) {
            for (int turn = 0; turn < 5_000; turn++) {
                now.set(Instant.EPOCH.plusMillis(turn));
                log.deniedToStranger(stranger("GET /" + turn, "10.0.0.7", now.get()), "10.0.0.7");
            }
            log.deniedToStranger(stranger("GET /other", "10.0.0.8", now.get()), "10.0.0.8");
            assertThat(Files.readAllLines(folder.resolve("denials.jsonl"))).hasSize(RepeatedDenials.IN_FULL + 1);
            now.set(now.get().plus(RepeatedDenials.QUIET).plusSeconds(1));
            log.force();
            var sum = JSON.readTree(Files.readAllLines(folder.resolve("denials.jsonl")).getLast());
            assertThat(sum.path("count").asInt()).as(sum.toString()).isEqualTo(5_000 - RepeatedDenials.IN_FULL);
            assertThat(sum.path("first").asText()).isEqualTo(Instant.EPOCH.plusMillis(RepeatedDenials.IN_FULL).toString());
            assertThat(sum.path("timestamp").asText()).isEqualTo(Instant.EPOCH.plusMillis(4_999).toString());
            assertThat(sum.path("what").asText()).isEqualTo("GET /4999");
            log.deniedToStranger(stranger("GET /again", "10.0.0.7", now.get()), "10.0.0.7");
            for (int turn = 0; turn < 100; turn++) {
                log.deniedToStranger(stranger("GET /last", "10.0.0.7", now.get()), "10.0.0.7");
            }
        }
        List<String> lines = Files.readAllLines(folder.resolve("denials.jsonl"));
        assertThat(lines).hasSize(2 * RepeatedDenials.IN_FULL + 3);
        assertThat(JSON.readTree(lines.getLast()).path("count").asInt()).isEqualTo(101 - RepeatedDenials.IN_FULL);
    }

    @Test
    void whoIsRefusedForHoursIsSeenInFullAgainAfterEachSum() throws IOException {
        var now = new AtomicReference<>(Instant.EPOCH);
        try (AuditLog log = AuditLog.open(folder, AuditLog.Limits.DEFAULT, now::get)) {
            for (int minute = 0; minute < 130; minute++) {
                now.set(Instant.EPOCH.plus(Duration.ofMinutes(minute)));
                log.deniedToStranger(stranger("GET /" + minute, "10.0.0.7", now.get()), "10.0.0.7");
                log.force();
            }
        }
        List<String> lines = Files.readAllLines(folder.resolve("denials.jsonl"));
        List<Integer> counts = new ArrayList<>();
        for (String line : lines) {
            counts.add(JSON.readTree(line).path("count").asInt());
        }
        assertThat(counts.stream().filter(count -> count == 0)).hasSizeGreaterThanOrEqualTo(2 * RepeatedDenials.IN_FULL);
        assertThat(counts.stream().mapToInt(count -> Math.max(1, count)).sum()).isEqualTo(130);
        assertThat(counts.get(RepeatedDenials.IN_FULL)).as("the line behind the first ones").isGreaterThan(1);
        assertThat(counts.get(RepeatedDenials.IN_FULL + 1)).as("the line behind their sum").isZero();
    }

    private static AuditEvent stranger(String what, String from, Instant at) {
        return new AuditEvent(at, "", from, what, "", 403, "AuthenticationFailed", "", "", "", "id");
    }

    @Test
    void itGoesOnWhereItWasAndBehindALineThatWasCutOff() throws IOException {
        try (AuditLog log = AuditLog.open(folder, AuditLog.Limits.DEFAULT, InstantSource.system())) {
            log.done(event("first"));
        }
        Files.writeString(folder.resolve("commands.jsonl"), "{\"timestamp\":\"2026", StandardOpenOption.APPEND);
        try (AuditLog log = AuditLog.open(folder, AuditLog.Limits.DEFAULT, InstantSource.system())) {
            log.done(event("second"));
        }
        List<String> lines = Files.readAllLines(folder.resolve("commands.jsonl"));
        assertThat(lines).hasSize(3);
        assertThat(JSON.readTree(lines.getLast()).path("what").asText()).isEqualTo("second");
    }

    @Test
    void whereItCannotBeWrittenTheLinesThatAreMissingAreCounted() throws IOException {
        try (AuditLog log = AuditLog.open(folder, AuditLog.Limits.DEFAULT, InstantSource.system())) {
            Files.createDirectory(folder.resolve("denials.jsonl"));
            log.denied(event("lost"));
            assertThat(log.missing()).isEqualTo(1);
            Files.delete(folder.resolve("denials.jsonl"));
            log.denied(event("written"));
            assertThat(log.missing()).isEqualTo(1);
        }
        assertThat(Files.readString(folder.resolve("denials.jsonl"))).contains("written");
    }

    @Test
    void whatCannotBeForcedIsToldOnceHoweverMuchIsWritten() throws IOException {
        var told = new ArrayList<String>();
        var listening = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                told.add(entry.getMessage());
            }

            @Override
            public void flush() {
                // nothing is held
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
        Logger logger = Logger.getLogger(AuditLog.class.getName());
        logger.addHandler(listening);
        // A device takes lines, and has no disk that they could be forced to.
        Files.createSymbolicLink(folder.resolve("denials.jsonl"), Path.of("/dev/null"));
        try (AuditLog log = AuditLog.open(folder, AuditLog.Limits.DEFAULT, InstantSource.system())) {
            for (int turn = 0; turn < 3; turn++) {
                log.done(event("done"));
                log.denied(event("denied"));
                log.force();
            }
            assertThat(log.missing()).isZero();
        } finally {
            logger.removeHandler(listening);
        }
        assertThat(told).hasSize(1).first().asString().contains("not forced");
    }
}
