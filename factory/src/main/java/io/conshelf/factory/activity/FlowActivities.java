package io.conshelf.factory.activity;

import static io.conshelf.factory.activity.ActivityType.activity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import java.time.Duration;
import java.util.List;

/// Activities that wait, fail, and start other pipelines.
final class FlowActivities {
    static final List<ActivityType> ALL = List.of(
            activity("Wait").needs("waitTimeInSeconds", ValueKind.from(0)).runs(FlowActivities::await),
            activity("Fail").takes("message", "errorCode").runs(FlowActivities::fail),
            activity("ExecutePipeline").needsLazily("pipeline").takes("parameters").takes("waitOnCompletion", ValueKind.FLAG)
                    .runs(FlowActivities::executePipeline));

    private FlowActivities() {}

    private static JsonNode await(ActivityContext context) throws ActivityFailure, InterruptedException {
        Located seconds = context.properties().at("waitTimeInSeconds");
        long wait = seconds.integer().filter(value -> value >= 0).orElseThrow(() -> ActivityFailure.user("InvalidTemplate",
                "'" + seconds.path() + "' is to be a number of seconds, found " + seconds.value()));
        context.pause(Duration.ofSeconds(wait));
        return JsonNodeFactory.instance.objectNode();
    }

    // The wording of each case is documented.
    private static JsonNode fail(ActivityContext context) throws ActivityFailure {
        String activity = context.activity().name();
        Located message = context.properties().at("message");
        Located errorCode = context.properties().at("errorCode");
        boolean isCodeGood = errorCode.value().isTextual() && !errorCode.text("").isBlank();
        boolean isMessageGood = message.value().isTextual() && !message.text("").isBlank();
        String code = isCodeGood ? errorCode.text("") : "ErrorCodeNotString";
        if (isMessageGood) {
            throw ActivityFailure.user(code, message.text(""));
        }
        if (message.value().isMissingNode() && isCodeGood) {
            throw ActivityFailure.user(code, "Fail message wasn't provided");
        }
        if (!isCodeGood || message.value().isNull() || message.value().isTextual()) {
            throw ActivityFailure.user(code, "Failed to interpret " + activity + " fail message or error code");
        }
        throw ActivityFailure.user(code, activity + " fail message parameter couldn't be interpreted as a string");
    }

    private static JsonNode executePipeline(ActivityContext context) throws ActivityFailure, InterruptedException {
        Located reference = context.activity().typeProperties().at("pipeline");
        boolean waits = context.properties().at("waitOnCompletion").flag().orElse(true);
        JsonNode parameters = context.properties().at("parameters").value();
        ActivityContext.Child child = context.runPipeline(reference.at("referenceName").text(""), parameters, waits);
        ObjectNode output = JsonNodeFactory.instance.objectNode().put("pipelineName", child.pipeline()).put("pipelineRunId", child.runId());
        output.set("pipelineReturnValue", child.returnValue());
        return output;
    }
}
