package io.conshelf.cli.it;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.factory.FactoryRunner;
import io.conshelf.factory.FactorySpecs;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Data Factory pipelines over the embedded cluster: `pipelines.spec`, and `articles.spec` with the definitions that articles print. The cluster lives as long as the class, so every test has a database of its
/// own: `$DB` in its files.
class FactoryPipelineTest {
    private static Server server;

    @TempDir
    Path temporary;

    @BeforeAll
    static void start() {
        server = Server.start(ServerConfig.local());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @TestFactory
    Stream<DynamicTest> specs() {
        Endpoints endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
        FactorySpecs specs = new FactorySpecs(temporary, factory -> new FactoryRunner(factory, endpoints, _ -> {}));
        // The formats once more, with the libraries that are shipped together.
        return Stream.concat(Stream.of("pipelines.spec", "articles.spec").flatMap(file -> specs.tests(FactoryPipelineTest.class, file)),
                specs.tests(FactorySpecs.class, "copy.spec"));
    }
}
