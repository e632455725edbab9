package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.sql.SqlDatabase;
import io.conshelf.connectors.sql.SqlScript;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ActivityType.Property;
import io.conshelf.factory.activity.ActivityType.Treatment;
import io.conshelf.factory.definition.Activity;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Consumer;

/// The Script activity: blocks of statements, and what they return as the activity's output.
public final class ScriptActivity {
    private static final Duration TIMEOUT = Duration.ofHours(2);
    /// Of one block. What is more is dropped, logs first, then parameters, then rows.
    private static final int ROWS_MAX = 5_000;
    private static final long OUTPUT_BYTES_MAX = 4L << 20;
    private static final long LOG_CHARACTERS_MAX = 2L << 20;
    private static final List<String> DIRECTIONS = List.of("", "input", "output", "inputoutput");

    public static final ActivityType TYPE = new ActivityType("Script", List.of(
            new Property("scripts", Treatment.IMPLEMENTED, true, ""),
            new Property("scriptBlockExecutionTimeout", Treatment.IMPLEMENTED, false, ""),
            new Property("logSettings", Treatment.IMPLEMENTED, false, ""),
            new Property("returnMultistatementResult", Treatment.NO_EFFECT, false, "every result of a block is returned"),
            new Property("scriptReference", Treatment.REFUSED, false, "write the script into 'scripts'")),
            _ -> List.of(), ScriptActivity::check, ScriptActivity::run);

    private ScriptActivity() {}

    private static void check(Activity activity, Consumer<Problem> problems) {
        if (!activity.definition().at("linkedServiceName").isPresent()) {
            problems.accept(activity.definition().at("linkedServiceName").problem("a Script needs a linked service"));
        }
        for (Located script : activity.typeProperties().at("scripts").items()) {
            if (!script.at("text").isPresent()) {
                problems.accept(script.at("text").problem("a script has a 'text'"));
            }
            String type = script.at("type").text("Query");
            if (!type.contains("@") && !type.equalsIgnoreCase("Query") && !type.equalsIgnoreCase("NonQuery")) {
                problems.accept(script.at("type").problem("a script is of type Query or NonQuery, found '" + type + "'"));
            }
            for (Located parameter : script.at("parameters").items()) {
                String direction = parameter.at("direction").text("");
                if (!direction.contains("@") && !DIRECTIONS.contains(direction.toLowerCase(Locale.ROOT))) {
                    problems.accept(parameter.at("direction").problem("a parameter goes Input, Output or InputOutput, found '" + direction + "'"));
                }
            }
        }
        Located timeout = activity.typeProperties().at("scriptBlockExecutionTimeout");
        timeout.text().filter(text -> !text.contains("@") && Activity.duration(text).isEmpty())
                .ifPresent(text -> problems.accept(timeout.problem("'" + text + "' is not a duration; write hh:mm:ss")));
    }

    private static JsonNode run(ActivityContext context) throws ActivityFailure {
        Instant start = context.clock().instant();
        Duration timeout = context.properties().at("scriptBlockExecutionTimeout").text().flatMap(Activity::duration).orElse(TIMEOUT);
        Output output = new Output(isLogged(context));
        try {
            LinkedService service = context.stores().linkedService(context.activity().definition().at("linkedServiceName"), context.scope());
            SqlDatabase database = context.stores().sql(service);
            for (Located script : context.properties().at("scripts").items()) {
                List<SqlScript.Parameter> parameters = script.at("parameters").items().stream().map(ScriptActivity::parameter).toList();
                SqlScript block = new SqlScript(script.at("text").text(""), parameters, timeout);
                output.add(block.run(database, new SqlScript.Limits(ROWS_MAX, LOG_CHARACTERS_MAX)), script.at("type").text("Query"));
            }
            String place = writeLogs(context, output);
            return output.toJson(place, Duration.between(start, context.clock().instant()));
        } catch (StoreException failure) {
            throw Failures.script(failure);
        }
    }

    private static SqlScript.Parameter parameter(Located stated) {
        SqlScript.Direction direction = switch (stated.at("direction").text("").toLowerCase(Locale.ROOT)) {
            case "output" -> SqlScript.Direction.OUTPUT;
            case "inputoutput" -> SqlScript.Direction.INPUT_OUTPUT;
            default -> SqlScript.Direction.INPUT;
        };
        return new SqlScript.Parameter(stated.at("name").text(""), SqlStores.parameter(stated.at("value"), stated.at("type")), direction,
                stated.at("size").integer().map(Long::intValue));
    }

    private static boolean isLogged(ActivityContext context) {
        return context.properties().at("logSettings").isPresent();
    }

    private static boolean goesToStore(ActivityContext context) {
        return context.properties().at("logSettings").at("logDestination").text("").equalsIgnoreCase("ExternalStore");
    }

    /// Where the logs went, if not into the output.
    private static String writeLogs(ActivityContext context, Output output) throws ActivityFailure, StoreException {
        if (!isLogged(context) || !goesToStore(context)) {
            return "";
        }
        Located settings = context.activity().typeProperties().at("logSettings").at("logLocationSettings");
        Located path = context.properties().at("logSettings").at("logLocationSettings").at("path");
        Stores.FilePlace place = context.stores().place(settings.at("linkedServiceName"), path, context.scope());
        String file = (place.folder().isEmpty() ? "" : place.folder() + "/") + context.activity().name().replaceAll("[^A-Za-z0-9_-]", "_") + "-"
                + UUID.randomUUID() + ".txt";
        try (FileStore.PendingFile pending = place.store().create(file)) {
            pending.stream().write(output.logs().getBytes(StandardCharsets.UTF_8));
            pending.stream().close();
            pending.commit();
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileWriteFailure", "The log of the script cannot be written: " + failure.getMessage(), failure);
        }
        String folder = path.text("");
        output.logsAreElsewhere();
        return (folder.isEmpty() ? "" : folder.replaceAll("/+$", "") + "/") + file.substring(file.lastIndexOf('/') + 1);
    }

    /// What the blocks returned, merged.
    private static final class Output {
        private final boolean isLogged;
        private final ArrayNode results = JsonNodeFactory.instance.arrayNode();
        private final ObjectNode parameters = JsonNodeFactory.instance.objectNode();
        private final List<String> logs = new ArrayList<>();
        private long affected;
        private boolean isCut;
        private boolean logsAreInOutput = true;

        private Output(boolean isLogged) {
            this.isLogged = isLogged;
        }

        void add(SqlScript.Outcome outcome, String type) {
            affected += outcome.affected();
            isCut |= outcome.isCut();
            List<ArrayNode> rows = new ArrayList<>();
            long rowBytes = 0;
            if (type.equalsIgnoreCase("Query")) {
                for (SqlScript.ResultRows result : outcome.results()) {
                    ObjectNode shown = results.addObject().put("rowCount", result.count());
                    ArrayNode list = shown.putArray("rows");
                    result.rows().forEach(list::add);
                    rows.add(list);
                    rowBytes += bytes(list);
                }
            }
            ObjectNode returned = JsonNodeFactory.instance.objectNode();
            outcome.outputs().forEach(returned::set);
            long parameterBytes = bytes(returned);
            long logBytes = isLogged ? outcome.logs().stream().mapToLong(line -> line.length() + 1L).sum() : 0;
            long over = rowBytes + parameterBytes + logBytes - OUTPUT_BYTES_MAX;
            if (over > 0) {
                isCut = true;
            }
            if (isLogged && over <= 0) {
                logs.addAll(outcome.logs());
            }
            if (over - logBytes <= 0) {
                parameters.setAll(returned);
            }
            cut(rows, over - logBytes - parameterBytes);
        }

        private static void cut(List<ArrayNode> rows, long over) {
            long left = over;
            for (ArrayNode list : rows.reversed()) {
                while (left > 0 && !list.isEmpty()) {
                    left -= bytes(list.remove(list.size() - 1));
                }
            }
        }

        private static long bytes(JsonNode value) {
            return value.toString().getBytes(StandardCharsets.UTF_8).length;
        }

        String logs() {
            return String.join("\n", logs);
        }

        void logsAreElsewhere() {
            logsAreInOutput = false;
        }

        ObjectNode toJson(String place, Duration took) {
            ObjectNode output = JsonNodeFactory.instance.objectNode().put("resultSetCount", results.size()).put("recordsAffected", affected);
            output.set("resultSets", results);
            output.set("outputParameters", parameters);
            output.put("outputLogs", logsAreInOutput ? logs() : "").put("outputLogsLocation", place).put("outputTruncated", isCut)
                    .put("effectiveIntegrationRuntime", Tally.INTEGRATION_RUNTIME).put("executionDuration", took.toSeconds());
            output.putObject("durationInQueue").put("integrationRuntimeQueue", 0);
            return output;
        }
    }
}
