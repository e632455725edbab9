package io.conshelf.engine;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/// What [OperationCrashTest] runs in a process of its own and kills: commands of every kind at once. It says on standard output
/// what it was told.
public final class OperationCrashWriter {
    private OperationCrashWriter() {}

    /// @param arguments the folder, and the first number to use
    public static void main(String[] arguments) {
        var engine = OperationCrashTest.open(Path.of(arguments[0]));
        var next = new AtomicLong(Long.parseLong(arguments[1]));
        run(engine, ".create-merge table T (mark:long)");
        run(engine, ".create-merge table S (mark:long)");
        run(engine, ".alter table S policy streamingingestion enable");
        for (int i = 0; i < 2; i++) {
            Thread.ofPlatform().start(() -> {
                while (true) {
                    long mark = next.getAndIncrement();
                    var id = run(engine, ".set-or-append async T <| range i from 1 to 3 step 1 | project mark = " + mark + " + 0 * i");
                    KilledProcess.say("aside " + id + " " + mark);
                }
            });
        }
        Thread.ofPlatform().start(() -> {
            while (true) {
                long mark = next.getAndIncrement();
                run(engine, ".ingest inline into table T <|\n" + mark);
                KilledProcess.say("ingested " + mark);
            }
        });
        Thread.ofPlatform().start(() -> {
            while (true) {
                long mark = next.getAndIncrement();
                run(engine, ".alter table T docstring '" + mark + "'");
                KilledProcess.say("altered " + mark);
            }
        });
        Thread.ofPlatform().start(() -> {
            while (true) {
                long mark = next.getAndIncrement();
                try {
                    run(engine, ".append T <| print mark = 'text " + mark + "'");
                } catch (KustoException e) {
                    KilledProcess.say("failed " + mark);
                }
            }
        });
        Thread.ofPlatform().start(() -> {
            while (true) {
                long mark = next.getAndIncrement();
                engine.ingestStream(OperationCrashTest.request("stream"), new StreamingIngestion(
                        "Db", "S", "csv", Optional.empty(),
                        new ByteArrayInputStream((mark + "\n").getBytes(StandardCharsets.UTF_8)), Optional.empty()));
            }
        });
    }

    /// Again and again where there is no place for it: more is begun aside than a slow machine gets done, and what waits for a place too long is
    /// refused one.
    private static String run(Engine engine, String text) {
        while (true) {
            try {
                return OperationCrashTest.run(engine, text).getLast();
            } catch (KustoException e) {
                if (e.error().httpStatus() != 429) {
                    throw e;
                }
                LockSupport.parkNanos(10_000_000);
            }
        }
    }
}
