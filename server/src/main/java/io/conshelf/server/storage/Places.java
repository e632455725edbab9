package io.conshelf.server.storage;

import java.util.HashMap;
import java.util.Map;

/// Requests that are answered at once: so many in all, and half as many of one client, so that none of them takes the places of all others.
final class Places {
    private final int max;
    private final int ofClientMax;
    private final Map<String, Integer> byClient = new HashMap<>();
    private int taken;

    Places(int max) {
        this.max = max;
        this.ofClientMax = max - max / 2;
    }

    /// Takes a place, where there is one for this client.
    synchronized boolean enter(String client) {
        int own = byClient.getOrDefault(client, 0);
        if (taken >= max || own >= ofClientMax) {
            return false;
        }
        taken++;
        byClient.put(client, own + 1);
        return true;
    }

    synchronized void leave(String client) {
        taken--;
        byClient.computeIfPresent(client, (_, own) -> own == 1 ? null : own - 1);
    }
}
