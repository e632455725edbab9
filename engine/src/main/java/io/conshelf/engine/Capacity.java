package io.conshelf.engine;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// How many commands of a kind run at once, by the cluster's capacity policy; more wait a little and are refused then.
final class Capacity {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final long LOOK_MS = 50;

    private final Resource resource;
    private final Supplier<Optional<String>> policy;
    private final Duration wait;
    private final int processors;
    private int taken;

    /// What is limited.
    ///
    /// [#leastAtOnce] holds where there is no policy: the formula of the service's default gives one on a small machine.
    enum Resource {
        INGESTIONS("ingestions", "Ingestion", 512, 0.75, 4), EXPORTS("data-export", "Export", 100, 0.25, 2);

        private final String serviceName;
        private final String component;
        private final long atOnceMax;
        private final double ofCores;
        private final int leastAtOnce;

        Resource(String serviceName, String component, long atOnceMax, double ofCores, int leastAtOnce) {
            this.serviceName = serviceName;
            this.component = component;
            this.atOnceMax = atOnceMax;
            this.ofCores = ofCores;
            this.leastAtOnce = leastAtOnce;
        }

        String origin() {
            return "CapacityPolicy/" + component;
        }
    }

    /// @param policy the capacity policy as JSON text, where one is set
    Capacity(Resource resource, Supplier<Optional<String>> policy, Duration wait, int processors) {
        this.resource = resource;
        this.policy = policy;
        this.wait = wait;
        this.processors = processors;
    }

    synchronized CapacityUse use() {
        return new CapacityUse(resource.serviceName, total(), taken, resource.origin());
    }

    private int total() {
        JsonNode component = policy.get().map(Capacity::parse).map(json -> json.path(resource.component + "Capacity"))
                .orElseGet(JSON::missingNode);
        long most = component.path("ClusterMaximumConcurrentOperations").asLong(resource.atOnceMax);
        double ofCores = component.path("CoreUtilizationCoefficient").asDouble(resource.ofCores);
        long byCores = (long) Math.max(1, processors * ofCores);
        long total = Math.min(most, component.isObject() ? byCores : Math.max(resource.leastAtOnce, byCores));
        return (int) Math.max(1, Math.min(total, Integer.MAX_VALUE));
    }

    private static JsonNode parse(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("The stored capacity policy is not JSON", e);
        }
    }

    /// Places for commands of a type.
    Slots of(String commandType) {
        return new Slots() {
            @Override
            public void enter(BooleanSupplier isStopped) {
                take(commandType, isStopped);
            }

            @Override
            public void leave() {
                giveBack();
            }
        };
    }

    /// Counts work that waits for its turn elsewhere.
    <T> T counting(Supplier<T> work) {
        synchronized (this) {
            taken++;
        }
        try {
            return work.get();
        } finally {
            giveBack();
        }
    }

    private synchronized void take(String commandType, BooleanSupplier isStopped) {
        long deadline = System.nanoTime() + wait.toNanos();
        try {
            for (int total = total(); taken >= total; total = total()) {
                if (isStopped.getAsBoolean() || System.nanoTime() - deadline >= 0) {
                    throw new KustoException(Errors.commandThrottled(commandType, total, resource.origin()));
                }
                wait(LOOK_MS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new KustoException(Errors.cancelled(), e);
        }
        taken++;
    }

    private synchronized void giveBack() {
        taken--;
        notifyAll();
    }
}
