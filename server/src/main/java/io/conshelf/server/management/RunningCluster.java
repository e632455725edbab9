package io.conshelf.server.management;

import io.conshelf.engine.Engine;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.PolicyKind;
import io.conshelf.server.management.KustoManagement.Asked;
import java.util.List;
import java.util.Optional;

/// The cluster that runs, as resources change it: by its own commands, which are of who asks.
final class RunningCluster {
    private final Engine engine;

    RunningCluster(Engine engine) {
        this.engine = engine;
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

    static void run(Asked asked, String database, String command) throws Refusal {
        try {
            asked.commands().run(database, command);
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
