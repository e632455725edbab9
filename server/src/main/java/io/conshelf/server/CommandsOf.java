package io.conshelf.server;

import io.conshelf.engine.Engine;
import io.conshelf.engine.Request;
import java.time.Duration;
import java.util.Map;

/// Commands that a request brings about without being one: they are of who asks, in the journal and in the audit log.
final class CommandsOf {
    private static final Duration TIMEOUT = Duration.ofMinutes(4);

    private final Engine engine;
    private final AuditTrail audit;

    CommandsOf(Engine engine, AuditTrail audit) {
        this.engine = engine;
        this.audit = audit;
    }

    /// @param database in which it is given; empty for what concerns the cluster
    /// @throws io.conshelf.engine.KustoException as the command fails
    void run(Call call, String database, String text) {
        var request = new Request(call.principal(), database, call.clientRequestId(), call.activityId(), Map.of(), Map.of(), call.application().orElse("Conshelf"),
                call.user().orElse(""), call.startedAt(), TIMEOUT, false);
        audit.command(call, database, text, () -> {
            engine.command(request, text).close();
            return text;
        });
    }
}
