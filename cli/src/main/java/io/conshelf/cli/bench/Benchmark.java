package io.conshelf.cli.bench;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.conshelf.cli.TemporaryFolder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// One comparison with a peer. Both sides do the same work on the same data, in turns, in one run: on machines like these
/// only the ratio says something.
public interface Benchmark {
    void run(Effort effort, Consumer<Figure> figures);

    /// How much is measured.
    ///
    /// @param rounds how often each side is measured; the median counts
    /// @param size   of what grows with the benchmark
    /// @param only   names of the parts that are run, of a benchmark that has some; none for all
    record Effort(int rounds, Size size, Set<String> only) {
        public enum Size { USUAL, FULL }

        public Effort {
            only = Set.copyOf(only);
        }

        public boolean includes(String part) {
            return only.isEmpty() || only.contains(part);
        }
    }

    /// The parts that can be run alone.
    default Set<String> parts() {
        return Set.of();
    }

    /// What a benchmark compares with is not on this machine; the message says what to install.
    final class MissingPeer extends RuntimeException {
        private static final long serialVersionUID = 1;

        MissingPeer(String message) {
            super(message);
        }
    }

    static MissingPeer missing(String message) {
        return new MissingPeer(message);
    }

    /// Progress, for whoever watches: figures alone go to standard output.
    static void say(String message) {
        System.err.println("conshelf: " + message);
    }

    /// @param ratio ours over the peer's, in the stated unit
    record Figure(String bench, double ours, double peer, String peerName, String unit, double ratio) {
        public static Figure of(String bench, List<Double> ours, List<Double> peer, String peerName, String unit) {
            double our = median(ours);
            double their = median(peer);
            return new Figure(bench, rounded(our), rounded(their), peerName, unit, rounded(our / their));
        }

        private static double median(List<Double> values) {
            var sorted = new ArrayList<>(values);
            Collections.sort(sorted);
            int middle = sorted.size() / 2;
            return sorted.size() % 2 == 1 ? sorted.get(middle) : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
        }

        private static double rounded(double value) {
            return Math.round(value * 1_000) / 1_000.0;
        }

        public String toJson() {
            return JsonNodeFactory.instance.objectNode()
                    .put("bench", bench)
                    .put("ours", ours)
                    .put("peer", peer)
                    .put("peerName", peerName)
                    .put("unit", unit)
                    .put("ratio", ratio)
                    .toString();
        }
    }

    /// Work that may fail in any way; a benchmark that fails ends the command.
    @FunctionalInterface
    interface Work {
        void run() throws Exception;
    }

    @FunctionalInterface
    interface FolderWork {
        void run(Path work) throws Exception;
    }

    /// Measures in a temporary folder that goes with the end.
    ///
    /// @param name of the benchmark, for a failure
    static void inFolder(String name, FolderWork measuring) {
        try {
            var work = Files.createTempDirectory("conshelf-bench-");
            try {
                measuring.run(work);
            } finally {
                TemporaryFolder.delete(work);
            }
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the " + name + " benchmark failed: " + e.getMessage(), e);
        }
    }

    /// How long work takes, in milliseconds.
    static double milliseconds(Work work) {
        long started = System.nanoTime();
        try {
            work.run();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException("the benchmark's work failed: " + e.getMessage(), e);
        }
        return (System.nanoTime() - started) / 1e6;
    }

    /// The folder of the sample data, which the launcher has installed.
    static Path sampleData() {
        return Path.of(System.getProperty("conshelf.home", "."), "examples/flights/node_modules/vega-datasets/data")
                .toAbsolutePath();
    }
}
