package io.conshelf.processor.definition;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/// What holds between properties of a stage. Those that are not in order by themselves are told elsewhere, and left out here.
final class StageRules {
    private static final Pattern INGESTION = Pattern.compile("\\s*https?://ingest-", Pattern.CASE_INSENSITIVE);

    private StageRules() {}

    static void check(StageType type, Located stage, List<Problem> problems, List<Problem> remarks) {
        switch (type.type()) {
            case StageTypes.ENRICH -> {
                List<Located> times = stage.at("conditions").items().stream().filter(condition -> condition.at("type").text("").toLowerCase(Locale.ROOT).endsWith("nearest")).toList();
                times.stream().skip(1).forEach(second -> problems.add(second.problem("is a second condition about time, and a stage has one at most")));
            }
            case StageTypes.AGGREGATE, StageTypes.LAST_KNOWN_VALUE -> stage.at("properties").items().stream().map(item -> item.at("outputPath")).filter(path -> path.text("").equals("."))
                    .forEach(path -> remarks.add(path.problem("replaces the whole message")));
            case StageTypes.DATA_EXPLORER -> {
                if (INGESTION.matcher(stage.at("clusterUrl").text("")).lookingAt()) {
                    problems.add(stage.at("clusterUrl").problem("is the URI of the cluster's data ingestion; state the cluster's own, without 'ingest-'"));
                }
                unique(stage.at("columns"), problems);
            }
            case StageTypes.MQTT_SOURCE -> {
                Set<String> seen = new HashSet<>();
                stage.at("topics").items().stream().filter(topic -> topic.text().isPresent() && !seen.add(topic.text(""))).forEach(topic -> remarks.add(topic.problem("stands there twice")));
            }
            default -> {}
        }
        JsonNode format = stage.at("format").at("type").value();
        if (format.isTextual() && format.textValue().equalsIgnoreCase("csv")) {
            unique(stage.at("format").at("columns"), problems);
        }
    }

    private static void unique(Located columns, List<Problem> problems) {
        Set<String> seen = new HashSet<>();
        for (Located column : columns.items()) {
            if (column.at("name").text().isPresent() && !seen.add(column.at("name").text(""))) {
                problems.add(column.at("name").problem("names the column '" + column.at("name").text("") + "' a second time"));
            }
        }
    }
}
