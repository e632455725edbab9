package io.conshelf.factory.activity;

import static io.conshelf.factory.activity.ActivityType.activity;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.definition.Problem;
import io.conshelf.factory.definition.Activity;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/// Activities that call web services.
final class WebActivities {
    private static final Set<String> METHODS = Set.of("GET", "POST", "PUT", "PATCH", "DELETE");
    private static final Set<String> WITH_BODY = Set.of("POST", "PUT");
    private static final Duration REQUEST_TIMEOUT = Duration.ofMinutes(1);
    private static final Duration REQUEST_TIMEOUT_MAX = Duration.ofMinutes(10);
    private static final Duration HOOK_TIMEOUT_MAX = Duration.ofDays(7);
    private static final Duration HOOK_TIMEOUT = Duration.ofMinutes(10);
    private static final Duration POLL = Duration.ofSeconds(5);
    private static final int ACCEPTED = 202;

    static final List<ActivityType> ALL = List.of(
            activity("WebActivity").needs("method").needs("url").takes("headers", "body", "authentication")
                    .takes("httpRequestTimeout", ValueKind.spanOfAtMost(REQUEST_TIMEOUT_MAX)).takes("turnOffAsync", ValueKind.FLAG)
                    .takes("disableCertValidation", ValueKind.FLAG).takesLazily("datasets").takesLazily("linkedServices")
                    .ignores("connectVia", "every integration runtime is this machine")
                    .checks(WebActivities::checkWeb).runs(WebActivities::call),
            activity("WebHook").needs("url").takes("method", "headers", "body", "authentication").takes("timeout", ValueKind.spanOfAtMost(HOOK_TIMEOUT_MAX))
                    .takes("reportStatusOnCallBack", ValueKind.FLAG).takes("disableCertValidation", ValueKind.FLAG)
                    .ignores("connectVia", "every integration runtime is this machine")
                    .checks(WebActivities::checkHook).runs(WebActivities::hook));

    private WebActivities() {}

    private static void checkWeb(Activity activity, Consumer<Problem> problems) {
        Located properties = activity.typeProperties();
        method(properties.at("method"), METHODS, problems);
        String method = properties.at("method").text("").toUpperCase(Locale.ROOT);
        if (WITH_BODY.contains(method) && !properties.at("body").isPresent() && properties.at("datasets").items().isEmpty()
                && properties.at("linkedServices").items().isEmpty()) {
            problems.accept(properties.at("body").problem("a WebActivity with the method " + method + " needs a 'body'; an empty text will do"));
        }
        ActivitySignIn.check(properties.at("authentication"), problems);
    }

    private static void checkHook(Activity activity, Consumer<Problem> problems) {
        Located properties = activity.typeProperties();
        method(properties.at("method"), Set.of("POST"), problems);
        ActivitySignIn.check(properties.at("authentication"), problems);
    }

    private static void method(Located method, Set<String> known, Consumer<Problem> problems) {
        method.text().filter(text -> !text.contains("@") && !known.contains(text.toUpperCase(Locale.ROOT))).ifPresent(text ->
                problems.accept(method.problem("the methods are " + String.join(", ", known.stream().sorted().toList()) + ", found '" + text + "'")));
    }

    private static JsonNode call(ActivityContext context) throws ActivityFailure, InterruptedException {
        Instant start = context.clock().instant();
        Located properties = context.properties();
        Duration timeout = properties.at("httpRequestTimeout").text().flatMap(Activity::duration).orElse(REQUEST_TIMEOUT);
        String method = properties.at("method").text("").toUpperCase(Locale.ROOT);
        if (!METHODS.contains(method)) {
            throw ActivityFailure.user("2103", "'" + properties.at("method").path() + "' is to be one of " + METHODS + ", found '" + method + "'");
        }
        ActivityRequest request = ActivityRequest.of(context, timeout);
        ActivityRequest.Answer answer = request.send(method, body(context));
        if (!properties.at("turnOffAsync").flag().orElse(false)) {
            answer = settle(context, request, answer);
        }
        refuseFailure(answer);
        ObjectNode output = answer.body();
        output.set("ADFWebActivityResponseHeaders", answer.headers());
        return about(output, context, start);
    }

    /// An answer 202 with a place to ask means that the work goes on: it is asked for until it has ended.
    private static ActivityRequest.Answer settle(ActivityContext context, ActivityRequest request, ActivityRequest.Answer first)
            throws ActivityFailure, InterruptedException {
        ActivityRequest.Answer answer = first;
        String place = "";
        while (answer.status() == ACCEPTED) {
            // A place that says 202 again need not repeat where it is.
            place = answer.header("Location").orElse(place);
            if (place.isEmpty()) {
                return answer;
            }
            context.pause(answer.header("Retry-After").filter(text -> text.strip().matches("\\d{1,5}"))
                    .map(text -> Duration.ofSeconds(Long.parseLong(text.strip()))).orElse(POLL));
            answer = request.poll(answer.response().uri(), place);
        }
        return answer;
    }

    private static void refuseFailure(ActivityRequest.Answer answer) throws ActivityFailure {
        if (answer.status() >= 400) {
            String text = answer.text().length() > 2_000 ? answer.text().substring(0, 2_000) + "…" : answer.text();
            throw ActivityFailure.user("2108", "Error calling the endpoint '" + ActivityRequest.shown(answer.response().uri()) + "'. Response status code: '"
                    + answer.status() + "'. More details: " + text);
        }
    }

    private static Optional<String> body(ActivityContext context) throws ActivityFailure {
        Located body = context.properties().at("body");
        Located datasets = context.activity().typeProperties().at("datasets");
        Located linkedServices = context.activity().typeProperties().at("linkedServices");
        if (datasets.items().isEmpty() && linkedServices.items().isEmpty()) {
            return body.isPresent() ? Optional.of(body.text().orElseGet(() -> body.value().toString())) : Optional.empty();
        }
        ObjectNode whole = object(body);
        if (!datasets.items().isEmpty()) {
            whole.set("datasets", context.stores().describeDatasets(datasets, context.scope()));
        }
        if (!linkedServices.items().isEmpty()) {
            whole.set("linkedServices", context.stores().describeLinkedServices(linkedServices, context.scope()));
        }
        return Optional.of(whole.toString());
    }

    private static ObjectNode object(Located body) throws ActivityFailure {
        if (!body.isPresent()) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            JsonNode value = body.value().isTextual() ? ActivityRequest.parse(body.text("")) : body.value();
            if (value instanceof ObjectNode object) {
                return object.deepCopy();
            }
        } catch (JsonProcessingException notJson) {
            // told below
        }
        throw ActivityFailure.user("2105", "'" + body.path() + "' is to be a JSON object: something is added to it");
    }

    private static JsonNode hook(ActivityContext context) throws ActivityFailure, InterruptedException {
        Instant start = context.clock().instant();
        Located properties = context.properties();
        Duration timeout = properties.at("timeout").text().flatMap(Activity::duration).orElse(HOOK_TIMEOUT);
        ActivityRequest request = ActivityRequest.of(context, REQUEST_TIMEOUT);
        try (Callbacks.Callback callback = context.callbacks().open()) {
            ObjectNode body = object(properties.at("body")).put("callBackUri", callback.uri().toString());
            refuseFailure(request.send("POST", Optional.of(body.toString())));
            JsonNode reported = callback.await(timeout).orElseThrow(() -> ActivityFailure.timedOut("WebHookTimeout",
                    "'" + ActivityRequest.shown(URI.create(properties.at("url").text("").strip())) + "' did not call back within " + timeout.toSeconds() + " s"));
            return about(reported(reported, properties.at("reportStatusOnCallBack").flag().orElse(false)), context, start);
        }
    }

    private static ObjectNode reported(JsonNode body, boolean reportsStatus) throws ActivityFailure {
        Located report = new Located("", "callback", body);
        if (reportsStatus) {
            long status = report.at("StatusCode").integer().orElse(200L);
            if (status >= 400) {
                throw ActivityFailure.user(report.at("Error").at("ErrorCode").value().asText(String.valueOf(status)),
                        report.at("Error").at("Message").text("The web service reported status " + status));
            }
        }
        JsonNode output = report.at("Output").isPresent() ? report.at("Output").value() : body;
        return output instanceof ObjectNode object ? object.deepCopy() : JsonNodeFactory.instance.objectNode().set("Response", output);
    }

    private static ObjectNode about(ObjectNode output, ActivityContext context, Instant start) {
        output.put("effectiveIntegrationRuntime", ActivityContext.INTEGRATION_RUNTIME);
        output.put("executionDuration", Duration.between(start, context.clock().instant()).toSeconds());
        output.putObject("durationInQueue").put("integrationRuntimeQueue", 0);
        output.putObject("billingReference").put("activityType", "ExternalActivity").putArray("billableDuration");
        return output;
    }
}
