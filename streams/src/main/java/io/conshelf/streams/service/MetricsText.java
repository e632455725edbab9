package io.conshelf.streams.service;

import java.util.List;
import java.util.Map;

/// What jobs have counted since they were started, in the text format of Prometheus. Metrics are called as Azure Monitor calls them, and explained by the name
/// that the portal shows.
final class MetricsText {
    /// By what the portal shows.
    private static final List<Metric> METRICS = List.of(
            new Metric("Input Events", "InputEvents", "counter"),
            new Metric("Input Sources Received", "InputEventsSourcesPerSecond", "counter"),
            new Metric("Input Event Bytes", "InputEventBytes", "counter"),
            new Metric("Output Events", "OutputEvents", "counter"),
            new Metric("Late Input Events", "LateInputEvents", "counter"),
            new Metric("Out-of-Order Events", "DroppedOrAdjustedEvents", "counter"),
            new Metric("Early Input Events", "EarlyInputEvents", "counter"),
            new Metric("Data Conversion Errors", "ConversionErrors", "counter"),
            new Metric("Input Deserialization Errors", "DeserializationError", "counter"),
            new Metric("Runtime Errors", "Errors", "counter"),
            new Metric("Watermark Delay", "OutputWatermarkDelaySeconds", "gauge"),
            new Metric("Backlogged Input Events", "InputEventsSourcesBacklogged", "gauge"));

    private MetricsText() {}

    private record Metric(String shown, String id, String type) {}

    /// @param byName values by what the portal shows
    record OfJob(JobId job, Map<String, Long> byName) {}

    static String of(List<OfJob> jobs) {
        StringBuilder text = new StringBuilder();
        for (Metric metric : METRICS) {
            String name = "stream_analytics_" + metric.id();
            text.append("# HELP ").append(name).append(' ').append(metric.shown()).append('\n');
            text.append("# TYPE ").append(name).append(' ').append(metric.type()).append('\n');
            for (OfJob one : jobs) {
                text.append(name).append("{job=\"").append(label(one.job().name())).append("\",resource_group=\"").append(label(one.job().resourceGroup()))
                        .append("\",subscription=\"").append(label(one.job().subscription())).append("\"} ")
                        .append(one.byName().getOrDefault(metric.shown(), 0L)).append('\n');
            }
        }
        return jobs.isEmpty() ? "" : text.toString();
    }

    private static String label(String value) {
        return value.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n");
    }
}
