package io.conshelf.streams.service;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.connectors.management.Operations;
import io.conshelf.connectors.management.Refusal;
import io.conshelf.connectors.management.ServiceJson;
import io.conshelf.streams.run.Surroundings;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Work that somebody who writes a job waits for: little of it at a time, and each for a while at most.
final class Trials {
    static final Duration TIME_MAX = Duration.ofSeconds(60);
    private static final Logger LOG = LoggerFactory.getLogger(Trials.class);

    private final JobRuns runs;
    private final Operations operations;
    private final int atOnceMax;
    private final Semaphore room;

    /// @param atOnceMax how many are under way together
    Trials(JobRuns runs, Operations operations, int atOnceMax) {
        this.runs = runs;
        this.operations = operations;
        this.atOnceMax = atOnceMax;
        this.room = new Semaphore(atOnceMax);
    }

    Surroundings surroundings() {
        return runs.found().orElseThrow(() -> Refusal.of(503, "ServiceUnavailable", "", "The service is starting.")).launcher().surroundings("");
    }

    static URI origin(ManagementRequest request) {
        return URI.create(request.origin());
    }

    static ObjectNode result(String status) {
        return ServiceJson.MAPPER.createObjectNode().put("status", status);
    }

    static ObjectNode failed(String status, String message) {
        ObjectNode result = result(status);
        result.putObject("error").put("code", status).put("message", message);
        return result;
    }

    /// Starts it, and answers where its result will be.
    ///
    /// @param work whose thread is interrupted when its time is over
    ManagementAnswer begin(ManagementRequest request, String subscription, Callable<ObjectNode> work) {
        return begin(request, subscription, work, Trials::failed);
    }

    /// Of what ends without a result, by a code and a message.
    @FunctionalInterface
    interface Unfinished {
        ObjectNode result(String code, String message);
    }

    ManagementAnswer begin(ManagementRequest request, String subscription, Callable<ObjectNode> work, Unfinished unfinished) {
        if (!room.tryAcquire()) {
            throw Refusal.of(429, "TooManyRequests", "", "There are " + atOnceMax + " tests and samples under way already; ask again when one has ended.");
        }
        String operation = operations.begin();
        FutureTask<JsonNode> task = new FutureTask<>(() -> {
            try {
                return work.call();
            } finally {
                // What does not hear that it is to end keeps its place.
                room.release();
            }
        });
        // It may compute for long, which virtual threads are not for.
        Thread worker = Thread.ofPlatform().daemon().name("trial").start(task);
        Thread.ofVirtual().name("trial-" + operation).start(() -> operations.done(operation, Optional.of(awaited(task, worker, unfinished))));
        return operations.accepted(request, subscription, operation);
    }

    private static JsonNode awaited(FutureTask<JsonNode> task, Thread worker, Unfinished unfinished) {
        try {
            return task.get(TIME_MAX.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException over) {
            worker.interrupt();
            return unfinished.result("Timeout", "It took longer than " + TIME_MAX.toSeconds() + " seconds.");
        } catch (ExecutionException defect) {
            LOG.error("a trial ended", defect.getCause());
            return unfinished.result("UnknownError", String.valueOf(defect.getCause().getMessage()));
        } catch (InterruptedException ending) {
            worker.interrupt();
            Thread.currentThread().interrupt();
            return unfinished.result("UnknownError", "The service stops.");
        }
    }
}
