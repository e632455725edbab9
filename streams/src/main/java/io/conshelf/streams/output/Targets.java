package io.conshelf.streams.output;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.blob.BlobAccess;
import io.conshelf.connectors.blob.BlobAccount;
import io.conshelf.connectors.blob.BlobFiles;
import io.conshelf.connectors.blob.BlobWriting;
import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.connectors.kafka.KafkaServer;
import io.conshelf.connectors.sql.SqlDialect;
import io.conshelf.connectors.sql.SqlLogin;
import io.conshelf.connectors.sql.SqlServers;
import io.conshelf.connectors.sql.SqlTarget;
import io.conshelf.streams.format.OutputFormat;
import io.conshelf.streams.input.Inputs;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.output.FilesTarget.Lasting;
import io.conshelf.streams.output.kusto.KustoTarget;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Compatibility;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// Opens what an output's definition names. Nothing is reached before it is checked or written.
public final class Targets {
    private static final int BATCH = 10_000;

    private final Output output;
    private final JobDefinition job;
    private final Surroundings surroundings;
    private final JsonNode settings;

    private Targets(Output output, JobDefinition job, Surroundings surroundings) {
        this.output = output;
        this.job = job;
        this.surroundings = surroundings;
        this.settings = output.settings();
    }

    public static EventTarget of(Output output, JobDefinition job, Surroundings surroundings) {
        try {
            return new Targets(output, job, surroundings).target();
        } catch (OutputException wrong) {
            return new Unusable(wrong);
        }
    }

    private EventTarget target() throws OutputException {
        return switch (output.datasource()) {
            case Datasources.KUSTO -> KustoTarget.of(output, surroundings);
            case Datasources.CONSOLE -> new ConsoleTarget(output.name(), System.out);
            case Datasources.FILE -> files();
            case Datasources.BLOB -> blobs();
            case Datasources.EVENT_HUB, Datasources.EVENT_HUB_V2 -> messages(hub(), text("eventHubName"));
            case Datasources.KAFKA -> messages(kafka(), text("topicName"));
            case Datasources.SQL -> database(SqlDialect.SQL_SERVER, ".database.windows.net");
            case Datasources.POSTGRES -> database(SqlDialect.POSTGRESQL, ".postgres.database.azure.com");
            default -> throw new OutputException("'" + output.datasource() + "' is not written");
        };
    }

    private String text(String name) {
        return settings.path(name).asText("");
    }

    private String text(String name, String otherwise) {
        return text(name).isBlank() ? otherwise : text(name);
    }

    private OutputFormat format() {
        return OutputFormat.of(output.properties());
    }

    private EventTarget files() throws OutputException {
        OutputFormat format = format();
        String path = text("path");
        boolean isFile = text("pathPattern").isEmpty() && path.toLowerCase(Locale.ROOT).endsWith("." + format.extension());
        if (isFile && format.type() != OutputFormat.Type.JSON_LINES) {
            // Rows that come after a restart could not be added to it.
            throw new OutputException("'" + path + "' is one file, which only JSON lines can go on with; name a folder");
        }
        String name = isFile ? String.valueOf(Path.of(path).getFileName()) : "";
        PathTemplate template = path(isFile ? name : text("pathPattern"));
        Place<LocalFiles> store = () -> {
            Path resolved = surroundings.folders().resolve(surroundings.base(), path);
            return new LocalFiles(isFile ? resolved.getParent() : resolved);
        };
        if (format.isCompleteAtItsEnd()) {
            return new WholeFiles(() -> opened(store), template, format, Batching.limits(output.properties()), job.policies().outputError(), Clock.systemUTC());
        }
        return batched(new FilesTarget(() -> opened(store), template, format, isFile ? Lasting.SINGLE : Lasting.GROWING), template);
    }

    /// @param <S> what holds files
    private interface Place<S> {
        S open() throws StoreException;
    }

    private static <S> S opened(Place<S> place) throws OutputException {
        try {
            return place.open();
        } catch (StoreException refused) {
            throw new OutputException(refused.getMessage(), refused);
        }
    }

    private EventTarget batched(EventTarget files, PathTemplate template) {
        return Batching.isStated(output.properties()) ? new BatchedRows(files, template, Batching.limits(output.properties()), job.policies().outputError(), Clock.systemUTC()) : files;
    }

    private PathTemplate path(String pattern) throws OutputException {
        return new PathTemplate(pattern, text("dateFormat", "yyyy/MM/dd"), text("timeFormat", "HH"));
    }

    private EventTarget blobs() throws OutputException {
        JsonNode account = settings.path("storageAccounts").path(0);
        String name = account.path("accountName").asText("");
        String stated = name.contains("://") ? name : "https://" + name + ".blob.core.windows.net";
        String key = account.path("accountKey").asText("");
        BlobAccess access = key.isEmpty() && text("authenticationMode").equalsIgnoreCase("Msi")
                ? new BlobAccess.Identity(new AzureIdentity.ManagedIdentity(surroundings.clientId())) : new BlobAccess.AccountKey(key);
        String prefix = text("blobPathPrefix");
        PathTemplate template = path(prefix.isEmpty() ? text("pathPattern") : prefix + "/" + text("pathPattern"));
        Place<BlobFiles> store = () -> BlobAccount.of(stated, access, surroundings.endpoints(), surroundings.door()).container(text("container"), BlobWriting.STANDARD);
        if (text("blobWriteMode").equalsIgnoreCase("Once")) {
            return new WholeFiles(() -> opened(store), template, format(), new Batching.WholeHours(), job.policies().outputError(), Clock.systemUTC());
        }
        if (format().isCompleteAtItsEnd()) {
            return new WholeFiles(() -> opened(store), template, format(), Batching.limits(output.properties()), job.policies().outputError(), Clock.systemUTC());
        }
        return batched(new FilesTarget(() -> opened(store), template, format(), Lasting.GROWING), template);
    }

    private EventTarget messages(KafkaServer server, String topic) {
        List<String> properties = new ArrayList<>();
        settings.path("propertyColumns").forEach(column -> properties.add(column.asText()));
        return new MessagesTarget(server, topic, format(), Optional.of(text("partitionKey")).filter(name -> !name.isBlank()), properties);
    }

    private KafkaServer hub() throws OutputException {
        String namespace = text("serviceBusNamespace");
        if (namespace.contains(":")) {
            return KafkaServer.open(reachable(namespace), KafkaServer.Protocol.PLAINTEXT);
        }
        if (text("authenticationMode").equalsIgnoreCase("Msi")) {
            throw new OutputException("authenticationMode Msi is not supported for event hubs; ConnectionString is, with an access policy and its key");
        }
        return KafkaServer.eventHubs(reachable(namespace.contains(".") ? namespace : namespace + ".servicebus.windows.net"),
                text("sharedAccessPolicyName"), text("sharedAccessPolicyKey"));
    }

    private KafkaServer kafka() throws OutputException {
        String bootstrap = text("bootstrapServers");
        for (String one : bootstrap.split(",")) {
            reachable(one.strip());
        }
        try {
            return Inputs.kafka(bootstrap, settings);
        } catch (StoreException refused) {
            throw new OutputException(refused.getMessage(), refused);
        }
    }

    /// The address, if its host may be reached.
    private String reachable(String address) throws OutputException {
        String host = address.replaceFirst(":\\d+$", "");
        if (!surroundings.endpoints().allows(host)) {
            throw new OutputException("'" + host + "' is not this machine; list it under 'live' in the file given with --config to reach it");
        }
        return address;
    }

    private EventTarget database(SqlDialect dialect, String domain) {
        String server = text("server");
        String host = server.replaceFirst("[,:]\\d+$", "");
        boolean isName = !host.contains(".") && !host.equalsIgnoreCase("localhost");
        Map<String, String> connection = new LinkedHashMap<>(Map.of("server", isName ? server + domain : server, "database", text("database")));
        boolean isSignedInByIdentity = text("authenticationMode").equalsIgnoreCase("Msi");
        if (!isSignedInByIdentity) {
            connection.put("username", text("user"));
            connection.put("password", text("password"));
        }
        Optional<SqlLogin> login = isSignedInByIdentity
                ? Optional.of(new SqlLogin.Token(text("user"), new AzureIdentity.ManagedIdentity(surroundings.clientId()))) : Optional.empty();
        int batch = settings.path("maxBatchCount").asInt(BATCH);
        return new DatabaseTarget(new SqlServers(surroundings.endpoints()::allows), new DatabaseTarget.Settings(
                () -> SqlTarget.read(dialect, "", connection, login), text("table"), batch, job.policies().outputError(),
                Compatibility.of(job.policies().compatibility()).orElse(Compatibility.V1_2)));
    }

    /// An output that cannot be used as it is defined: it says so whenever it is asked to.
    private record Unusable(OutputException why) implements EventTarget {
        @Override
        public List<String> check(List<String> columns) throws OutputException {
            throw why;
        }

        @Override
        public Writer open(String writer) throws OutputException {
            throw why;
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
