package io.conshelf.cli.it;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;

/// A cluster that anybody may use, with the database 'Lab', for all tests of a class.
record ExplorerLab(Server server, Endpoints endpoints, KustoCluster cluster) implements AutoCloseable {
    static ExplorerLab start() throws StoreException {
        Server server = Server.start(ServerConfig.local().withDatabases(List.of("Lab")));
        Endpoints endpoints = Endpoints.embedded(URI.create("http://127.0.0.1:" + server.port()), List.of());
        return new ExplorerLab(server, endpoints, KustoCluster.connect(endpoints.resolve(ExplorerTables.ADDRESS), new KustoCredential.None()));
    }

    /// @param folder of the pipeline
    ExplorerTables tables(Path folder) {
        return new ExplorerTables(cluster, endpoints, new KustoCredential.None(), folder);
    }

    @Override
    public void close() throws StoreException {
        cluster.close();
        server.close();
    }
}
