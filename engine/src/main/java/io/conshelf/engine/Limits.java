package io.conshelf.engine;

import java.time.Duration;

/// Every bound on what requests may use, in one place to read and to set.
///
/// @param resultRowsMax           rows of a query's results unless `notruncation`
/// @param resultBytesMax          size of a query's results unless `notruncation`
/// @param queryTimeout            of a query that names no `servertimeout`
/// @param commandTimeout          of a command that names none
/// @param timeoutMax              what `servertimeout` is clamped to
/// @param concurrentQueries       queries running at once; more wait for `queryQueueWait`, then are refused
/// @param queriesWaitingMax       requests allowed to wait; more are refused at once
/// @param concurrentCommands      commands running at once, apart from queries, so that they answer while queries run
/// @param queryTextCharsMax       length of a query or command text
/// @param memoryBytes             DuckDB's memory
/// @param spillBytesMax           on disk, of what DuckDB has no memory for
/// @param processMemoryBytesMax   of the whole process; above it the query that took most is ended
/// @param duckThreads             DuckDB's worker threads
/// @param finishedQueriesKept     queries remembered for `.show queries`
/// @param finishedQueryTextChars  of each text remembered there
/// @param streamingRequestBytesMax uncompressed size of one streaming ingestion request
/// @param fetchedBytesMax         of all that one request fetches from beyond the cluster
public record Limits(
        long resultRowsMax,
        long resultBytesMax,
        Duration queryTimeout,
        Duration commandTimeout,
        Duration timeoutMax,
        int concurrentQueries,
        int queriesWaitingMax,
        Duration queryQueueWait,
        int concurrentCommands,
        int queryTextCharsMax,
        long memoryBytes,
        long spillBytesMax,
        long processMemoryBytesMax,
        int duckThreads,
        int finishedQueriesKept,
        int finishedQueryTextChars,
        long streamingRequestBytesMax,
        long fetchedBytesMax) {
    private static final long SPILL_FACTOR = 4;

    /// The service's own limits, with memory and parallelism fitted to this machine.
    public static Limits ofThisMachine() {
        int processors = Runtime.getRuntime().availableProcessors();
        return new Limits(
                500_000,
                64L << 20,
                Duration.ofMinutes(4),
                Duration.ofMinutes(10),
                Duration.ofHours(1),
                Math.max(8, 4 * processors),
                256,
                Duration.ofSeconds(10),
                4,
                2 << 20,
                duckMemory(machineMemory()),
                SPILL_FACTOR * duckMemory(machineMemory()),
                processMemory(duckMemory(machineMemory()), machineMemory()),
                processors,
                1_000,
                8_192,
                10L << 20,
                24L << 30);
    }

    public Limits withMemoryBytes(long bytes) {
        return new Limits(resultRowsMax, resultBytesMax, queryTimeout, commandTimeout, timeoutMax, concurrentQueries,
                queriesWaitingMax, queryQueueWait, concurrentCommands, queryTextCharsMax, bytes, spillBytesMax, processMemoryBytesMax, duckThreads,
                finishedQueriesKept, finishedQueryTextChars, streamingRequestBytesMax, fetchedBytesMax);
    }

    public Limits withSpillBytesMax(long bytes) {
        return new Limits(resultRowsMax, resultBytesMax, queryTimeout, commandTimeout, timeoutMax, concurrentQueries,
                queriesWaitingMax, queryQueueWait, concurrentCommands, queryTextCharsMax, memoryBytes, bytes,
                processMemoryBytesMax, duckThreads, finishedQueriesKept, finishedQueryTextChars, streamingRequestBytesMax, fetchedBytesMax);
    }

    public Limits withConcurrentQueries(int queries, int waitingMax, Duration wait) {
        return new Limits(resultRowsMax, resultBytesMax, queryTimeout, commandTimeout, timeoutMax, queries, waitingMax,
                wait, concurrentCommands, queryTextCharsMax, memoryBytes, spillBytesMax, processMemoryBytesMax, duckThreads,
                finishedQueriesKept, finishedQueryTextChars, streamingRequestBytesMax, fetchedBytesMax);
    }

    public Limits withProcessMemoryBytesMax(long bytes) {
        return new Limits(resultRowsMax, resultBytesMax, queryTimeout, commandTimeout, timeoutMax, concurrentQueries,
                queriesWaitingMax, queryQueueWait, concurrentCommands, queryTextCharsMax, memoryBytes, spillBytesMax, bytes, duckThreads,
                finishedQueriesKept, finishedQueryTextChars, streamingRequestBytesMax, fetchedBytesMax);
    }

    public Limits withResults(long rowsMax, long bytesMax) {
        return new Limits(rowsMax, bytesMax, queryTimeout, commandTimeout, timeoutMax, concurrentQueries, queriesWaitingMax,
                queryQueueWait, concurrentCommands, queryTextCharsMax, memoryBytes, spillBytesMax, processMemoryBytesMax,
                duckThreads, finishedQueriesKept, finishedQueryTextChars, streamingRequestBytesMax, fetchedBytesMax);
    }

    public Limits withTimeouts(Duration query, Duration command, Duration max) {
        return new Limits(resultRowsMax, resultBytesMax, query, command, max, concurrentQueries, queriesWaitingMax,
                queryQueueWait, concurrentCommands, queryTextCharsMax, memoryBytes, spillBytesMax, processMemoryBytesMax,
                duckThreads, finishedQueriesKept, finishedQueryTextChars, streamingRequestBytesMax, fetchedBytesMax);
    }

    public Limits withConcurrentCommands(int commands) {
        return new Limits(resultRowsMax, resultBytesMax, queryTimeout, commandTimeout, timeoutMax, concurrentQueries,
                queriesWaitingMax, queryQueueWait, commands, queryTextCharsMax, memoryBytes, spillBytesMax,
                processMemoryBytesMax, duckThreads, finishedQueriesKept, finishedQueryTextChars, streamingRequestBytesMax, fetchedBytesMax);
    }

    public Limits withQueryTextCharsMax(int chars) {
        return new Limits(resultRowsMax, resultBytesMax, queryTimeout, commandTimeout, timeoutMax, concurrentQueries,
                queriesWaitingMax, queryQueueWait, concurrentCommands, chars, memoryBytes, spillBytesMax,
                processMemoryBytesMax, duckThreads, finishedQueriesKept, finishedQueryTextChars, streamingRequestBytesMax, fetchedBytesMax);
    }

    public Limits withDuckThreads(int threads) {
        return new Limits(resultRowsMax, resultBytesMax, queryTimeout, commandTimeout, timeoutMax, concurrentQueries,
                queriesWaitingMax, queryQueueWait, concurrentCommands, queryTextCharsMax, memoryBytes, spillBytesMax,
                processMemoryBytesMax, threads, finishedQueriesKept, finishedQueryTextChars, streamingRequestBytesMax, fetchedBytesMax);
    }

    public Limits withStreamingRequestBytesMax(long bytes) {
        return new Limits(resultRowsMax, resultBytesMax, queryTimeout, commandTimeout, timeoutMax, concurrentQueries,
                queriesWaitingMax, queryQueueWait, concurrentCommands, queryTextCharsMax, memoryBytes, spillBytesMax,
                processMemoryBytesMax, duckThreads, finishedQueriesKept, finishedQueryTextChars, bytes, fetchedBytesMax);
    }

    public Limits withFetchedBytesMax(long bytes) {
        return new Limits(resultRowsMax, resultBytesMax, queryTimeout, commandTimeout, timeoutMax, concurrentQueries,
                queriesWaitingMax, queryQueueWait, concurrentCommands, queryTextCharsMax, memoryBytes, spillBytesMax,
                processMemoryBytesMax, duckThreads, finishedQueriesKept, finishedQueryTextChars, streamingRequestBytesMax, bytes);
    }

    /// With this much memory for DuckDB, and what follows from it.
    public Limits fittedTo(long duckBytes) {
        return withMemoryBytes(duckBytes)
                .withSpillBytesMax(SPILL_FACTOR * duckBytes)
                .withProcessMemoryBytesMax(processMemory(duckBytes, machineMemory()));
    }

    /// What one call of a Java function may write: a vector of 2,048 rows.
    public long kernelTextBytesMax() {
        return Math.max(64L << 20, memoryBytes / 16);
    }

    // What is beyond heap and DuckDB's buffers is lists and texts that grow inside its functions.
    private static long processMemory(long duckBytes, long machineBytes) {
        long wanted = Runtime.getRuntime().maxMemory() + duckBytes / 4 * 5 + (1L << 30);
        return Math.min(wanted, machineBytes / 100 * 92);
    }

    // Half of what the Java heap leaves: DuckDB's limit does not see what its functions allocate outside its buffers.
    private static long duckMemory(long machineBytes) {
        long left = Math.max(0, machineBytes - Runtime.getRuntime().maxMemory());
        return Math.max(512L << 20, left / 2);
    }

    private static long machineMemory() {
        return switch (java.lang.management.ManagementFactory.getOperatingSystemMXBean()) {
            case com.sun.management.OperatingSystemMXBean system -> system.getTotalMemorySize();
            case java.lang.management.OperatingSystemMXBean _ -> 4L << 30;
        };
    }
}
