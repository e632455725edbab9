package io.conshelf.processor.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What runs have done, in the text format of Prometheus and under the names that Data Processor's dashboards ask for.
public final class MetricsText {
    private static final String PREFIX = "aio_dp_";

    private final StringBuilder text = new StringBuilder();
    private final Map<String, StringBuilder> families = new LinkedHashMap<>();

    private MetricsText() {}

    /// A pipeline at work.
    ///
    /// @param instance the label `cluster`
    /// @param resource the label `cloud_resource_id`
    public record Labelled(String instance, String resource, PipelineRun run) {}

    public static String of(List<Labelled> pipelines) {
        MetricsText metrics = new MetricsText();
        for (Labelled one : pipelines) {
            Map<String, String> labels = new LinkedHashMap<>();
            labels.put("cluster", one.instance());
            labels.put("cloud_resource_id", one.resource());
            labels.put("pipeline_id", one.run().name());
            metrics.add(labels, one.run());
        }
        metrics.families.values().forEach(metrics.text::append);
        return metrics.text.toString();
    }

    private void add(Map<String, String> labels, PipelineRun run) {
        RunCounts counts = run.counts();
        Map<String, String> input = with(labels, "stage_id", Reader.STAGE);
        counter("reader_incoming_messages", "messages that were received", input, counts.received());
        counter("reader_processed_messages", "messages that were handed to their partition", input, counts.dispatched());
        counts.readerErrors().forEach((code, count) -> counter("reader_errors", "messages that could not be decoded or partitioned, and attempts to read in vain",
                with(input, "error_code", code), count));
        histogram("reader_latency", "seconds to decode and partition a message", input, counts.readerLatency());
        for (StageCounts stage : counts.stages()) {
            Map<String, String> at = with(with(with(labels, "stage_id", stage.id()), "stage_type", stage.type()), "runner_partition", String.valueOf(stage.partition()));
            gauge("stage_info", "the stages there are", at, 1);
            counter("stage_incoming_messages", "messages that a stage was given", at, stage.incoming());
            counter("stage_outgoing_messages", "messages that a stage handed on, or a destination took", at, stage.outgoing());
            stage.errors().forEach((code, count) -> counter("stage_errors", "what went wrong in a stage", with(at, "error_code", code), count));
            histogram("stage_latency", "seconds that a stage works on a message", at, stage.latency());
            if (stage.type().equals("processor/enrich@v1")) {
                histogram("enrich_latency", "seconds that a message is looked up in reference data", at, stage.latency());
                counter("refdata_global_store_get_latency_count", "look-ups in reference data", at, stage.incoming());
            } else if (stage.type().equals("output/refdata@v1")) {
                counter("refdata_global_ingest_count", "messages that were written to reference data", at, stage.outgoing());
            }
        }
        histogram("pipeline_latency", "seconds from a message's receipt to its arrival at the destination", labels, counts.pipelineLatency());
        histogram("pipeline_internal_latency", "seconds from a message's receipt to its arrival at the destination", labels, counts.pipelineLatency());
        gauge("runner_info", "the runners there are", with(labels, "state", run.state().name()), 1);
        counter("runner_input_stage_messages", "messages that were handed to their partition", labels, counts.dispatched());
        counter("runner_input_stage_blocked_seconds", "how long the reader has waited for partitions that were full", labels, counts.blockedSeconds());
        counter("runner_checkpoint_start", "checkpoints begun", labels, counts.checkpointsBegun());
        counter("runner_checkpoint_complete", "checkpoints complete", labels, counts.checkpointsComplete());
        counter("runner_checkpoint_error", "writes of a checkpoint that failed", labels, counts.checkpointErrors());
        gauge("runner_checkpoint_size", "bytes of the latest checkpoint", labels, counts.checkpointBytes());
        counter("dead_letters", "messages that are kept aside", labels, counts.deadLetters());
        counter("acknowledged_messages", "messages of which all that comes is kept", labels, counts.acknowledged());
        counter("sent_messages", "messages that the destination has for good", labels, counts.sent());
        counter("repeated_messages", "deliveries of messages that had come before", labels, counts.repeated());
        gauge("waiting_messages", "messages that wait for their partition", labels, run.waiting());
        gauge("unacknowledged_messages", "deliveries that are not acknowledged", labels, run.unacknowledged());
    }

    private static Map<String, String> with(Map<String, String> labels, String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(labels);
        more.put(name, value);
        return more;
    }

    private void counter(String name, String help, Map<String, String> labels, double value) {
        sample(family(name, help, "counter"), PREFIX + name, labels, value);
    }

    private void gauge(String name, String help, Map<String, String> labels, double value) {
        sample(family(name, help, "gauge"), PREFIX + name, labels, value);
    }

    private void histogram(String name, String help, Map<String, String> labels, Latencies latencies) {
        StringBuilder family = family(name, help, "histogram");
        long below = 0;
        for (int bound = 0; bound < Latencies.BOUNDS.size(); bound++) {
            below = latencies.upTo(bound);
            sample(family, PREFIX + name + "_bucket", with(labels, "le", String.valueOf(Latencies.BOUNDS.get(bound))), below);
        }
        long count = Math.max(below, latencies.count());
        sample(family, PREFIX + name + "_bucket", with(labels, "le", "+Inf"), count);
        sample(family, PREFIX + name + "_sum", labels, latencies.sumSeconds());
        sample(family, PREFIX + name + "_count", labels, count);
    }

    private StringBuilder family(String name, String help, String type) {
        return families.computeIfAbsent(name, _ -> new StringBuilder("# HELP " + PREFIX + name + " " + help + "\n# TYPE " + PREFIX + name + " " + type + "\n"));
    }

    private static void sample(StringBuilder family, String name, Map<String, String> labels, double value) {
        family.append(name).append('{');
        String separator = "";
        for (Map.Entry<String, String> label : labels.entrySet()) {
            family.append(separator).append(label.getKey()).append("=\"").append(label.getValue().replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n")).append('"');
            separator = ",";
        }
        family.append("} ").append(value == Math.rint(value) && Math.abs(value) < 1e15 ? String.valueOf((long) value) : String.valueOf(value)).append('\n');
    }
}
