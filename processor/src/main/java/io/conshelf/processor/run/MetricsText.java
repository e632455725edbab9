package io.conshelf.processor.run;

import io.conshelf.processor.definition.OutputDefinition;
import io.conshelf.processor.definition.PipelineDefinition;
import io.conshelf.processor.definition.StageDefinition;
import io.conshelf.processor.definition.StageDefinition.Settings;
import io.conshelf.processor.definition.StageTypes;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// What runs have done, in the text format of Prometheus and under the names that Data Processor's dashboards ask for.
public final class MetricsText {
    private static final String PREFIX = "aio_dp_";
    /// Dashboards of the service group by the namespace of Kubernetes that it runs in.
    private static final String NAMESPACE = "conshelf";
    private static final String OUTGOING = "messages that a stage handed on, or a destination took";

    private final StringBuilder text = new StringBuilder();
    private final Map<String, StringBuilder> families = new LinkedHashMap<>();

    private MetricsText() {}

    /// A pipeline at work.
    ///
    /// @param instance the label `cluster`
    /// @param resource the label `cloud_resource_id`
    public record Labelled(String instance, String resource, PipelineDefinition definition, PipelineRun run) {}

    /// What was brought about of a definition.
    ///
    /// @param events how often somebody tried
    /// @param errors and failed
    public record Reconciled(String instance, String resource, String name, long events, long errors) {}

    public static String of(List<Labelled> pipelines, List<Reconciled> reconciled) {
        MetricsText metrics = new MetricsText();
        for (Labelled one : pipelines) {
            metrics.add(with(labels(one.instance(), one.resource()), "pipeline_id", one.run().name()), one.definition(), one.run());
        }
        for (Reconciled one : reconciled) {
            Map<String, String> labels = with(with(labels(one.instance(), one.resource()), "name", one.name()), "namespace", NAMESPACE);
            metrics.counter("reconcile_event", "how often a definition was brought about", labels, one.events());
            metrics.counter("reconcile_error", "how often that failed", labels, one.errors());
        }
        metrics.families.values().forEach(metrics.text::append);
        return metrics.text.toString();
    }

    private static Map<String, String> labels(String instance, String resource) {
        return with(with(with(new LinkedHashMap<>(), "cluster", instance), "k8s_namespace_name", NAMESPACE), "cloud_resource_id", resource);
    }

    private void add(Map<String, String> labels, PipelineDefinition definition, PipelineRun run) {
        RunCounts counts = run.counts();
        Map<String, String> input = with(labels, "stage_id", Reader.STAGE);
        counter("reader_incoming_messages", "messages that were received", input, counts.received());
        counter("reader_processed_messages", "messages that were handed to their partition", input, counts.dispatched());
        counter("reader_incoming_heartbeats", "heartbeats begun, one every 10 seconds", input, counts.heartbeats());
        counter("reader_processed_heartbeats", "heartbeats that a reader whose source answers handed to the partitions", input, counts.heartbeatsHanded());
        counts.readerErrors().forEach((code, count) -> counter("reader_errors", "messages that could not be decoded or partitioned, and attempts to read in vain",
                with(input, "error_code", code), count));
        histogram("reader_latency", "milliseconds to decode and partition a message", input, counts.readerLatency());
        stages(labels, definition, counts);
        for (PartitionCounts partition : counts.partitions()) {
            Map<String, String> at = with(labels, "runner_partition", String.valueOf(partition.number()));
            histogram("pipeline_latency", "milliseconds from a message's receipt to its arrival at the destination", at, partition.latency());
            histogram("pipeline_internal_latency", "the same without calls of other services", at, partition.internalLatency());
            gauge("runner_info", "the runners there are", with(at, "runner_state", run.state().name()), 1);
            counter("runner_input_stage_messages", "messages that were handed to the partition", at, partition.incoming());
            histogram("runner_input_stage_blocked_time_ratio", "how much of a second the partition waited for messages", at, partition.blocked());
        }
        counter("reader_blocked_seconds", "how long the reader has waited for partitions that were full", input, counts.blockedSeconds());
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
        gauge("awaited_batches", "batches that the pipeline waits for the cluster to ingest before it goes on", labels, counts.awaited());
    }

    /// A stage's place in the pipeline, which dashboards show beside its id.
    private record Shown(String title, int index, String dataset) {}

    private void stages(Map<String, String> labels, PipelineDefinition definition, RunCounts counts) {
        Map<String, Shown> shown = new LinkedHashMap<>();
        for (StageDefinition stage : definition.stages()) {
            shown.put(stage.id(), new Shown(stage.title(), shown.size() + 1, stage.settings() instanceof Settings.Enrich enrich ? enrich.dataset() : ""));
        }
        shown.put(definition.output().id(), new Shown(definition.output().title(), shown.size() + 1,
                definition.output().settings() instanceof OutputDefinition.Settings.ReferenceData(String dataset) ? dataset : ""));
        for (PartitionCounts partition : counts.partitions()) {
            Map<String, String> at = stage(labels, Reader.STAGE, definition.input().type(), partition.number());
            info(at, new Shown(definition.input().title(), 0, ""));
            counter("stage_outgoing_messages", OUTGOING, at, partition.incoming());
        }
        for (StageCounts stage : counts.stages()) {
            Map<String, String> at = stage(labels, stage.id(), stage.type(), stage.partition());
            Shown is = shown.getOrDefault(stage.id(), new Shown("", 0, ""));
            info(at, is);
            counter("stage_incoming_messages", "messages that a stage was given", at, stage.incoming());
            counter("stage_outgoing_messages", OUTGOING, at, stage.outgoing());
            counter("stage_heartbeats", "heartbeats that came by a stage", at, stage.heartbeats());
            stage.errors().forEach((code, count) -> counter("stage_errors", "what went wrong in a stage", with(at, "error_code", code), count));
            histogram("stage_latency", "milliseconds that a stage works on a message", at, stage.latency());
            Map<String, String> dataset = with(at, "enrich_datasetid", is.dataset());
            if (stage.type().equals(StageTypes.ENRICH)) {
                histogram("enrich_latency", "milliseconds that a message is looked up in reference data", dataset, stage.latency());
                histogram("refdata_global_store_get_latency", "milliseconds that looking up takes", dataset, stage.latency());
            } else if (stage.type().equals(StageTypes.REFERENCE_DATA)) {
                counter("refdata_global_ingest_count", "messages that were written to reference data", dataset, stage.outgoing());
            }
        }
    }

    private void info(Map<String, String> stage, Shown is) {
        gauge("stage_info", "the stages there are", with(with(stage, "stage_name", is.title().isEmpty() ? stage.get("stage_id") : is.title()),
                "stage_index", String.valueOf(is.index())), 1);
    }

    private static Map<String, String> stage(Map<String, String> labels, String id, String type, int partition) {
        return with(with(with(labels, "stage_id", id), "stage_type", type), "runner_partition", String.valueOf(partition));
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

    private void histogram(String name, String help, Map<String, String> labels, Histogram sizes) {
        StringBuilder family = family(name, help, "histogram");
        long below = 0;
        for (int bound = 0; bound < sizes.bounds().size(); bound++) {
            below = sizes.upTo(bound);
            sample(family, PREFIX + name + "_bucket", with(labels, "le", String.valueOf(sizes.bounds().get(bound))), below);
        }
        long count = Math.max(below, sizes.count());
        sample(family, PREFIX + name + "_bucket", with(labels, "le", "+Inf"), count);
        sample(family, PREFIX + name + "_sum", labels, sizes.sum());
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
