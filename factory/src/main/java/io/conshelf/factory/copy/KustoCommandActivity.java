package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.kusto.CommandResult;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ActivityType.Property;
import io.conshelf.factory.activity.ActivityType.Treatment;
import io.conshelf.factory.activity.ValueKind;
import io.conshelf.factory.definition.Activity;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/// The Azure Data Explorer Command activity: a management command, and its table as the output.
public final class KustoCommandActivity {
    private static final Duration TIMEOUT = Duration.ofMinutes(20);
    private static final Duration TIMEOUT_MAX = Duration.ofHours(1);
    private static final long RESPONSE_BYTES_MAX = 1L << 20;
    private static final Duration POLL = Duration.ofSeconds(1);
    private static final Set<String> RUNNING = Set.of("InProgress", "Scheduled");
    /// `.export async …`, `.set-or-append async …`: the keyword behind the verb.
    private static final Pattern ASYNC = Pattern.compile("(?is)\\s*(?://[^\\n]*\\n\\s*)*\\.[a-z-]+\\s+async\\b.*");

    private static final Pattern BEFORE_COMMAND = Pattern.compile("^(?:\\s|//[^\\n]*(?:\\n|$))*+");

    public static final ActivityType TYPE = new ActivityType("AzureDataExplorerCommand", List.of(
            new Property("command", Treatment.IMPLEMENTED, true, ""),
            Property.taken("commandTimeout", ValueKind.spanOfAtMost(TIMEOUT_MAX))),
            _ -> List.of(), KustoCommandActivity::check, KustoCommandActivity::run);

    private KustoCommandActivity() {}

    private static void check(Activity activity, Consumer<Problem> problems) {
        if (!activity.definition().at("linkedServiceName").isPresent()) {
            problems.accept(activity.definition().at("linkedServiceName").problem("an AzureDataExplorerCommand needs a linked service"));
        }
        Located command = activity.typeProperties().at("command");
        command.text().filter(text -> !ValueKind.isComputed(command) && !isManagement(text)).ifPresent(_ -> problems.accept(command.problem(
                "a management command starts with '.'; a query belongs into a Lookup, or behind a command and '|'")));
    }

    private static boolean isManagement(String command) {
        return BEFORE_COMMAND.matcher(command).replaceFirst("").startsWith(".");
    }

    private static JsonNode run(ActivityContext context) throws ActivityFailure, InterruptedException {
        String command = context.properties().at("command").text("");
        Duration timeout = context.properties().at("commandTimeout").text().flatMap(Activity::duration).orElse(TIMEOUT);
        try {
            LinkedService service = context.stores().linkedService(context.activity().definition().at("linkedServiceName"), context.scope());
            Stores.Database database = context.stores().database(service);
            CommandResult result = database.cluster().command(database.name(), command, timeout);
            List<ObjectNode> rows = ASYNC.matcher(command).matches() ? await(context, database, result, timeout) : result.objects();
            return output(rows);
        } catch (StoreException failure) {
            throw Failures.command(failure);
        }
    }

    // The row is returned whatever its state: callers inspect State and Status, as documented.
    private static List<ObjectNode> await(ActivityContext context, Stores.Database database, CommandResult started, Duration timeout)
            throws StoreException, InterruptedException {
        if (started.objects().isEmpty() || !started.objects().getFirst().has("OperationId")) {
            return started.objects();
        }
        String operation = started.objects().getFirst().get("OperationId").asText();
        Instant deadline = context.clock().instant().plus(timeout);
        while (true) {
            List<ObjectNode> rows = database.cluster().command(database.name(), ".show operations " + operation, timeout).objects();
            boolean isRunning = !rows.isEmpty() && RUNNING.contains(rows.getFirst().path("State").asText());
            if (!isRunning) {
                return rows;
            }
            if (!context.clock().instant().isBefore(deadline)) {
                throw StoreException.user("KustoCommandTimeout", "Operation " + operation + " has not ended within " + timeout.toSeconds() + " s");
            }
            context.pause(POLL);
        }
    }

    private static ObjectNode output(List<ObjectNode> rows) throws StoreException {
        ObjectNode output = JsonNodeFactory.instance.objectNode().put("count", rows.size());
        ArrayNode value = output.putArray("value");
        rows.forEach(value::add);
        if (output.toString().getBytes(StandardCharsets.UTF_8).length > RESPONSE_BYTES_MAX) {
            throw StoreException.user("KustoCommandOutputLimitExceeded", "The command answered with more than 1 MB; "
                    + "append a query to shrink it, such as '| project …'");
        }
        output.put("effectiveIntegrationRuntime", Tally.INTEGRATION_RUNTIME);
        return output;
    }
}
