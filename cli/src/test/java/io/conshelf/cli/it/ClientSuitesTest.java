package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The suites of `it`, one a client: every way into a cluster that it has, over http, over https, and with a name of one's own. Whole on `localhost`; there and
/// back once on `127.0.0.1` and on another name of the cluster, and with a token over http.
class ClientSuitesTest {
    private static final String NAME = "lab.example";

    @TempDir
    private static Path folder;
    private static SecureUp open;
    private static SecureUp signedIn;
    private static String token;
    private static Path hosts;

    enum Way {
        HTTP, HTTPS, SIGNED_IN;

        SecureUp cluster() {
            return switch (this) {
                case HTTP, HTTPS -> open;
                case SIGNED_IN -> signedIn;
            };
        }

        String url() {
            return switch (this) {
                case HTTP -> open.up().url();
                case HTTPS, SIGNED_IN -> cluster().up().secureUrl();
            };
        }

        List<String> otherUrls() {
            var others = new ArrayList<>(Stream.of("127.0.0.1", NAME).map(host -> url().replace("localhost", host)).toList());
            if (this == SIGNED_IN) {
                others.add(signedIn.up().url().replace("localhost", "127.0.0.1"));
            }
            return others;
        }

        Map<String, String> environment() {
            var environment = new HashMap<>(this == SIGNED_IN ? signedIn.signingIn() : open.trust());
            if (this == SIGNED_IN) {
                environment.put("TOKEN", token);
            }
            return environment;
        }
    }

    @BeforeAll
    static void start() throws Exception {
        open = SecureUp.start(folder.resolve("open"), "--host-name", NAME);
        signedIn = SecureUp.start(folder.resolve("signedIn"), "--auth", "entra", "--host-name", NAME);
        token = new Administrator(signedIn.up().url(), signedIn.administrator()).token("https://kusto.kusto.windows.net");
        hosts = Files.writeString(folder.resolve("hosts"), "127.0.0.1 localhost " + NAME + " ingest-" + NAME + " " + InetAddress.getLocalHost().getHostName() + "\n");
    }

    @AfterAll
    static void stop() {
        open.close();
        signedIn.close();
    }

    @ParameterizedTest
    @EnumSource
    void java(Way way) throws IOException {
        passes(way, JavaProcess.program(Surroundings.root().resolve("it/java/Clients.java"), List.of("-Djdk.net.hosts.file=" + hosts), List.of()).toArray(String[]::new));
    }

    @ParameterizedTest
    @EnumSource
    void python(Way way) throws IOException {
        var python = Surroundings.present(Surroundings.root().resolve(".conshelf/python/bin/python"), "Python with the official clients");
        passes(way, python.toString(), Surroundings.root().resolve("it/python/clients.py").toString());
    }

    @ParameterizedTest
    @EnumSource
    void node(Way way) throws IOException {
        Surroundings.present(Surroundings.root().resolve("it/node/node_modules"), "Node with the official clients");
        passes(way, "node", Surroundings.root().resolve("it/node/clients.mjs").toString());
    }

    @ParameterizedTest
    @EnumSource
    void go(Way way) throws IOException {
        passes(way, program("go").toString());
    }

    /// It puts `ingest-` before localhost too, so that name has to lead here.
    @ParameterizedTest
    @EnumSource
    void olderGo(Way way) throws IOException {
        passes(way, program("go-older").toString());
    }

    static Path program(String name) {
        return Surroundings.present(Surroundings.root().resolve(".conshelf/go/" + name), "Go with the official clients");
    }

    private static void passes(Way way, String... program) throws IOException {
        try (var names = HostsProxy.to(way.cluster().up())) {
            passes(way, names, program);
        }
    }

    private static void passes(Way way, HostsProxy names, String... program) {
        var environment = new HashMap<>(way.environment());
        environment.putAll(names.environment());
        environment.put("SAMPLES", Surroundings.samples());
        if (Boolean.getBoolean("conshelf.full")) {
            environment.put("BIG", "5000000");
        }
        var command = new ArrayList<>(List.of(program));
        command.addAll(List.of(way.url(), "Lab"));
        command.addAll(way.otherUrls());
        var finished = Surroundings.run(folder, environment, command);
        assertThat(finished.exitCode()).as(finished.output()).isZero();
        assertThat(finished.output()).as("its checks").contains("ok ").contains(way.otherUrls());
    }
}
