package io.conshelf.engine;

import io.conshelf.engine.spec.ResultText;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;

/// What [ViewCrashTest] runs in a process of its own and kills: it streams, loads and materializes at once, and writes a line
/// for each that is done.
public final class ViewWriter implements AutoCloseable {
    static final List<String> QUERIES = List.of(
            "T | summarize count(), sum(v), avg(v), max(v) by k",
            "T | summarize dcount(v), percentile(v, 50) by g = v % 3");

    private final Engine engine;

    ViewWriter(Path folder) {
        engine = Engine.open(new EngineConfig(
                Optional.of(folder.resolve("data")), folder.resolve("staging"), List.of(), List.of(),
                Limits.ofThisMachine().withMemoryBytes(1L << 30), InstantSource.system()));
    }

    /// @param arguments the folder and a seed
    public static void main(String[] arguments) {
        var writer = new ViewWriter(Path.of(arguments[0]));
        writer.run(".create-merge table T (k:string, v:long)");
        writer.run(".alter database policy streamingingestion enable");
        for (int i = 0; i < QUERIES.size(); i++) {
            writer.run(".create ifnotexists materialized-view V" + i + " on table T { " + QUERIES.get(i) + " }");
        }
        writer.run(".create ifnotexists materialized-view D on table T { T | summarize take_any(*) by k }");
        long seed = Long.parseLong(arguments[1]);
        var streams = new Random(seed);
        var loads = new Random(seed + 1);
        always(() -> writer.stream("k" + streams.nextInt(20) + "," + streams.nextInt(50) + "\nk" + streams.nextInt(20) + ",\n"));
        always(() -> writer.run(".append T <| range v from 0 to " + loads.nextInt(3000) + " step 1 | extend k = strcat('k', v % 30) | project k, v"));
        always(writer::materialize);
        always(() -> writer.engine.command(request(), ".delete table T records <| T | where false").close());
    }

    private static void always(Runnable work) {
        Thread.ofPlatform().start(() -> {
            while (true) {
                work.run();
                System.out.println("done");
                System.out.flush();
            }
        });
    }

    void materialize() {
        engine.views().look();
    }

    private static Request request() {
        return new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "view", UUID.randomUUID(), Map.of(),
                Map.of("notruncation", true), "test", "test", Instant.now(), Duration.ofMinutes(30), false);
    }

    private List<String> run(String text) {
        try (var answer = text.startsWith(".") ? engine.command(request(), text) : engine.query(request(), text)) {
            return ResultText.of(answer);
        }
    }

    List<String> sorted(String text) {
        var rows = new ArrayList<>(run(text));
        rows.removeFirst();
        rows.sort(null);
        return rows;
    }

    long count(String table) {
        return Long.parseLong(run(table + " | count").getLast());
    }

    private void stream(String csv) {
        engine.ingestStream(request(), new StreamingIngestion("NetDefaultDB", "T", "csv", Optional.empty(),
                new ByteArrayInputStream(csv.getBytes(StandardCharsets.UTF_8)), Optional.empty()));
    }

    @Override
    public void close() {
        engine.close();
    }
}
