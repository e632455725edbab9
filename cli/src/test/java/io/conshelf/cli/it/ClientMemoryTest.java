package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a large result takes of the memory of who reads it and of the cluster: each client reads a million rows and five million in processes of their own, and
/// the most that a process ever had is compared.
@EnabledIfSystemProperty(named = "conshelf.full", matches = "true")
class ClientMemoryTest {
    private static final int FEW = 1_000_000;
    private static final int MANY = 5_000_000;

    /// Four million rows more are 400 MB of text more, so nobody who gathers them stays below this.
    private static final long MEGABYTES_MORE_MAX = 120;

    private static final Pattern PEAK = Pattern.compile("^peak\\s+(\\d+) kB$", Pattern.MULTILINE);

    @TempDir
    private static Path folder;
    private static UpProcess up;

    enum Reader {
        JAVA, PYTHON, NODE, GO;

        /// @return its suite
        List<String> program() {
            Path root = Surroundings.root();
            return switch (this) {
                // So little that nothing of such a size can be gathered; without a bound the heap would grow as long as it may.
                case JAVA -> List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx128m", "-cp", System.getProperty("java.class.path"),
                        root.resolve("it/java/Clients.java").toString());
                case PYTHON -> List.of(Surroundings.present(root.resolve(".conshelf/python/bin/python"), "Python with the official clients").toString(),
                        root.resolve("it/python/clients.py").toString());
                case NODE -> {
                    Surroundings.present(root.resolve("it/node/node_modules"), "Node with the official clients");
                    yield List.of("node", root.resolve("it/node/clients.mjs").toString());
                }
                case GO -> List.of(ClientSuitesTest.program("go").toString());
            };
        }

        String check() {
            return switch (this) {
                case JAVA, NODE, GO -> "aLargeResultIsStreamed";
                case PYTHON -> "a_large_result_is_streamed";
            };
        }

        /// @return the most megabytes that it ever had
        long read(int rows) {
            var command = new ArrayList<>(program());
            command.addAll(List.of(up.url(), "Lab"));
            var finished = Surroundings.run(folder, Map.of("ONLY", check(), "BIG", String.valueOf(rows), "SAMPLES", Surroundings.samples()), command);
            assertThat(finished.exitCode()).as(finished.output()).isZero();
            var peak = PEAK.matcher(finished.output());
            assertThat(peak.find()).as(finished.output()).isTrue();
            return Long.parseLong(peak.group(1)) >> 10;
        }
    }

    @BeforeAll
    static void start() throws IOException {
        // As `./conshelf up` starts it: a young generation that may grow takes what nobody needs.
        up = UpProcess.start(folder, Files.createDirectories(folder.resolve("allowed")), Map.of("JAVA_TOOL_OPTIONS", "-XX:MaxNewSize=128m"), "--database", "Lab");
    }

    @AfterAll
    static void stop() {
        up.close();
    }

    @ParameterizedTest
    @EnumSource
    void moreRowsTakeNoMoreMemoryOnEitherSide(Reader reader) {
        long reads = reader.read(FEW);
        long serves = up.peakMegabytes();

        long readsMany = reader.read(MANY);

        System.out.println(reader + ": " + reads + " MB for " + FEW + " rows, " + readsMany + " MB for " + MANY + "; the cluster " + serves + " MB and "
                + up.peakMegabytes() + " MB");
        assertThat(readsMany - reads).as("megabytes more in the client, of %d", readsMany).isLessThan(MEGABYTES_MORE_MAX);
        assertThat(up.peakMegabytes() - serves).as("megabytes more in the cluster, of %d", up.peakMegabytes()).isLessThan(MEGABYTES_MORE_MAX);
    }
}
