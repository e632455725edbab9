package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.engine.external.Postgres;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.FactorySpecs;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Data Factory pipelines between a PostgreSQL of their own and the embedded cluster: `sql.spec`. Every test has a schema of its own, `$DB`.
class SqlPipelineTest {
    private static Server server;
    private static Postgres postgres;

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() throws Exception {
        assumeTrue(Postgres.isInstalled(), "PostgreSQL is not installed");
        postgres = Postgres.start();
        server = Server.start(ServerConfig.local());
    }

    @AfterAll
    static void stop() throws Exception {
        if (server != null) {
            server.close();
        }
        if (postgres != null) {
            postgres.close();
        }
    }

    @AfterEach
    void nothingIsLeftRunning() throws Exception {
        assertThat(postgres.rows("SELECT query FROM pg_stat_activity WHERE application_name = 'conshelf' AND state = 'active'")).isEmpty();
    }

    @TestFactory
    Stream<DynamicTest> specs() {
        Endpoints endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
        return new FactorySpecs(temporary, factory -> new FactoryRunner(factory, endpoints, _ -> {}))
                .with("$PORT", Integer.toString(postgres.port())).tests(SqlPipelineTest.class, "sql.spec");
    }
}
