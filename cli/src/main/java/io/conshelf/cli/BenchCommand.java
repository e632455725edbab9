package io.conshelf.cli;

import io.conshelf.cli.bench.Benchmark;
import io.conshelf.cli.bench.CopyBenchmark;
import io.conshelf.cli.bench.QueryBenchmark;
import io.conshelf.cli.bench.StartupBenchmark;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
        BENCHMARKS.put("copy", CopyBenchmark::new);
        BENCHMARKS.put("startup", StartupBenchmark::new);
    }

    @Option(names = "--rounds", description = "how often each side is measured; the median counts (default: ${DEFAULT-VALUE})", defaultValue = "5")
    private int rounds;

    @Parameters(arity = "0..*", paramLabel = "NAME", description = "query, copy or startup (default: all)")
    private List<String> names = List.of();

    @Override
    public void run() {
        if (rounds < 1 || rounds > 1_000) {
            throw new CommandFailure("--rounds is between 1 and 1000, found " + rounds);
        }
        for (var name : names.isEmpty() ? BENCHMARKS.keySet() : names) {
            var benchmark = BENCHMARKS.get(name);
            if (benchmark == null) {
                throw new CommandFailure("the benchmark '" + name + "' is not built; there are " + String.join(", ", BENCHMARKS.keySet()));
            }
            benchmark.get().run(rounds, figure -> {
                System.out.println(figure.toJson());
                System.out.flush();
            });
        }
    }
}
