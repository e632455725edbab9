package io.conshelf.engine;

import io.conshelf.engine.store.RateLimits;
import io.conshelf.engine.store.RateLimits.Limit;
import io.conshelf.engine.store.WorkloadGroups;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Counts the requests of the workload group that all are of, and turns away those beyond its limits at once.
final class RequestRates {
    private static final String ORIGIN = "RequestRateLimitPolicy/WorkloadGroup/" + WorkloadGroups.DEFAULT;

    private final Supplier<RateLimits> limits;
    private final Map<String, Integer> runningByPrincipal = new HashMap<>();
    private int running;

    /// @param limits that hold now
    RequestRates(Supplier<RateLimits> limits) {
        this.limits = limits;
    }

    /// Who is turned away.
    interface Denial {
        ServiceError of(int capacity, String origin);
    }

    /// The places of a request that is counted.
    Slots counting(String principal, Denial denial, Slots slots) {
        return new Slots() {
            @Override
            public void enter(BooleanSupplier isStopped) {
                RequestRates.this.enter(principal, denial);
                try {
                    slots.enter(isStopped);
                } catch (RuntimeException | Error e) {
                    RequestRates.this.leave(principal);
                    throw e;
                }
            }

            @Override
            public void leave() {
                slots.leave();
                RequestRates.this.leave(principal);
            }
        };
    }

    private synchronized void enter(String principal, Denial denial) {
        int own = runningByPrincipal.getOrDefault(principal, 0);
        for (Limit limit : limits.get().limits()) {
            switch (limit.scope()) {
                case WORKLOAD_GROUP -> require(running < limit.concurrentMax(), denial, limit, ORIGIN);
                case PRINCIPAL -> require(own < limit.concurrentMax(), denial, limit, ORIGIN + "/Principal/" + principal);
            }
        }
        running++;
        runningByPrincipal.put(principal, own + 1);
    }

    private static void require(boolean isWithin, Denial denial, Limit limit, String origin) {
        if (!isWithin) {
            throw new KustoException(denial.of(limit.concurrentMax(), origin));
        }
    }

    private synchronized void leave(String principal) {
        running--;
        runningByPrincipal.computeIfPresent(principal, (_, count) -> count > 1 ? count - 1 : null);
    }
}
