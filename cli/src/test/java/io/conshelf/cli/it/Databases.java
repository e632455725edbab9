package io.conshelf.cli.it;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.engine.external.Postgres;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.IOException;
import java.net.URI;
import java.util.List;

/// A PostgreSQL and an embedded cluster of a test's own. The test is left out where there is no PostgreSQL.
record Databases(Postgres postgres, Server server) implements AutoCloseable {
    static void needPostgres() {
        if (!Postgres.isInstalled()) {
            Surroundings.notRun("PostgreSQL");
        }
    }

    static Databases start() throws IOException {
        needPostgres();
        Postgres postgres = Postgres.start();
        try {
            return new Databases(postgres, Server.start(ServerConfig.local()));
        } catch (RuntimeException | Error failure) {
            postgres.close();
            throw failure;
        }
    }

    Endpoints endpoints() {
        return Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
    }

    @Override
    public void close() throws IOException {
        try (postgres) {
            server.close();
        }
    }
}
