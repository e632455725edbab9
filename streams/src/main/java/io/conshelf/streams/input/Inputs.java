package io.conshelf.streams.input;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.azure.AzureIdentity;
import io.conshelf.connectors.blob.BlobAccess;
import io.conshelf.connectors.blob.BlobAccount;
import io.conshelf.connectors.blob.BlobWriting;
import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.connectors.kafka.KafkaServer;
import io.conshelf.connectors.mqtt.MqttBroker;
import io.conshelf.connectors.mqtt.MqttMessage.Quality;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.input.FilesInput.Columns;
import io.conshelf.streams.input.FilesInput.Follow;
import io.conshelf.streams.input.FilesInput.StoreRecipe;
import io.conshelf.streams.input.PathPattern.Extent;
import io.conshelf.streams.job.BrokerAddress;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.StorePlace;
import io.conshelf.streams.plan.Step.DeclaredColumn;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Compatibility;
import java.io.Serializable;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// Makes of a stream input's definition what a job reads. Nothing is reached before it is opened.
public final class Inputs {
    private final JobDefinition job;
    private final Surroundings surroundings;

    public Inputs(JobDefinition job, Surroundings surroundings) {
        this.job = job;
        this.surroundings = surroundings;
    }

    /// @param columns what CREATE TABLE says of it
    /// @throws InputException where it may not be reached, or is not built
    public EventInput of(Input input, List<DeclaredColumn> columns) throws InputException {
        InputFormat format = InputFormat.of(input.name(), input.properties(), level(), InputFormat.askedBy(job.query()), columns);
        JsonNode settings = input.settings();
        try {
            return switch (input.datasource()) {
                case Datasources.EVENT_HUB, Datasources.EVENT_HUB_V2 -> new KafkaInput(hub(input, settings, "serviceBusNamespace"),
                        text(settings, "eventHubName"), group(settings), partitionKey(input), format, KafkaInput.Kind.EVENT_HUB);
                case Datasources.IOT_HUB -> new KafkaInput(hub(input, settings, "iotHubNamespace"),
                        text(settings, "eventHubName", StorePlace.hubName(text(settings, "iotHubNamespace"))), group(settings), partitionKey(input), format,
                        KafkaInput.Kind.IOT_HUB);
                case Datasources.KAFKA -> new KafkaInput(kafka(input, settings), text(settings, "topicName"), group(settings), partitionKey(input), format,
                        KafkaInput.Kind.EVENT_HUB);
                case Datasources.MQTT -> mqtt(input, settings, format);
                case Datasources.FILE -> files(input, format);
                case Datasources.BLOB -> new FilesInput(container(settings, surroundings), pattern(settings, ""), format, follow(input), Columns.OF_BLOBS);
                case Datasources.RAW -> raw(input, settings, format);
                default -> throw new InputException("input '" + input.name() + "': events of '" + input.datasource() + "' are not read");
            };
        } catch (StoreException e) {
            throw new InputException("input '" + input.name() + "': " + e.getMessage(), e);
        }
    }

    private Compatibility level() {
        return Compatibility.of(job.policies().compatibility()).orElse(Compatibility.V1_2);
    }

    private KafkaServer hub(Input input, JsonNode settings, String property) throws InputException {
        String namespace = text(settings, property);
        if (namespace.contains(":")) {
            return KafkaServer.open(reachable(input, namespace), KafkaServer.Protocol.PLAINTEXT);
        }
        if (isIdentity(settings)) {
            throw new InputException("input '%s': authenticationMode Msi is not supported for event hubs and IoT hubs; ".formatted(input.name())
                    + "ConnectionString is, with an access policy and its key");
        }
        String host = namespace.contains(".") ? namespace : namespace + ".servicebus.windows.net";
        return KafkaServer.eventHubs(reachable(input, host), text(settings, "sharedAccessPolicyName"), text(settings, "sharedAccessPolicyKey"));
    }

    private KafkaServer kafka(Input input, JsonNode settings) throws InputException, StoreException {
        String bootstrap = text(settings, "bootstrapServers");
        for (String server : bootstrap.split(",")) {
            reachable(input, server.strip());
        }
        return kafka(bootstrap, settings);
    }

    /// Brokers by the settings that inputs and outputs have alike.
    ///
    /// @throws StoreException where they would be reached in another way than the settings say
    public static KafkaServer kafka(String bootstrap, JsonNode settings) throws StoreException {
        String stated = text(settings, "securityProtocol", "Plaintext");
        KafkaServer.Protocol protocol = KafkaServer.Protocol.named(stated)
                .orElseThrow(() -> unusable("'securityProtocol' is Plaintext, Ssl, SaslPlaintext or SaslSsl, found '" + stated + "'"));
        String user = text(settings, "username");
        if (protocol.isSignedIn() == user.isEmpty()) {
            throw unusable(user.isEmpty() ? "'securityProtocol' is " + stated + ", and nobody signs in: 'username' is missing"
                    : "'username' is given, and with 'securityProtocol' " + stated + " nobody signs in; SaslSsl and SaslPlaintext do");
        }
        if (user.isEmpty()) {
            return KafkaServer.open(bootstrap, protocol);
        }
        String how = text(settings, "saslMechanism", "Plain");
        KafkaServer.Mechanism mechanism = KafkaServer.Mechanism.named(how)
                .orElseThrow(() -> unusable("'saslMechanism' is Plain, ScramSha256 or ScramSha512, found '" + how + "'"));
        return KafkaServer.signedIn(bootstrap, protocol, mechanism, user, text(settings, "password"));
    }

    private static StoreException unusable(String message) {
        return StoreException.user("KafkaSettingInvalid", message);
    }

    private EventInput mqtt(Input input, JsonNode settings, InputFormat format) throws InputException {
        BrokerAddress address = BrokerAddress.of(text(settings, "broker"), settings.path("tls").asBoolean())
                .orElseThrow(() -> new InputException("input '%s': '%s' is no address of a broker".formatted(input.name(), text(settings, "broker"))));
        MqttBroker broker = MqttBroker.open(reachable(input, address.host()), address.port());
        if (text(settings, "version").startsWith("3")) {
            broker = broker.with(MqttBroker.Version.V3_1_1);
        }
        if (address.isEncrypted()) {
            broker = broker.with(new MqttBroker.Tls.On("", MqttBroker.Certificate.NONE));
        }
        if (!text(settings, "username").isEmpty()) {
            broker = broker.with(new MqttBroker.Login(text(settings, "username"), text(settings, "password")));
        }
        Quality quality = switch (settings.path("qos").asInt(1)) {
            case 0 -> Quality.AT_MOST_ONCE;
            case 1 -> Quality.AT_LEAST_ONCE;
            case 2 -> Quality.EXACTLY_ONCE;
            default -> throw new InputException("input '%s': 'qos' is 0, 1 or 2, found %s".formatted(input.name(), settings.path("qos")));
        };
        return new MqttInput(broker, text(settings, "clientId"), text(settings, "topicName"), quality, format);
    }

    private static Follow follow(Input input) {
        return input.ends() ? Follow.TO_THE_END : Follow.FOR_EVER;
    }

    private EventInput files(Input input, InputFormat format) throws StoreException {
        Path path = surroundings.folders().resolve(surroundings.base(), text(input.settings(), "path"));
        boolean isFolder = Files.isDirectory(path);
        Follow follow = isFolder ? follow(input) : Follow.TO_THE_END;
        String root = (isFolder ? path : path.getParent()).toString();
        return new FilesInput(() -> new LocalFiles(Path.of(root)), isFolder ? new PathPattern("", "", "", Extent.BEGINNING)
                : new PathPattern(path.getFileName().toString(), "", "", Extent.WHOLE), format, follow, Columns.NONE);
    }

    private EventInput raw(Input input, JsonNode settings, InputFormat format) throws InputException {
        if (text(settings, "payload").isEmpty()) {
            throw new InputException("input '" + input.name() + "': 'payload' is missing; 'payloadUri' is read in tests of queries alone");
        }
        return new RawInput(text(settings, "payload"), format);
    }

    static PathPattern pattern(JsonNode settings, String under) {
        String path = text(settings, "pathPattern");
        return new PathPattern(under.isEmpty() ? path : path.isEmpty() ? under : path + '/' + under, text(settings, "dateFormat"), text(settings, "timeFormat"),
                Extent.BEGINNING);
    }

    /// A container of blobs, as inputs and reference data name it.
    static StoreRecipe container(JsonNode settings, Surroundings surroundings) throws StoreException {
        JsonNode account = settings.path("storageAccounts").path(0);
        String name = text(account, "accountName");
        String key = text(account, "accountKey");
        String container = text(settings, "container");
        String stated = name.contains("://") ? name : "https://" + name + ".blob.core.windows.net";
        boolean isIdentity = key.isEmpty() && isIdentity(settings);
        Account open = () -> BlobAccount.of(stated, isIdentity ? new BlobAccess.Identity(new AzureIdentity.ManagedIdentity(surroundings.clientId()))
                : new BlobAccess.AccountKey(key), surroundings.endpoints(), surroundings.door());
        // whether it may be reached is told before the job starts
        open.account();
        return () -> open.account().container(container, BlobWriting.STANDARD);
    }

    /// It travels with the job.
    @FunctionalInterface
    private interface Account extends Serializable {
        BlobAccount account() throws StoreException;
    }

    /// Whether the job's identity signs in.
    static boolean isIdentity(JsonNode settings) {
        return text(settings, "authenticationMode").equalsIgnoreCase("Msi");
    }

    /// The address, if its host may be reached.
    private String reachable(Input input, String address) throws InputException {
        String host = address.replaceFirst(":\\d+$", "");
        if (!surroundings.endpoints().allows(host)) {
            throw new InputException("input '%s': '%s' is not this machine; list it under 'live' in the file given with --config to reach it".formatted(
                    input.name(), host));
        }
        return address;
    }

    private static List<String> partitionKey(Input input) {
        return Stream.of(text(input.properties(), "partitionKey")).filter(name -> !name.isBlank()).map(String::strip).toList();
    }

    private static String group(JsonNode settings) {
        return text(settings, "consumerGroupName");
    }

    static String text(JsonNode settings, String name) {
        return settings.path(name).asText("");
    }

    private static String text(JsonNode settings, String name, String otherwise) {
        String text = text(settings, name);
        return text.isEmpty() ? otherwise : text;
    }
}
