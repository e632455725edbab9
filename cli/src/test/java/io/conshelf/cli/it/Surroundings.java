package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/// What tests find beside the code: the checkout, the reference material next to it, and other languages' tools.
final class Surroundings {
    private static final Pattern FENCED = Pattern.compile("^( *)```(\\w+) *\\R(.*?)^\\1```", Pattern.MULTILINE | Pattern.DOTALL);

    private Surroundings() {}

    /// The checkout's root.
    static Path root() {
        var folder = Path.of("").toAbsolutePath();
        while (!Files.exists(folder.resolve("conshelf"))) {
            folder = folder.getParent();
        }
        return folder;
    }

    /// The folder of files in formats that clients send and do not write.
    static String samples() {
        return root().resolve("it/samples").toString();
    }

    /// The folder of documents and suites beside the checkout. Where it is missing the test is named as not run; under
    /// `CI=true` that is a failure.
    static Path shared() {
        return present(root().resolveSibling("shared"), "../shared");
    }

    static Path present(Path path, String name) {
        if (!Files.exists(path)) {
            notRun(name);
        }
        return path;
    }

    static void notRun(String missing) {
        if ("true".equals(System.getenv("CI"))) {
            fail("not run: " + missing + " is not here, and with CI=true everything must be");
        }
        System.out.println("not run: " + missing + " is not here");
        assumeTrue(false, missing + " is not here");
    }

    /// The first fenced block of a language in a document.
    static String program(Path document, String language) {
        var blocks = blocks(document, language);
        assertThat(blocks).as("%s programs in %s", language, document).isNotEmpty();
        return blocks.getFirst();
    }

    /// All fenced blocks of a language in a document.
    static List<String> blocks(Path document, String language) {
        try {
            return FENCED.matcher(Files.readString(document)).results()
                    .filter(block -> block.group(2).equals(language)).map(block -> block.group(3)).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    record Finished(int exitCode, String output) {}

    /// Runs a program of another language to its end, at most ten minutes.
    static Finished run(Path folder, Map<String, String> environment, List<String> command) {
        try {
            var builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true);
            builder.environment().putAll(environment);
            var log = Files.createTempFile("conshelf-it", ".log");
            var process = builder.redirectOutput(log.toFile()).start();
            boolean ended = process.waitFor(10, TimeUnit.MINUTES);
            if (!ended) {
                process.destroyForcibly();
            }
            var output = Files.readString(log, StandardCharsets.UTF_8);
            Files.delete(log);
            assertThat(ended).as("%s ended within ten minutes; its output:%n%s", command, output).isTrue();
            return new Finished(process.exitValue(), output);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
