package io.conshelf.factory.activity;

import static io.conshelf.factory.activity.ActivityType.activity;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.definition.Located;
import io.conshelf.factory.definition.Activity;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Semaphore;

/// Activities that repeat others, or walk a list.
final class LoopActivities {
    private static final int BATCH_COUNT_DEFAULT = 20;
    private static final int BATCH_COUNT_MAX = 50;
    private static final int ITEMS_MAX = 100_000;
    private static final Duration UNTIL_TIMEOUT = Duration.ofDays(7);
    private static final Duration UNTIL_TIMEOUT_MAX = Duration.ofDays(90);

    static final List<ActivityType> ALL = List.of(
            activity("ForEach").needs("items", ValueKind.ARRAY).takes("isSequential", ValueKind.FLAG)
                    .takes("batchCount", ValueKind.between(1, BATCH_COUNT_MAX)).holds("activities").runs(LoopActivities::forEach),
            activity("Until").needsLazily("expression").takes("timeout", ValueKind.spanOfAtMost(UNTIL_TIMEOUT_MAX)).holds("activities")
                    .runs(LoopActivities::until),
            activity("Filter").needs("items", ValueKind.ARRAY).needsLazily("condition").runs(LoopActivities::filter));

    private LoopActivities() {}

    private static ArrayNode items(ActivityContext context) throws ActivityFailure {
        Located items = context.properties().at("items");
        if (!(items.value() instanceof ArrayNode array)) {
            throw ActivityFailure.user("InvalidTemplate", "'" + items.path() + "' is to be an array, found " + items.value().getNodeType());
        }
        if (array.size() > ITEMS_MAX) {
            throw ActivityFailure.user("ForEachItemsLimitExceeded", "'" + items.path() + "' has " + array.size() + " items, more than " + ITEMS_MAX);
        }
        return array;
    }

    private static JsonNode forEach(ActivityContext context) throws ActivityFailure, InterruptedException {
        ArrayNode items = items(context);
        Located body = context.activity().typeProperties().at("activities");
        boolean isSequential = context.properties().at("isSequential").flag().orElse(false);
        int batchCount = isSequential ? 1 : Math.clamp(context.properties().at("batchCount").integer().orElse((long) BATCH_COUNT_DEFAULT),
                1, BATCH_COUNT_MAX);
        ConcurrentLinkedQueue<ActivityContext.Failure> failures = new ConcurrentLinkedQueue<>();
        if (batchCount == 1) {
            for (JsonNode item : items) {
                context.run(body, Optional.of(item)).failure().ifPresent(failures::add);
            }
        } else {
            inParallel(context, items, body, batchCount, failures);
        }
        if (!failures.isEmpty()) {
            throw innerFailure(failures.peek());
        }
        return JsonNodeFactory.instance.objectNode().put("ItemsCount", items.size());
    }

    // One failed iteration does not stop the others; the activity fails at the end.
    private static void inParallel(ActivityContext context, ArrayNode items, Located body, int batchCount,
            ConcurrentLinkedQueue<ActivityContext.Failure> failures) throws InterruptedException {
        Semaphore slots = new Semaphore(batchCount);
        List<Thread> threads = new ArrayList<>();
        try {
            for (JsonNode item : items) {
                slots.acquire();
                threads.removeIf(thread -> !thread.isAlive());
                threads.add(Thread.ofVirtual().start(() -> {
                    try {
                        context.run(body, Optional.of(item)).failure().ifPresent(failures::add);
                    } catch (InterruptedException cancelled) {
                        Thread.currentThread().interrupt();
                    } finally {
                        slots.release();
                    }
                }));
            }
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (InterruptedException cancelled) {
            threads.forEach(Thread::interrupt);
            for (Thread thread : threads) {
                thread.join(Duration.ofSeconds(30));
            }
            throw cancelled;
        }
    }

    static ActivityFailure innerFailure(ActivityContext.Failure failure) {
        return ActivityFailure.user("ActionFailed", "Activity failed because an inner activity failed; Inner activity name: "
                + failure.activity() + ", Error: " + failure.message());
    }

    private static JsonNode until(ActivityContext context) throws ActivityFailure, InterruptedException {
        Located condition = context.activity().typeProperties().at("expression");
        Duration timeout = context.properties().at("timeout").text().flatMap(Activity::duration).orElse(UNTIL_TIMEOUT);
        Instant deadline = context.clock().instant().plus(timeout);
        int passes = 0;
        while (true) {
            passes++;
            ActivityContext.Inner pass = context.run(context.activity().typeProperties().at("activities"), Optional.empty());
            JsonNode isDone = context.resolve(condition, pass.scope());
            if (!isDone.isBoolean()) {
                throw ActivityFailure.user("InvalidTemplate", "'" + condition.path() + "' is to be true or false, found " + isDone);
            }
            if (isDone.booleanValue()) {
                return JsonNodeFactory.instance.objectNode().put("IterationsCount", passes);
            }
            if (!context.clock().instant().isBefore(deadline)) {
                throw ActivityFailure.timedOut("UntilTimeout", "'" + condition.path() + "' was still false after " + passes
                        + " passes and the timeout of " + timeout.toSeconds() + " s");
            }
        }
    }

    private static JsonNode filter(ActivityContext context) throws ActivityFailure {
        ArrayNode items = items(context);
        Located condition = context.activity().typeProperties().at("condition");
        ObjectNode output = JsonNodeFactory.instance.objectNode().put("ItemsCount", items.size());
        ArrayNode kept = JsonNodeFactory.instance.arrayNode();
        for (JsonNode item : items) {
            JsonNode keeps = context.resolve(condition, context.scopeWith(item));
            if (!keeps.isBoolean()) {
                throw ActivityFailure.user("InvalidTemplate", "'" + condition.path() + "' is to be true or false, found " + keeps);
            }
            if (keeps.booleanValue()) {
                kept.add(item);
            }
        }
        output.put("FilteredItemsCount", kept.size());
        output.set("Value", kept);
        return output;
    }
}
