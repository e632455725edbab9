package io.conshelf.factory.copy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.blob.BlobAccount;
import io.conshelf.connectors.definition.Located;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.connectors.sql.SqlDatabase;
import io.conshelf.connectors.sql.SqlServers;
import io.conshelf.connectors.vault.GivenSecrets;
import io.conshelf.connectors.vault.KeyVault;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.definition.Factory;
import io.conshelf.factory.definition.Parameter;
import io.conshelf.factory.definition.Resource;
import io.conshelf.factory.expression.Scope;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
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
    private final FolderAccess folders;
    private final Map<Connection, KustoCluster> clusters = new HashMap<>();
    private final Map<KustoEndpoint, Boolean> asking = new HashMap<>();
    private final Set<String> databases = new HashSet<>();
    private final SqlServers sqlServers;
    private final GivenSecrets secrets;
    private final Map<String, KeyVault> vaults = new HashMap<>();
    private final Set<String> opening = new HashSet<>();
    private final List<AutoCloseable> opened = new ArrayList<>();

    private record Connection(KustoEndpoint endpoint, KustoCredential credential) {}

    /// @param folders what of this machine's files may be reached
    /// @param secrets what vaults are not asked for
    public Stores(Factory factory, Endpoints endpoints, FolderAccess folders, GivenSecrets secrets) {
        this.factory = factory;
        this.endpoints = endpoints;
        this.folders = folders;
        this.sqlServers = new SqlServers(endpoints::allows);
        this.secrets = secrets;
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
        return EarlierFiles.today(new Dataset(resource.name(), resource.type(), Resolver.resolved(resource.properties().at("typeProperties"), inside),
                linkedService));
    }

    LinkedService linkedService(Located reference, Scope scope) throws ActivityFailure {
        String name = reference.at("referenceName").text("");
        Resource resource = Optional.ofNullable(factory.linkedServices().get(name))
                .orElseThrow(() -> ActivityFailure.user("LinkedServiceNotFound", "There is no linked service '" + name + "'"));
        ObjectNode parameters = parameters(resource, reference.at("parameters"), scope);
        return new LinkedService(resource.name(), resource.type(),
                Resolver.resolved(resource.properties().at("typeProperties"), ResourceScope.ofLinkedService(scope, parameters)),
                value -> secret(value, scope));
    }

    private String secret(Located value, Scope scope) throws ActivityFailure, StoreException {
        if (!value.at("type").text("").equalsIgnoreCase("AzureKeyVaultSecret")) {
            return value.text().or(() -> value.at("value").text()).orElse("");
        }
        LinkedService service = linkedService(value.at("store"), scope);
        if (!service.type().equalsIgnoreCase("AzureKeyVault")) {
            throw ActivityFailure.user("UnsupportedLinkedService", "Linked service '" + service.name() + "' of type '" + service.type() + "' is no vault");
        }
        Optional<String> version = value.at("secretVersion").text().filter(text -> !text.isBlank());
        return vault(service).secret(value.at("secretName").text("").strip(), version);
    }

    private KeyVault vault(LinkedService service) throws ActivityFailure, StoreException {
        String url = service.properties().at("baseUrl").text("");
        synchronized (vaults) {
            KeyVault open = vaults.get(url);
            if (open == null) {
                if (!opening.add(url)) {
                    throw ActivityFailure.user("UnsupportedCredential", "The key that opens the vault of '" + service.name() + "' is in that vault itself");
                }
                try {
                    open = KeyVault.<ActivityFailure>open(url, endpoints, secrets, () -> identity(service));
                } finally {
                    opening.remove(url);
                }
                vaults.put(url, open);
            }
            return open;
        }
    }

    /// Whom a linked service speaks as where it asks for tokens.
    AzureIdentity identity(LinkedService service) throws ActivityFailure, StoreException {
        return new Identities(factory).of(service);
    }

    /// Closes a store when the run has ended.
    <T extends AutoCloseable> T closing(T store) {
        synchronized (opened) {
            opened.add(store);
        }
        return store;
    }

    Endpoints endpoints() {
        return endpoints;
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

    /// Whether a request to this host may be made.
    public boolean allows(String host) {
        return endpoints.allows(host);
    }

    /// Text that may be a secret, in the definition or in a vault; "" where it says nothing.
    public String secretText(Located value, Scope scope) throws ActivityFailure {
        try {
            return secret(value, scope);
        } catch (StoreException failure) {
            throw Failures.web(failure);
        }
    }

    /// A token for a web service, of the factory's identity, of a credential, or of the service principal in an authentication.
    public String token(Located authentication, Scope scope) throws ActivityFailure {
        try {
            AzureIdentity identity = switch (authentication.at("type").text("").toLowerCase(Locale.ROOT)) {
                case "serviceprincipal" -> new AzureIdentity.ServicePrincipal(authentication.at("servicePrincipalId").text("").strip(),
                        secret(authentication.at("password"), scope), authentication.at("userTenant").text("").strip(),
                        AzureIdentity.authority("").orElseThrow());
                case "userassignedmanagedidentity" ->
                        new Identities(factory).credential(authentication.at("credential").at("referenceName").text(""), value -> secret(value, scope));
                default -> new AzureIdentity.ManagedIdentity(Optional.empty());
            };
            return identity.token(authentication.at("resource").text(""));
        } catch (StoreException failure) {
            throw Failures.web(failure);
        }
    }

    /// Datasets as a web service is told of them.
    public JsonNode describeDatasets(Located references, Scope scope) throws ActivityFailure {
        ArrayNode described = JsonNodeFactory.instance.arrayNode();
        for (Located reference : references.items()) {
            Dataset dataset = dataset(reference, scope);
            described.add(described(dataset.name(), dataset.type(), dataset.properties()));
        }
        return described;
    }

    /// Linked services as a web service is told of them: without their secrets.
    public JsonNode describeLinkedServices(Located references, Scope scope) throws ActivityFailure {
        ArrayNode described = JsonNodeFactory.instance.arrayNode();
        for (Located reference : references.items()) {
            LinkedService service = linkedService(reference, scope);
            described.add(described(service.name(), service.type(), service.properties()));
        }
        return described;
    }

    private static ObjectNode described(String name, String type, Located properties) {
        ObjectNode described = JsonNodeFactory.instance.objectNode().put("name", name);
        ObjectNode typeProperties = described.putObject("properties").put("type", type).putObject("typeProperties");
        for (Map.Entry<String, Located> property : properties.properties()) {
            boolean isSecret = property.getValue().at("type").text("").equalsIgnoreCase("SecureString")
                    || property.getKey().toLowerCase(Locale.ROOT).matches(".*(connectionstring|password|key|secret|token|sasuri|credential).*");
            if (!isSecret) {
                typeProperties.set(property.getKey(), property.getValue().value());
            }
        }
        return described;
    }

    /// A folder of this machine, if it may be reached. A relative one starts at the factory's.
    Path folder(String stated) throws StoreException {
        return folders.resolve(factory.folder(), stated);
    }

    /// Opens the store of a file dataset.
    ///
    /// @param settings the `storeSettings` of the source or sink; may be absent
    FileStore files(Dataset dataset, Located settings) throws ActivityFailure, StoreException {
        return fileStore(dataset.linkedService()).opener().open(this, dataset.linkedService(), dataset.properties().at("location"), settings);
    }

    /// A place for logs or staged files, as settings name it: a linked service and a path, which begins with the container where there is one.
    FilePlace place(Located linkedService, Located path, Scope scope) throws ActivityFailure, StoreException {
        LinkedService service = linkedService(linkedService, scope);
        FileStoreType type = fileStore(service);
        String folder = path.text("").replace('\\', '/').replaceAll("^/+|/+$", "");
        ObjectNode location = JsonNodeFactory.instance.objectNode().put("type", type.location().type());
        if (type.container().isPresent()) {
            int slash = folder.indexOf('/');
            location.put(type.container().get(), slash < 0 ? folder : folder.substring(0, slash));
            folder = slash < 0 ? "" : folder.substring(slash + 1);
        }
        location.put("folderPath", folder);
        Located stated = new Located(path.file(), path.path(), location);
        return new FilePlace(type.opener().open(this, service, stated, stated.at("storeSettings")), folder);
    }

    /// A folder of a store.
    record FilePlace(FileStore store, String folder) {}

    private static FileStoreType fileStore(LinkedService service) throws ActivityFailure {
        return Catalogue.fileStore(service.type()).orElseThrow(() -> ActivityFailure.user("UnsupportedLinkedService", "Linked service '"
                + service.name() + "' of type '" + service.type() + "' does not hold files"));
    }

    /// The cluster of a linked service, whether its database is there or not.
    KustoCluster cluster(LinkedService service) throws ActivityFailure, StoreException {
        if (!Catalogue.isAmong(RowStores.CLUSTER.linkedServices(), service.type())) {
            throw ActivityFailure.user("UnsupportedLinkedService", "Linked service '" + service.name() + "' of type '" + service.type()
                    + "' is not an Azure Data Explorer cluster");
        }
        KustoEndpoint endpoint = endpoints.resolve(service.properties().at("endpoint").text(""));
        return cluster(new Connection(endpoint, credential(service, endpoint)));
    }

    Database database(LinkedService service) throws ActivityFailure, StoreException {
        KustoCluster cluster = cluster(service);
        String name = service.properties().at("database").text("").strip();
        if (name.isEmpty()) {
            throw ActivityFailure.user("UserErrorKustoDatabaseMissing", "Linked service '" + service.name() + "' names no database");
        }
        synchronized (databases) {
            if (databases.add(cluster.endpoint().uri() + "/" + name.toLowerCase(Locale.ROOT))) {
                cluster.ensureDatabase(name);
            }
        }
        return new Database(cluster, name);
    }

    /// The database of a SQL store. It is not reached yet.
    SqlDatabase sql(LinkedService service) throws ActivityFailure, StoreException {
        return sqlServers.database(SqlStores.target(this, service));
    }

    /// How the embedded storage takes those who come in place of a real account.
    BlobAccount.Door door() throws StoreException {
        Optional<URI> home = endpoints.home();
        return home.isPresent() && asksWhoOneIs(endpoints.resolve(home.get().toString())) ? BlobAccount.Door.KEYED : BlobAccount.Door.OPEN;
    }

    private boolean asksWhoOneIs(KustoEndpoint endpoint) throws StoreException {
        synchronized (clusters) {
            Boolean known = asking.get(endpoint);
            if (known == null) {
                known = KustoCluster.asksWhoOneIs(endpoint);
                asking.put(endpoint, known);
            }
            return known;
        }
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

    // Not even looked for where nobody asks: a folder from git has no secrets. Never sent in the clear beyond this machine.
    private KustoCredential credential(LinkedService service, KustoEndpoint endpoint) throws ActivityFailure, StoreException {
        if (endpoint.uri().getScheme().equals("http") && !endpoint.isLoopback() || !asksWhoOneIs(endpoint)) {
            return new KustoCredential.None();
        }
        return KustoCredential.of(identity(service));
    }

    @Override
    public void close() {
        sqlServers.close();
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
        synchronized (opened) {
            for (AutoCloseable store : opened) {
                try {
                    store.close();
                } catch (Exception failure) {
                    LOG.warn("A store did not close: {}", failure.getMessage());
                }
            }
            opened.clear();
        }
    }
}
