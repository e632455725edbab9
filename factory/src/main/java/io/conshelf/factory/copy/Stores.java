package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.Located;
import io.conshelf.factory.definition.Parameter;
import io.conshelf.factory.definition.Resource;
import io.conshelf.factory.expression.Scope;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// The datasets and linked services of a factory, opened for one run. Connections are kept until the run has ended.
public final class Stores implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Stores.class);

    private final Factory factory;
    private final Endpoints endpoints;
    private final Map<Connection, KustoCluster> clusters = new HashMap<>();
    private final Set<String> databases = new HashSet<>();

    private record Connection(KustoEndpoint endpoint, KustoCredential credential) {}

    public Stores(Factory factory, Endpoints endpoints) {
        this.factory = factory;
        this.endpoints = endpoints;
    }

    /// A database of a cluster that is there.
    record Database(KustoCluster cluster, String name) {}

    Dataset dataset(Located reference, Scope scope) throws ActivityFailure {
        String name = reference.at("referenceName").text().or(() -> reference.at("name").text()).orElse("");
        Resource resource = Optional.ofNullable(factory.datasets().get(name))
                .orElseThrow(() -> ActivityFailure.user("DatasetNotFound", "There is no dataset '" + name + "'"));
        ObjectNode parameters = parameters(resource, reference.at("parameters"), scope);
        ResourceScope inside = ResourceScope.ofDataset(scope, parameters);
        LinkedService linkedService = linkedService(resource.properties().at("linkedServiceName"), inside);
        return new Dataset(resource.name(), resource.type(), Resolver.resolved(resource.properties().at("typeProperties"), inside), linkedService);
    }

    LinkedService linkedService(Located reference, Scope scope) throws ActivityFailure {
        String name = reference.at("referenceName").text("");
        Resource resource = Optional.ofNullable(factory.linkedServices().get(name))
                .orElseThrow(() -> ActivityFailure.user("LinkedServiceNotFound", "There is no linked service '" + name + "'"));
        ObjectNode parameters = parameters(resource, reference.at("parameters"), scope);
        return new LinkedService(resource.name(), resource.type(),
                Resolver.resolved(resource.properties().at("typeProperties"), ResourceScope.ofLinkedService(scope, parameters)));
    }

    private static ObjectNode parameters(Resource resource, Located given, Scope scope) throws ActivityFailure {
        ObjectNode values = JsonNodeFactory.instance.objectNode();
        for (Parameter parameter : Parameter.readAll(resource.properties().at("parameters"), _ -> {}).values()) {
            Located stated = given.at(parameter.name());
            if (stated.isPresent()) {
                values.set(parameter.name(), Resolver.resolve(stated, scope));
            } else {
                JsonNode otherwise = parameter.value().orElseThrow(() -> ActivityFailure.user("ParameterMissing",
                        "'" + resource.name() + "' needs the parameter '" + parameter.name() + "'"));
                values.set(parameter.name(), Resolver.resolve(
                        new Located(parameter.declaration().file(), parameter.declaration().path() + ".defaultValue", otherwise), scope));
            }
        }
        return values;
    }

    FileStore files(LinkedService service) throws ActivityFailure {
        if (!service.type().equalsIgnoreCase("FileServer")) {
            throw ActivityFailure.user("UnsupportedLinkedService", "Linked service '" + service.name() + "' of type '" + service.type()
                    + "' does not hold files here; supported is FileServer");
        }
        String host = service.properties().at("host").text("");
        if (host.isBlank()) {
            throw ActivityFailure.user("UserErrorInvalidFilePath", "Linked service '" + service.name() + "' has no 'host': the folder its files are in");
        }
        // A relative folder is relative to the factory, so that a factory with sample data can be moved.
        return new LocalFiles(factory.folder().toAbsolutePath().resolve(Path.of(host)));
    }

    Database database(LinkedService service) throws ActivityFailure, StoreException {
        if (!service.type().equalsIgnoreCase("AzureDataExplorer")) {
            throw ActivityFailure.user("UnsupportedLinkedService", "Linked service '" + service.name() + "' of type '" + service.type()
                    + "' is not an Azure Data Explorer cluster");
        }
        String name = service.properties().at("database").text("").strip();
        if (name.isEmpty()) {
            throw ActivityFailure.user("UserErrorKustoDatabaseMissing", "Linked service '" + service.name() + "' names no database");
        }
        KustoEndpoint endpoint = endpoints.resolve(service.properties().at("endpoint").text(""));
        KustoCluster cluster = cluster(new Connection(endpoint, credential(service, endpoint)));
        synchronized (databases) {
            if (databases.add(endpoint.uri() + "/" + name.toLowerCase(Locale.ROOT))) {
                cluster.ensureDatabase(name);
            }
        }
        return new Database(cluster, name);
    }

    private KustoCluster cluster(Connection connection) throws StoreException {
        synchronized (clusters) {
            KustoCluster open = clusters.get(connection);
            if (open == null) {
                open = KustoCluster.connect(connection.endpoint(), connection.credential());
                clusters.put(connection, open);
            }
            return open;
        }
    }

    // Credentials of a definition go to the cluster they are meant for, never to the one on this machine.
    private static KustoCredential credential(LinkedService service, KustoEndpoint endpoint) throws ActivityFailure {
        if (endpoint.isEmbedded() || endpoint.uri().getScheme().equals("http")) {
            return new KustoCredential.None();
        }
        String id = service.properties().at("servicePrincipalId").text("");
        if (id.isBlank()) {
            if (service.properties().at("credential").isPresent()) {
                throw ActivityFailure.user("UnsupportedCredential", "Linked service '" + service.name()
                        + "' uses a credential reference, which is not supported yet; use a service principal or the system-assigned identity");
            }
            return new KustoCredential.ManagedIdentity(Optional.empty());
        }
        return new KustoCredential.ServicePrincipal(id, service.secret("servicePrincipalKey"), service.properties().at("tenant").text(""));
    }

    @Override
    public void close() {
        synchronized (clusters) {
            for (KustoCluster cluster : clusters.values()) {
                try {
                    cluster.close();
                } catch (StoreException failure) {
                    LOG.warn("A connection did not close: {}", failure.getMessage());
                }
            }
            clusters.clear();
        }
    }
}
