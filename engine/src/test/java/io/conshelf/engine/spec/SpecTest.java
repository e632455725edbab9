package io.conshelf.engine.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Answer;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Limits;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.spec.SpecFile.SpecCase;
import io.conshelf.kql.command.CommandMatcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Runs every case of `src/test/resources/spec`. `-Dspec=summarize/bin` runs the files whose path contains that, with a
/// line after a colon one case; `-Dspec.complete` writes what the engine answers into the files, for a person to read.
class SpecTest {
    private static final Path FOLDER = Path.of("src/test/resources/spec");
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00.1234567Z");
    private static final Pattern ORDERED = Pattern.compile("\\b(sort|order)\\s+by\\b|\\|\\s*top\\s|\\|\\s*serialize\\b");

    @TempDir
    static Path folder;

    private static Engine engine;

    @BeforeAll
    static void open() {
        engine = Engine.open(EngineConfig.inMemory(folder).withLimits(Limits.ofThisMachine().withMemoryBytes(1L << 30)));
    }

    @AfterAll
    static void close() {
        engine.close();
    }

    @TestFactory
    Stream<DynamicNode> specs() throws IOException {
        String selected = System.getProperty("spec", "");
        String[] pathAndLine = selected.split(":");
        var nodes = new ArrayList<DynamicNode>();
        try (Stream<Path> files = Files.walk(FOLDER)) {
            for (Path path : files.filter(f -> f.toString().endsWith(".kql")).sorted().toList()) {
                String name = FOLDER.relativize(path).toString().replace(".kql", "");
                if (name.contains(pathAndLine[0])) {
                    nodes.add(file(name, SpecFile.read(path), pathAndLine.length > 1 ? pathAndLine[1] : ""));
                }
            }
        }
        return nodes.stream();
    }

    private static DynamicNode file(String name, SpecFile file, String line) throws IOException {
        if (System.getProperty("spec.complete") != null) {
            file.write(file.cases().stream().map(c -> run(name, c)).toList());
            // What was written is for a person to read; cases that change the database cannot run again in it.
            return DynamicContainer.dynamicContainer(name, Stream.empty());
        }
        return DynamicContainer.dynamicContainer(name, file.cases().stream()
                .filter(c -> line.isEmpty() || line.equals(Integer.toString(c.line())))
                .map(c -> DynamicTest.dynamicTest(c.name(), () -> check(name, c))));
    }

    private static void check(String file, SpecCase c) {
        assertThat(c.expected()).as("%s:%d %s says what is expected", file, c.line(), c.name()).isNotEmpty();
        List<String> actual = run(file, c);
        var assertion = assertThat(actual).as("%s:%d %s%n%s", file, c.line(), c.name(), c.query());
        if (c.expectsError() || ORDERED.matcher(c.query()).find()) {
            assertion.containsExactlyElementsOf(c.expected());
        } else {
            assertion.startsWith(c.expected().getFirst()).containsExactlyInAnyOrderElementsOf(c.expected());
        }
    }

    /// The answer to the last step of a case. A file of commands has a database of its own.
    private static List<String> run(String file, SpecCase c) {
        String database = file.startsWith("commands/") ? file.replace('/', '-') : "NetDefaultDB";
        try {
            if (file.startsWith("commands/")) {
                answer("NetDefaultDB", c, ".create database ['" + database + "'] ifnotexists");
            }
            List<String> answer = List.of();
            for (String step : c.query().split(SpecFile.STEP)) {
                answer = answer(database, c, step);
            }
            return answer;
        } catch (KustoException e) {
            return ResultText.of(e);
        }
    }

    private static List<String> answer(String database, SpecCase c, String text) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, database, c.name(), UUID.randomUUID(), Map.of(),
                Map.of(), "spec", "spec", NOW, Duration.ofMinutes(1), false);
        boolean isCommand = CommandMatcher.isCommand(text);
        try (Answer answer = isCommand ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }
}
