package io.conshelf.streams.job;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.streams.job.DatasourceType.Role;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.Setting.Kind;
import io.conshelf.streams.job.Setting.Use;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class StorePlaceTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> PLACE = Set.of("serviceBusNamespace", "eventHubName", "iotHubNamespace", "bootstrapServers", "topicName", "storageAccounts",
            "container", "pathPattern", "dateFormat", "timeFormat", "blobPathPrefix", "broker", "path", "payload", "payloadUri", "cluster", "server", "database",
            "table");
    /// How the same is read and written, and by whom.
    private static final Set<String> OTHER = Set.of("sharedAccessPolicyName", "sharedAccessPolicyKey", "authenticationMode", "consumerGroupName", "endpoint",
            "securityProtocol", "saslMechanism", "username", "password", "user", "clientId", "qos", "version", "tls", "follow", "deliveryMode", "flushImmediately",
            "blobWriteMode", "partitionKey", "propertyColumns", "maxBatchCount", "maxWriterCount");

    private static List<DatasourceType> types() {
        return Datasources.all().stream().filter(type -> type.isBuilt() && type.role() != Role.REFERENCE).toList();
    }

    private static ObjectNode settings(DatasourceType type, String changed) {
        ObjectNode settings = JSON.createObjectNode();
        for (Setting setting : type.settings()) {
            String value = setting.name().equals(changed) ? "two" : "one";
            if (setting.name().equals("storageAccounts")) {
                settings.putArray(setting.name()).addObject().put("accountName", value).put("accountKey", "key of " + value);
            } else if (setting.kind() == Kind.LIST) {
                settings.putArray(setting.name()).add(value);
            } else {
                // what an IoT hub is called where it is not said
                settings.put(setting.name(), setting.name().equals("eventHubName") ? "hub-" + value : value);
            }
        }
        return settings;
    }

    private static String place(DatasourceType type, ObjectNode settings) {
        ObjectNode properties = JSON.createObjectNode();
        properties.putObject("datasource").put("type", type.type()).set("properties", settings);
        return type.role() == Role.OUTPUT ? StorePlace.of(new Output("output", properties)) : StorePlace.of(new Input("input", InputType.STREAM, properties));
    }

    @Test
    void whatLeadsElsewhereAndNothingElseMakesAnotherPlace() {
        for (DatasourceType type : types()) {
            for (Setting setting : type.settings()) {
                boolean isPlace = PLACE.contains(setting.name());
                assertThat(isPlace || OTHER.contains(setting.name()) || setting.use() == Use.NO_EFFECT || setting.use() == Use.REFUSED)
                        .as("it is decided whether %s of %s is part of the place", setting.name(), type.title()).isTrue();
                assertThat(!place(type, settings(type, setting.name())).equals(place(type, settings(type, ""))))
                        .as("%s of %s makes another place", setting.name(), type.title()).isEqualTo(isPlace);
            }
        }
    }

    @Test
    void aSettingThatIsAddedOrLeftOutMakesAnotherPlaceToo() {
        for (DatasourceType type : types()) {
            for (Setting setting : type.settings()) {
                ObjectNode without = settings(type, "");
                without.remove(setting.name());
                assertThat(!place(type, without).equals(place(type, settings(type, "")))).as("%s of %s", setting.name(), type.title())
                        .isEqualTo(PLACE.contains(setting.name()));
            }
        }
    }

    @Test
    void whatASettingIsWhereItIsNotGivenMakesNoOtherPlace() {
        for (DatasourceType type : types()) {
            for (Setting setting : type.settings()) {
                if (!setting.otherwise().isEmpty()) {
                    ObjectNode without = settings(type, "");
                    without.remove(setting.name());
                    assertThat(place(type, settings(type, "").put(setting.name(), setting.otherwise()))).as("%s of %s", setting.name(), type.title())
                            .isEqualTo(place(type, without));
                }
            }
        }
        assertThat(types().stream().flatMap(type -> type.settings().stream()).filter(setting -> !setting.otherwise().isEmpty()).map(Setting::name))
                .contains("dateFormat", "timeFormat");
    }

    @Test
    void noSecretStandsInAPlace() {
        for (DatasourceType type : types()) {
            ObjectNode settings = settings(type, "");
            type.settings().stream().filter(setting -> setting.kind() == Kind.SECRET).forEach(setting -> settings.put(setting.name(), "secret"));
            assertThat(place(type, settings)).doesNotContain("secret").doesNotContain("key of one");
        }
    }

    @Test
    void anAddressIsOnePlaceWithAndWithoutASlashAtItsEnd() {
        DatasourceType kusto = types().stream().filter(type -> type.type().equals(Datasources.KUSTO)).findFirst().orElseThrow();
        assertThat(place(kusto, settings(kusto, "").put("cluster", "https://lab.example/"))).isEqualTo(place(kusto, settings(kusto, "").put("cluster", "https://lab.example")));
    }

    @Test
    void otherSpellingsOfAnAddressMakeNoOtherPlace() {
        same("Event Hub", "serviceBusNamespace", "ns", "ns.servicebus.windows.net", "NS");
        same("IoT Hub", "iotHubNamespace", "hub", "hub.servicebus.windows.net");
        same("SQL Database", "server", "srv", "srv.database.windows.net", "SRV.database.windows.net");
        same("PostgreSQL", "server", "srv", "srv.postgres.database.azure.com");
        same("Kafka", "bootstrapServers", "a:9092,b:9092", "B:9092, a:9092");
        same("MQTT", "broker", "broker:1883", "Broker", "mqtt://broker:1883/");
        same("Azure Data Explorer", "cluster", "lab", "https://lab.kusto.windows.net", "https://LAB.kusto.windows.net/");
        same("Azure Data Explorer", "cluster", "lab.westeurope", "https://lab.westeurope.kusto.windows.net");
        DatasourceType blobs = titled("Blob Storage").getFirst();
        List<String> places = List.of("acc", "https://acc.blob.core.windows.net", "https://acc.blob.core.windows.net/").stream().map(name -> {
            ObjectNode settings = settings(blobs, "");
            settings.putArray("storageAccounts").addObject().put("accountName", name);
            return place(blobs, settings);
        }).toList();
        assertThat(places).containsOnly(places.getFirst());
    }

    @Test
    void theEventHubNameOfAnIotHubIsItsOwnWhereNoneIsGiven() {
        DatasourceType hub = titled("IoT Hub").getFirst();
        ObjectNode without = settings(hub, "").put("iotHubNamespace", "hub.servicebus.windows.net");
        without.remove("eventHubName");
        assertThat(place(hub, without.deepCopy().put("eventHubName", "hub"))).isEqualTo(place(hub, without));
    }

    private static List<DatasourceType> titled(String title) {
        return types().stream().filter(type -> type.title().equals(title)).toList();
    }

    private static void same(String title, String setting, String... spellings) {
        assertThat(titled(title)).isNotEmpty().allSatisfy(type -> assertThat(List.of(spellings).stream().map(value -> place(type, settings(type, "").put(setting, value))).distinct())
                .as("%s of %s", setting, title).hasSize(1));
    }
}
