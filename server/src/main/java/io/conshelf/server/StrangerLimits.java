package io.conshelf.server;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// How often those may ask who are not known: requests to sign in, and those whose token is none, by the address that they come from.
final class StrangerLimits {
    /// Addresses that asked for nothing lately are forgotten when there are more; where there are too many all the same, the newest share one allowance.
    static final int ADDRESSES_KEPT = 10_000;
    private static final String OTHERS = "";
    /// Of an address of IPv6, what one customer of a network has for all of their machines.
    private static final int GROUPS_OF_A_NETWORK = 4;

    private final int perMinuteMax;
    private final LongSupplier nanos;
    private final Map<String, Allowance> byAddress = new HashMap<>();

    /// @param nanos a clock that only goes on
    StrangerLimits(int perMinuteMax, LongSupplier nanos) {
        this.perMinuteMax = perMinuteMax;
        this.nanos = nanos;
    }

    /// @param address as [java.net.InetAddress#getHostAddress] has it
    /// @param again   is told when to ask again, before it is refused
    /// @throws io.conshelf.engine.KustoException 429 when the address has asked too often
    void ask(String address, Consumer<Duration> again) {
        synchronized (byAddress) {
            long now = nanos.getAsLong();
            var allowance = allowance(network(address), now);
            if (!allowance.take(now)) {
                again.accept(allowance.untilOneIsLeft());
                throw Refusals.tooManyOfAddress(address, perMinuteMax);
            }
        }
    }

    private Allowance allowance(String network, long now) {
        if (byAddress.size() >= ADDRESSES_KEPT && !byAddress.containsKey(network)) {
            byAddress.values().removeIf(allowance -> allowance.isWhole(now));
        }
        String key = byAddress.size() < ADDRESSES_KEPT || byAddress.containsKey(network) ? network : OTHERS;
        return byAddress.computeIfAbsent(key, _ -> new Allowance(perMinuteMax, now));
    }

    private static String network(String address) {
        if (address.indexOf(':') < 0) {
            return address;
        }
        int end = -1;
        for (int group = 0; group < GROUPS_OF_A_NETWORK && end < address.length(); group++) {
            int next = address.indexOf(':', end + 1);
            end = next < 0 ? address.length() : next;
        }
        return address.substring(0, end);
    }
}
