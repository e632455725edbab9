package io.conshelf.factory;

import io.conshelf.connectors.kusto.Endpoints;
import java.net.URI;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/// Definitions that reach no cluster: the `*.spec` files beside this class.
class DefinitionSpecTest {
    // Port 9 answers to nobody.
    private static final Endpoints NOWHERE = Endpoints.embedded(URI.create("http://127.0.0.1:9"), List.of());

    @TempDir
    Path temporary;

    @TestFactory
    Stream<DynamicTest> specs() {
        var specs = new FactorySpecs(
                temporary, factory -> new FactoryRunner(factory, NOWHERE, _ -> {}).on(Clock.systemUTC(), _ -> {}));
        return Stream.of("control.spec", "variables.spec", "validation.spec", "copy.spec", "files.spec", "whole.spec", "rules.spec")
                .flatMap(file -> specs.tests(DefinitionSpecTest.class, file));
    }
}
