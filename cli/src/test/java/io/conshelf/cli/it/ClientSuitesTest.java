package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The suites of `it`, one a client: every way into a cluster that it has, over http, over https, and with a name of one's own.
class ClientSuitesTest {
    @TempDir
    private static Path folder;
    private static SecureUp open;
    private static SecureUp signedIn;

    enum Way {
        HTTP, HTTPS, SIGNED_IN;

        String url() {
            return switch (this) {
                case HTTP -> open.up().url();
                case HTTPS -> open.up().secureUrl();
                case SIGNED_IN -> signedIn.up().secureUrl();
            };
        }

        Map<String, String> environment() {
            return switch (this) {
                case HTTP, HTTPS -> open.trust();
                case SIGNED_IN -> signedIn.signingIn();
            };
        }
    }

    @BeforeAll
    static void start() throws Exception {
        open = SecureUp.start(folder.resolve("open"));
        signedIn = SecureUp.start(folder.resolve("signedIn"), "--auth", "entra");
    }

    @AfterAll
    static void stop() {
        open.close();
        signedIn.close();
    }

    @ParameterizedTest
    @EnumSource
    void java(Way way) {
        passes(way, Map.of(), JavaProcess.program(Surroundings.root().resolve("it/java/Clients.java"), List.of(), List.of()).toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource
    void python(Way way) {
        var python = Surroundings.present(Surroundings.root().resolve(".conshelf/python/bin/python"), "Python with the official clients");
        passes(way, Map.of(), python.toString(), Surroundings.root().resolve("it/python/clients.py").toString());
    }

    @ParameterizedTest
    @EnumSource
    void node(Way way) {
        Surroundings.present(Surroundings.root().resolve("it/node/node_modules"), "Node with the official clients");
        passes(way, Map.of(), "node", Surroundings.root().resolve("it/node/clients.mjs").toString());
    }

    @ParameterizedTest
    @EnumSource
    void go(Way way) {
        passes(way, Map.of(), program("go").toString());
    }

    /// It puts `ingest-` before localhost too, so that name has to lead here.
    @ParameterizedTest
    @EnumSource
    void olderGo(Way way) throws IOException {
        SecureUp cluster = way == Way.SIGNED_IN ? signedIn : open;
        try (var hosts = HostsProxy.to(URI.create(cluster.up().secureUrl()).getPort())) {
            passes(way, hosts.environment(), program("go-older").toString());
        }
    }

    static Path program(String name) {
        return Surroundings.present(Surroundings.root().resolve(".conshelf/go/" + name), "Go with the official clients");
    }

    private static void passes(Way way, Map<String, String> more, String... program) {
        var environment = new HashMap<>(way.environment());
        environment.putAll(more);
        environment.put("SAMPLES", Surroundings.samples());
        if (Boolean.getBoolean("conshelf.full")) {
            environment.put("BIG", "5000000");
        }
        var command = new ArrayList<>(List.of(program));
        command.addAll(List.of(way.url(), "Lab"));
        var finished = Surroundings.run(folder, environment, command);
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThat(finished.output()).as("its checks").contains("ok ");
    }
}
