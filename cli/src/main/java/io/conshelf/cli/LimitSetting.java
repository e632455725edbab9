package io.conshelf.cli;

import io.conshelf.engine.Limits;
import io.conshelf.server.ServerConfig;
import io.conshelf.server.ServerLimits;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/// A limit that `limits` in the settings may set: its name, the whole numbers it may have, and what it changes. They are applied
/// in this order: what others follow from comes before them.
enum LimitSetting {
    TIMEOUT_MAX("timeoutMaxSeconds", 1, 604_800, engine((limits, n) -> limits.withTimeouts(
            shorter(limits.queryTimeout(), n), shorter(limits.commandTimeout(), n), Duration.ofSeconds(n)))),
    QUERY_TIMEOUT("queryTimeoutSeconds", 1, 604_800, engine(
            (limits, n) -> limits.withTimeouts(Duration.ofSeconds(n), limits.commandTimeout(), limits.timeoutMax()))),
    COMMAND_TIMEOUT("commandTimeoutSeconds", 1, 604_800, engine(
            (limits, n) -> limits.withTimeouts(limits.queryTimeout(), Duration.ofSeconds(n), limits.timeoutMax()))),
    CONCURRENT_QUERIES("concurrentQueries", 1, 10_000, engine(
            (limits, n) -> limits.withConcurrentQueries((int) n, limits.queriesWaitingMax(), limits.queryQueueWait()))),
    CONCURRENT_COMMANDS("concurrentCommands", 1, 10_000, engine((limits, n) -> limits.withConcurrentCommands((int) n))),
    WAITING_REQUESTS("waitingRequests", 0, 100_000, engine(
            (limits, n) -> limits.withConcurrentQueries(limits.concurrentQueries(), (int) n, limits.queryQueueWait()))),
    WAIT("waitSeconds", 0, 3_600, engine((limits, n) -> limits.withConcurrentQueries(
            limits.concurrentQueries(), limits.queriesWaitingMax(), Duration.ofSeconds(n)))),
    MEMORY("memoryMegabytes", 128, 64 << 20, engine((limits, n) -> limits.fittedTo(megabytes(n)))),
    SPILL("spillMegabytes", 1, 1 << 30, engine((limits, n) -> limits.withSpillBytesMax(megabytes(n)))),
    PROCESS_MEMORY("processMemoryMegabytes", 512, 64 << 20, engine(
            (limits, n) -> limits.withProcessMemoryBytesMax(megabytes(n)))),
    THREADS("threads", 1, 1_024, engine((limits, n) -> limits.withDuckThreads((int) n))),
    QUERY_TEXT("queryTextCharacters", 1_000, 100_000_000, engine((limits, n) -> limits.withQueryTextCharsMax((int) n))),
    RESULT_ROWS("resultRows", 1, Long.MAX_VALUE, engine((limits, n) -> limits.withResults(n, limits.resultBytesMax()))),
    RESULT_SIZE("resultMegabytes", 1, 1 << 30, engine(
            (limits, n) -> limits.withResults(limits.resultRowsMax(), megabytes(n)))),
    STREAMING_REQUEST("streamingRequestMegabytes", 1, 1_024, engine(
            (limits, n) -> limits.withStreamingRequestBytesMax(megabytes(n)))),
    FETCHED("fetchedMegabytes", 1, 1_048_576, engine(
            (limits, n) -> limits.withFetchedBytesMax(megabytes(n)))),
    REQUEST("requestMegabytes", 1, 1_024, server((limits, n) -> limits.withRequestBytesMax(megabytes(n)))),
    CONCURRENT_REQUESTS("concurrentRequests", 1, 100_000, server((limits, n) -> limits.withConcurrentRequests((int) n))),
    CONCURRENT_REQUESTS_OF_PRINCIPAL("concurrentRequestsOfPrincipal", 1, 100_000, server(
            (limits, n) -> limits.withConcurrentRequestsOfPrincipal((int) n))),
    REQUESTS_PER_MINUTE_OF_PRINCIPAL("requestsPerMinuteOfPrincipal", 1, 100_000_000, server(
            (limits, n) -> limits.withRequestsPerMinuteOfPrincipal((int) n))),
    REQUESTS_PER_MINUTE_OF_ADDRESS("requestsPerMinuteOfAddress", 1, 100_000_000, server(
            (limits, n) -> limits.withRequestsPerMinuteOfAddress((int) n))),
    CONNECTIONS("connections", 1, 100_000, server((limits, n) -> limits.withConnectionsMax((int) n)));

    private final String text;
    private final long min;
    private final long max;
    private final BiFunction<ServerConfig, Long, ServerConfig> change;

    LimitSetting(String text, long min, long max, BiFunction<ServerConfig, Long, ServerConfig> change) {
        this.text = text;
        this.min = min;
        this.max = max;
        this.change = change;
    }

    /// Its name in the settings.
    String text() {
        return text;
    }

    static Optional<LimitSetting> named(String text) {
        return Arrays.stream(values()).filter(setting -> setting.text.equals(text)).findFirst();
    }

    boolean allows(long number) {
        return number >= min && number <= max;
    }

    /// The numbers it may have, in words.
    String range() {
        return max == Long.MAX_VALUE ? "a whole number from " + min : "a whole number from " + min + " to " + max;
    }

    /// The configuration with limits laid over it.
    ///
    /// @throws CommandFailure when limits contradict each other
    static ServerConfig apply(ServerConfig config, Map<LimitSetting, Long> numbers) {
        for (LimitSetting setting : values()) {
            if (numbers.containsKey(setting)) {
                config = setting.change.apply(config, numbers.get(setting));
            }
        }
        if (!numbers.isEmpty()) {
            check(config.engineLimits());
        }
        return config;
    }

    private static void check(Limits limits) {
        notAbove(QUERY_TIMEOUT, limits.queryTimeout().toSeconds(), TIMEOUT_MAX, limits.timeoutMax().toSeconds());
        notAbove(COMMAND_TIMEOUT, limits.commandTimeout().toSeconds(), TIMEOUT_MAX, limits.timeoutMax().toSeconds());
        notAbove(MEMORY, limits.memoryBytes() >> 20, PROCESS_MEMORY, limits.processMemoryBytesMax() >> 20);
    }

    private static void notAbove(LimitSetting lower, long is, LimitSetting upper, long bound) {
        if (is > bound) {
            throw new CommandFailure("'limits." + lower.text + "' is " + is + ", more than 'limits." + upper.text + "', which is " + bound
                    + ": lower the one or raise the other");
        }
    }

    private interface Change<L> {
        L to(L limits, long number);
    }

    private static BiFunction<ServerConfig, Long, ServerConfig> engine(Change<Limits> change) {
        return (config, number) -> config.withEngineLimits(change.to(config.engineLimits(), number));
    }

    private static BiFunction<ServerConfig, Long, ServerConfig> server(Change<ServerLimits> change) {
        return (config, number) -> config.withLimits(change.to(config.limits(), number));
    }

    private static Duration shorter(Duration time, long seconds) {
        return time.toSeconds() < seconds ? time : Duration.ofSeconds(seconds);
    }

    private static long megabytes(long number) {
        return number << 20;
    }
}
