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
import java.util.function.Supplier;

/// What the server counts, as `/metrics` shows it.
public final class Metrics {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final Counter resultRows =
            Counter.builder("conshelf.result.rows").description("Rows sent to clients").register(registry);

    Metrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
    }

    void request(String route, int status, Duration took) {
        Timer.builder("conshelf.http.requests")
                .description("Requests by route and status")
                .tag("route", route)
                .tag("status", Integer.toString(status))
                .serviceLevelObjectives(
                        Duration.ofMillis(5), Duration.ofMillis(20), Duration.ofMillis(100), Duration.ofSeconds(1),
                        Duration.ofSeconds(10))
                .register(registry)
                .record(took);
    }

    void resultRows(long rows) {
        resultRows.increment(rows);
    }

    /// @param way `streaming` or `queued`
    void ingested(String way, String outcome, long rows, long bytes) {
        counter("conshelf.ingestion.requests", "Ingestion sources by way and outcome", way, outcome).increment();
        counter("conshelf.ingestion.rows", "Rows ingested", way, outcome).increment(rows);
        counter("conshelf.ingestion.bytes", "Uncompressed bytes ingested", way, outcome).increment(bytes);
    }

    void gauge(String name, String description, Supplier<Number> value) {
        Gauge.builder(name, value).description(description).register(registry);
    }

    String prometheusText() {
        return registry.scrape();
    }

    private Counter counter(String name, String description, String way, String outcome) {
        return Counter.builder(name)
                .description(description)
                .tag("way", way)
                .tag("outcome", outcome)
                .register(registry);
    }
}
