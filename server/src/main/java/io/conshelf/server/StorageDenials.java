package io.conshelf.server;

import io.conshelf.server.storage.StorageRoutes;
import java.time.Duration;
import java.util.Optional;

/// Who is refused by the storage endpoints is a stranger there: that is written down, and happens so often in a minute.
record StorageDenials(AuditTrail audit, StrangerLimits strangers) implements StorageRoutes.Denials {
    @Override
    public Optional<Duration> denied(String what, String from, int status, String code, String reason, String requestId) {
        audit.deniedOfStorage(what, from, status, code, reason, requestId);
        return strangers.refusal(from);
    }

    @Override
    public String client(String from) {
        return StrangerLimits.network(from);
    }
}
