package io.conshelf.cli;

import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/// The cluster that a command's definitions lead to: one by its address, or one that lives as long as the command.
final class ClusterArgument {
    @Option(names = "--cluster", paramLabel = "URL", description = "the cluster in place of every Azure Data Explorer endpoint (default: one that lives as long as the command)")
    private Optional<String> cluster;

    @Option(names = "--config", paramLabel = "FILE", description = "settings as YAML: live, limits, auth, allowedFolders, secrets")
    private Optional<Path> config;

    /// The cluster that is named.
    Optional<URI> named() {
        return cluster.map(URI::create);
    }

    Settings settings() {
        return Settings.read(config);
    }

    @FunctionalInterface
    interface Work<T, E extends Exception> {
        T with(Endpoints endpoints, Settings settings) throws E;
    }

    <T, E extends Exception> T reach(Work<T, E> work) throws E {
        Settings settings = settings();
        if (named().isPresent()) {
            return work.with(Endpoints.replacedBy(named().get(), settings.live()), settings);
        }
        try (Server server = UpCommand.start(settings.apply(ServerConfig.local()))) {
            return work.with(Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), settings.live()), settings);
        }
    }
}
