package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.connectors.sql.SqlProcedure;
import io.conshelf.factory.activity.ActivityContext;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityType;
import io.conshelf.factory.activity.ActivityType.Property;
import io.conshelf.factory.activity.ActivityType.Treatment;
import io.conshelf.factory.definition.Activity;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Consumer;

/// The stored procedure activity: a call, and no rows.
public final class StoredProcedureActivity {
    public static final ActivityType TYPE = new ActivityType("SqlServerStoredProcedure", List.of(
            new Property("storedProcedureName", Treatment.IMPLEMENTED, true, ""),
            new Property("storedProcedureParameters", Treatment.IMPLEMENTED, false, "")),
            _ -> List.of(), StoredProcedureActivity::check, StoredProcedureActivity::run);

    private StoredProcedureActivity() {}

    private static void check(Activity activity, Consumer<Problem> problems) {
        if (!activity.definition().at("linkedServiceName").isPresent()) {
            problems.accept(activity.definition().at("linkedServiceName").problem("a SqlServerStoredProcedure needs a linked service"));
        }
    }

    private static JsonNode run(ActivityContext context) throws ActivityFailure {
        Instant start = context.clock().instant();
        Duration timeout = context.activity().policy().timeout();
        SqlProcedure procedure = new SqlProcedure(context.properties().at("storedProcedureName").text(""),
                SqlStores.parameters(context.properties().at("storedProcedureParameters")));
        try {
            procedure.run(context.stores().sql(context.stores().linkedService(context.activity().definition().at("linkedServiceName"), context.scope())),
                    timeout);
        } catch (StoreException failure) {
            throw Failures.procedure(failure);
        }
        ObjectNode output = JsonNodeFactory.instance.objectNode().put("effectiveIntegrationRuntime", Tally.INTEGRATION_RUNTIME)
                .put("executionDuration", Duration.between(start, context.clock().instant()).toSeconds());
        output.putObject("durationInQueue").put("integrationRuntimeQueue", 0);
        return output;
    }
}
