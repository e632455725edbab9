package io.conshelf.cli.bench;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;

/// Connections that send one request after the other, each as soon as the one before is answered, for a while.
///
/// @param latenciesNanos of all requests, in ascending order
record Load(long[] latenciesNanos, double seconds) {
    private static final int MEASURED_FIRST = 1 << 14;

    /// One connection to whatever is measured.
    interface Sender extends AutoCloseable {
        /// @param number of the request on this connection, from 0
        void send(int number) throws IOException, SQLException;

        @Override
        void close() throws IOException, SQLException;
    }

    static Load of(List<? extends Sender> senders, Duration length) throws Exception {
        long begin = System.nanoTime();
        long end = begin + length.toNanos();
        try (var threads = Executors.newFixedThreadPool(senders.size())) {
            var work = senders.stream().<Callable<long[]>>map(sender -> () -> latencies(sender, end)).toList();
            var parts = new ArrayList<long[]>();
            for (var part : threads.invokeAll(work)) {
                parts.add(part.get());
            }
            double seconds = (System.nanoTime() - begin) / 1e9;
            long[] all = parts.stream().flatMapToLong(Arrays::stream).sorted().toArray();
            return new Load(all, seconds);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception known ? known : e;
        }
    }

    private static long[] latencies(Sender sender, long end) throws Exception {
        long[] latencies = new long[MEASURED_FIRST];
        int count = 0;
        for (long now = System.nanoTime(); now < end; count++) {
            sender.send(count);
            if (count == latencies.length) {
                latencies = Arrays.copyOf(latencies, 2 * count);
            }
            long then = System.nanoTime();
            latencies[count] = then - now;
            now = then;
        }
        return Arrays.copyOf(latencies, count);
    }

    int requests() {
        return latenciesNanos.length;
    }

    double perSecond() {
        return requests() / seconds;
    }

    /// The time within which this share of the requests was answered.
    double milliseconds(double share) {
        int at = (int) Math.ceil(share * requests()) - 1;
        return latenciesNanos[Math.max(0, at)] / 1e6;
    }
}
