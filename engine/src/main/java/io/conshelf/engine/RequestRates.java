package io.conshelf.engine;

import io.conshelf.engine.store.RateLimits;
import io.conshelf.engine.store.RateLimits.Concurrency;
import io.conshelf.engine.store.RateLimits.Limit;
import io.conshelf.engine.store.RateLimits.Resource;
import io.conshelf.engine.store.RateLimits.Scope;
import io.conshelf.engine.store.RateLimits.Utilization;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Function;

/// Counts the requests of each workload group, and what they use, and turns away those beyond its limits at once.
final class RequestRates {
    private static final String ORIGIN = "RequestRateLimitPolicy/WorkloadGroup/";
    private static final String ALL = "";
    /// As the service has it: less is not counted.
    private static final Duration CPU_COUNTED = Duration.ofMillis(5);
    private static final long MICROS_PER_SECOND = 1_000_000;
    /// Principals whose use is kept for a limit; when there are more, those go who used nothing lately.
    private static final int PRINCIPALS_KEPT = 10_000;

    private final Function<String, RateLimits> limits;
    private final Map<String, Group> groups = new HashMap<>();

    /// @param limits that hold now, by the group
    RequestRates(Function<String, RateLimits> limits) {
        this.limits = limits;
    }

    /// Who is turned away.
    interface Denial {
        ServiceError of(int capacity, String origin);
    }

    /// The places of a request that is counted.
    Slots counting(String group, Request request, Denial denial, Slots slots) {
        String principal = request.principal().fullyQualifiedName();
        return new Slots() {
            @Override
            public void enter(BooleanSupplier isStopped) {
                RequestRates.this.enter(group, principal, QueryNow.ticks(request.now()), denial);
                try {
                    slots.enter(isStopped);
                } catch (RuntimeException | Error e) {
                    RequestRates.this.leave(group, principal);
                    throw e;
                }
            }

            @Override
            public void leave() {
                slots.leave();
                RequestRates.this.leave(group, principal);
            }
        };
    }

    private synchronized void enter(String group, String principal, long now, Denial denial) {
        groups.computeIfAbsent(group, Group::new).enter(principal, now, denial);
    }

    private synchronized void leave(String group, String principal) {
        groups.get(group).leave(principal);
    }

    /// Counts the processor time of a request that has ended.
    synchronized void used(String group, Request request, Duration elapsed, long cpuMicros) {
        if (cpuMicros > CPU_COUNTED.toNanos() / 1_000) {
            // Not what the request says of the time.
            groups.computeIfAbsent(group, Group::new)
                    .add(Resource.TOTAL_CPU_SECONDS, request.principal().fullyQualifiedName(), QueryNow.ticks(request.now().plus(elapsed)), cpuMicros);
        }
    }

    private static long unit(Resource resource) {
        return switch (resource) {
            case REQUEST_COUNT -> 1;
            case TOTAL_CPU_SECONDS -> MICROS_PER_SECOND;
        };
    }

    /// What is counted of one group.
    private final class Group {
        private final String name;
        private final Map<String, Integer> runningByPrincipal = new HashMap<>();
        private final Map<Utilization, Map<String, SlidingUse>> used = new HashMap<>();
        private RateLimits counted = RateLimits.NONE;
        private int running;

        Group(String name) {
            this.name = name;
        }

        void enter(String principal, long now, Denial denial) {
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

        void leave(String principal) {
            running--;
            runningByPrincipal.computeIfPresent(principal, (_, count) -> count > 1 ? count - 1 : null);
        }

        void add(Resource resource, String principal, long now, long amount) {
            for (Limit limit : current().limits()) {
                if (limit instanceof Utilization quota && quota.resource() == resource) {
                    use(quota, principal, now).add(now, amount);
                }
            }
        }

        // What was counted for limits that are gone is given up.
        private RateLimits current() {
            RateLimits current = limits.apply(name);
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

        private String origin(Scope scope, String principal) {
            return switch (scope) {
                case WORKLOAD_GROUP -> ORIGIN + name;
                case PRINCIPAL -> ORIGIN + name + "/Principal/" + principal;
            };
        }
    }
}
