package io.conshelf.cli;

import io.conshelf.cli.bench.Benchmark;
import io.conshelf.cli.bench.CopyBenchmark;
import io.conshelf.cli.bench.IngestBenchmark;
import io.conshelf.cli.bench.query.QueryBenchmark;
import io.conshelf.cli.bench.StartupBenchmark;
import io.conshelf.cli.bench.StreamingBenchmark;
import io.conshelf.cli.bench.jobs.JobsBenchmark;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `conshelf bench`: figures side by side with a peer, measured in the same run.
@Command(
        name = "bench",
        description = "Measures side by side with a peer; one JSON line a figure: bench, ours, peer, peerName, unit, ratio.",
        mixinStandardHelpOptions = true)
final class BenchCommand implements Runnable {
    private static final Map<String, Supplier<Benchmark>> BENCHMARKS = new LinkedHashMap<>();

    static {
        BENCHMARKS.put("query", QueryBenchmark::new);
        BENCHMARKS.put("ingest", IngestBenchmark::new);
        BENCHMARKS.put("streaming", StreamingBenchmark::new);
        BENCHMARKS.put("copy", CopyBenchmark::new);
        BENCHMARKS.put("startup", StartupBenchmark::new);
        BENCHMARKS.put("jobs", JobsBenchmark::new);
    }

    @Option(names = "--rounds", description = "how often each side is measured; the median counts (default: ${DEFAULT-VALUE})", defaultValue = "5")
    private int rounds;

    @Option(names = "--full", description = "also what takes minutes: queries over 30 M rows instead of 3 M, ingest up to 50 M rows instead of 10 M, streaming for 30 s a round instead of 5, copies of 10 times the data as well, jobs over 5 M events")
    private boolean isFull;

    @Option(names = "--only", split = ",", paramLabel = "PART", description = "of query: questions, one of them by its name with hyphens, overhead, or duckdb-kql (a Python package) as the peer; of copy: csv, json, parquet or postgresql alone; of jobs: stream, pipeline or jq")
    private Set<String> only = Set.of();

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "query, ingest, streaming, copy, startup or jobs (default: all)")
    private List<String> names = List.of();

    @Override
    public void run() {
        if (rounds < 1 || rounds > 1_000) {
            throw new CommandFailure("--rounds is between 1 and 1000, found " + rounds);
        }
        var effort = new Benchmark.Effort(rounds, isFull ? Benchmark.Effort.Size.FULL : Benchmark.Effort.Size.USUAL, only);
        var notRun = new ArrayList<String>();
        for (var name : names.isEmpty() ? BENCHMARKS.keySet() : names) {
            var benchmark = BENCHMARKS.get(name);
            if (benchmark == null) {
                throw new CommandFailure("the benchmark '" + name + "' is not built; there are " + String.join(", ", BENCHMARKS.keySet()));
            }
            var measured = benchmark.get();
            if (!measured.parts().containsAll(only)) {
                throw new CommandFailure("--only names what the benchmark '" + name + "' does not have; its parts are: "
                        + String.join(", ", new TreeSet<>(measured.parts())));
            }
            try {
                measured.run(effort, figure -> {
                    System.out.println(figure.toJson());
                    System.out.flush();
                });
            } catch (Benchmark.MissingPeer e) {
                notRun.add("the benchmark '" + name + "' is not run: " + e.getMessage());
            }
        }
        if (!notRun.isEmpty()) {
            throw new CommandFailure(String.join("; ", notRun));
        }
    }
}
