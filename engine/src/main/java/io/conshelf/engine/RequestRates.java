package io.conshelf.engine;

import io.conshelf.engine.store.RateLimits;
import io.conshelf.engine.store.RateLimits.Concurrency;
import io.conshelf.engine.store.RateLimits.Limit;
import io.conshelf.engine.store.RateLimits.Resource;
import io.conshelf.engine.store.RateLimits.Scope;
import io.conshelf.engine.store.RateLimits.Utilization;
import io.conshelf.engine.store.WorkloadGroups;
import io.conshelf.kql.value.Ticks;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Counts the requests of the workload group that all are of, and what they use, and turns away those beyond its limits at once.
final class RequestRates {
    private static final String ORIGIN = "RequestRateLimitPolicy/WorkloadGroup/" + WorkloadGroups.DEFAULT;
    private static final String ALL = "";
    /// As the service has it: less is not counted.
    private static final Duration CPU_COUNTED = Duration.ofMillis(5);
    private static final long MICROS_PER_SECOND = 1_000_000;
    /// Principals whose use is kept for a limit; when there are more, those go who used nothing lately.
    private static final int PRINCIPALS_KEPT = 10_000;

    private final Supplier<RateLimits> limits;
    private final Map<String, Integer> runningByPrincipal = new HashMap<>();
    private final Map<Utilization, Map<String, SlidingUse>> used = new HashMap<>();
    private RateLimits counted = RateLimits.NONE;
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
    Slots counting(Request request, Denial denial, Slots slots) {
        String principal = request.principal().fullyQualifiedName();
        return new Slots() {
            @Override
            public void enter(BooleanSupplier isStopped) {
                RequestRates.this.enter(principal, ticks(request.now()), denial);
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

    private synchronized void enter(String principal, long now, Denial denial) {
        int own = runningByPrincipal.getOrDefault(principal, 0);
        RateLimits current = current();
        for (Limit limit : current.limits()) {
            switch (limit) {
                case Concurrency(Scope scope, int most) -> {
                    if ((scope == Scope.PRINCIPAL ? own : running) >= most) {
                        throw new KustoException(denial.of(most, origin(scope, principal)));
                    }
                }
                case Utilization quota -> {
                    if (use(quota, principal, now).within(now) >= quota.max() * unit(quota.resource())) {
                        throw new KustoException(Errors.quotaExceeded(quota, origin(quota.scope(), principal)));
                    }
                }
            }
        }
        add(Resource.REQUEST_COUNT, principal, now, 1);
        running++;
        runningByPrincipal.put(principal, own + 1);
    }

    /// Counts the processor time of a request that has ended.
    synchronized void used(Request request, Duration elapsed, long cpuMicros) {
        if (cpuMicros > CPU_COUNTED.toNanos() / 1_000) {
            add(Resource.TOTAL_CPU_SECONDS, request.principal().fullyQualifiedName(),
                    ticks(request.now().plus(elapsed)), cpuMicros);
        }
    }

    // Not what a request says of the time.
    private static long ticks(Instant instant) {
        return Ticks.UNIX_EPOCH + instant.getEpochSecond() * Ticks.SECOND + instant.getNano() / 100;
    }

    private void add(Resource resource, String principal, long now, long amount) {
        for (Limit limit : current().limits()) {
            if (limit instanceof Utilization quota && quota.resource() == resource) {
                use(quota, principal, now).add(now, amount);
            }
        }
    }

    // What was counted for limits that are gone is given up.
    private RateLimits current() {
        RateLimits current = limits.get();
        if (!current.equals(counted)) {
            used.keySet().retainAll(current.limits());
            counted = current;
        }
        return current;
    }

    private SlidingUse use(Utilization quota, String principal, long now) {
        var users = used.computeIfAbsent(quota, _ -> new HashMap<>());
        if (users.size() >= PRINCIPALS_KEPT) {
            users.values().removeIf(use -> use.within(now) == 0);
        }
        return users.computeIfAbsent(quota.scope() == Scope.PRINCIPAL ? principal : ALL, _ -> new SlidingUse(quota.windowTicks()));
    }

    private static long unit(Resource resource) {
        return switch (resource) {
            case REQUEST_COUNT -> 1;
            case TOTAL_CPU_SECONDS -> MICROS_PER_SECOND;
        };
    }

    private static String origin(Scope scope, String principal) {
        return switch (scope) {
            case WORKLOAD_GROUP -> ORIGIN;
            case PRINCIPAL -> ORIGIN + "/Principal/" + principal;
        };
    }

    private synchronized void leave(String principal) {
        running--;
        runningByPrincipal.computeIfPresent(principal, (_, count) -> count > 1 ? count - 1 : null);
    }
}
