package io.conshelf.server.management;

import io.conshelf.engine.Engine;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.store.PolicyKind;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// The cluster that runs, as resources change it: by its own commands. Who asks was found to be an administrator.
final class RunningCluster {
    private static final Duration TIMEOUT = Duration.ofMinutes(4);

    private final Engine engine;
    private final InstantSource clock;

    RunningCluster(Engine engine, InstantSource clock) {
        this.engine = engine;
        this.clock = clock;
    }

    List<String> databases() {
        return engine.databases();
    }

    Optional<String> database(String name) {
        return databases().stream().filter(name::equalsIgnoreCase).findFirst();
    }

    Optional<String> policy(String database, PolicyKind kind) {
        return engine.databasePolicy(database, kind);
    }

    void run(String database, String command) throws Refusal {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, database, "management-" + UUID.randomUUID(), UUID.randomUUID(), Map.of(), Map.of(),
                "Microsoft.Kusto", "", clock.instant(), TIMEOUT, false);
        try {
            engine.command(request, command).close();
        } catch (KustoException e) {
            throw new Refusal(e.error().httpStatus() >= 500 ? 500 : 400, "BadRequest", e.getMessage());
        }
    }

    /// A name in a command.
    static String name(String name) {
        return "['" + text(name) + "']";
    }

    /// A literal's content in a command.
    static String text(String text) {
        return text.replace("\\", "\\\\").replace("'", "\\'");
    }
}
