package io.conshelf.server;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;

/// What the server counts, as `/metrics` shows it.
public final class Metrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Counter resultRows =
            Counter.builder("conshelf.result.rows").description("Rows sent to clients").register(registry);
    // To be found without building their names anew for each request; routes, statuses and outcomes are few.
    private final Map<Requests, Timer> timers = new ConcurrentHashMap<>();
    private final Map<Ingestions, Ingested> ingestions = new ConcurrentHashMap<>();
    private final List<Supplier<String>> services = new CopyOnWriteArrayList<>();

    Metrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    void request(String route, int status, Duration took) {
        timers.computeIfAbsent(new Requests(route, status), this::timer).record(took);
    }

    private Timer timer(Requests of) {
        return Timer.builder("conshelf.http.requests")
                .description("Requests by route and status")
                .tag("route", of.route())
                .tag("status", Integer.toString(of.status()))
                .serviceLevelObjectives(
                        Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofSeconds(1),
                        Duration.ofSeconds(10))
                .register(registry);
    }

    void resultRows(long rows) {
        resultRows.increment(rows);
    }

    /// @param way `streaming` or `queued`
    void ingested(String way, String outcome, long rows, long bytes) {
        var counted = ingestions.computeIfAbsent(new Ingestions(way, outcome), of -> new Ingested(
                counter("conshelf.ingestion.requests", "Ingestion sources by way and outcome", of),
                counter("conshelf.ingestion.rows", "Rows ingested", of),
                counter("conshelf.ingestion.bytes", "Uncompressed bytes ingested", of)));
        counted.sources().increment();
        counted.rows().increment(rows);
        counted.bytes().increment(bytes);
    }

    void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    /// What a service beside the cluster counts by itself, in the same format.
    void service(Supplier<String> text) {
        services.add(text);
    }

    String prometheusText() {
        StringBuilder text = new StringBuilder(registry.scrape());
        services.forEach(service -> text.append(service.get()));
        return text.toString();
    }

    private Counter counter(String name, String description, Ingestions of) {
        return Counter.builder(name)
                .description(description)
                .tag("way", of.way())
                .tag("outcome", of.outcome())
                .register(registry);
    }

    private record Requests(String route, int status) {}

    private record Ingestions(String way, String outcome) {}

    private record Ingested(Counter sources, Counter rows, Counter bytes) {}
}
