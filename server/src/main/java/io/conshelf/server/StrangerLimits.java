package io.conshelf.server;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/// How often those may ask who are not known: requests to sign in, and those whose token is none, by the address that they come from.
final class StrangerLimits {
    /// Of an address of IPv6, what one customer of a network has for all of their machines.
    private static final int GROUPS_OF_A_NETWORK = 4;

    private final Allowances byNetwork;

    /// @param nanos a clock that only goes on
    StrangerLimits(int perMinuteMax, LongSupplier nanos) {
        this.byNetwork = new Allowances(perMinuteMax, nanos);
    }

    /// @param address as [java.net.InetAddress#getHostAddress] has it
    /// @param again   is told when to ask again, before it is refused
    /// @throws io.conshelf.engine.KustoException 429 when the address has asked too often
    void ask(String address, Consumer<Duration> again) {
        refusal(address).ifPresent(wait -> {
            again.accept(wait);
            throw Refusals.tooManyOfAddress(address, byNetwork.perMinuteMax());
        });
    }

    /// As [#ask].
    ///
    /// @return when to ask again, where the address has asked too often
    Optional<Duration> refusal(String address) {
        return byNetwork.take(network(address));
    }

    /// What is one client as far as an address tells.
    static String network(String address) {
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
