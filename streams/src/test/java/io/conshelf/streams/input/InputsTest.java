package io.conshelf.streams.input;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.file.LocalFiles;
import io.conshelf.connectors.format.Compression;
import io.conshelf.connectors.kusto.IdentityEndpoint;
import io.conshelf.streams.format.InputFormat;
import io.conshelf.streams.input.EventInput.Start;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Input;
import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.job.JobDefinition.Ordering;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.JobDefinition.OutputError;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.run.ReadyJob;
import io.conshelf.streams.run.StreamJobs;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Compatibility;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Ticks;
import io.conshelf.streams.value.Value;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What definitions of inputs lead to, and files read once, from any place on.
class InputsTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @TempDir
    Path folder;

    private EventInput input(String type, Map<String, Object> settings) throws InputException {
        return input(type, settings, Surroundings.free(URI.create("http://127.0.0.1:1"), Surroundings.Role.EMBEDDED, List.of(), folder));
    }

    private static EventInput input(String type, Map<String, Object> settings, Surroundings surroundings) throws InputException {
        Map<String, Object> properties = Map.of("datasource", Map.of("type", type, "properties", settings), "serialization", Map.of("type", "Json"));
        JobDefinition job = new JobDefinition("job", "", List.of(), List.of(), List.of(), Policies.DEFAULT);
        return new Inputs(job, surroundings).of(new Input("in", InputType.STREAM, JSON.valueToTree(properties)), List.of());
    }

    private static final class Taken implements EventPartition.Events {
        private final List<String> events = new ArrayList<>();
        private final List<String> errors = new ArrayList<>();

        @Override
        public void event(Value.Record event, long arrivalTicks) {
            events.add(JsonPrint.text(event));
        }

        @Override
        public void broken(DataError error) {
            errors.add(error.type());
        }
    }

    @Test
    void aFolderIsReadInTheOrderOfItsFilesAndGoneOnWithInTheMiddleOfOne() throws Exception {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 2500; i++) {
            many.append("{\"n\":").append(i).append("}\n");
        }
        Files.writeString(folder.resolve("b.json"), many);
        Files.writeString(folder.resolve("a.json"), "[{\"n\":-2},{\"n\":-1}] {\"n\":");
        Files.setLastModifiedTime(folder.resolve("a.json"), java.nio.file.attribute.FileTime.from(Instant.parse("2024-01-01T00:00:00Z")));
        EventInput input = input(Datasources.FILE, Map.of("path", folder.toString()));

        Taken all = read(input.open("0", new Start.Earliest()));
        assertThat(all.events).hasSize(2502).startsWith("{\"n\":-2}", "{\"n\":-1}", "{\"n\":0}").endsWith("{\"n\":2499}");
        assertThat(all.errors).containsExactly("InputDeserializerError.InvalidData");

        Taken begun = new Taken();
        byte[] position;
        try (EventPartition partition = input.open("0", new Start.Earliest())) {
            while (begun.events.size() < 1500) {
                partition.poll(Duration.ZERO, begun);
            }
            position = partition.position();
        }
        Taken rest = read(input.open("0", new Start.At(position)));
        List<String> together = new ArrayList<>(begun.events);
        together.addAll(rest.events);
        assertThat(together).isEqualTo(all.events);
    }

    @Test
    void noMoreOfAFileIsReadThanThereIsRoomFor() throws Exception {
        Files.writeString(folder.resolve("a.json"), "{\"n\":1}{\"n\":2}{\"n\":3}");
        Taken taken = new Taken();
        EventPartition.Events one = new EventPartition.Events() {
            @Override
            public void event(Value.Record event, long arrivalTicks) {
                taken.event(event, arrivalTicks);
            }

            @Override
            public void broken(DataError error) {
                taken.broken(error);
            }

            @Override
            public boolean isFull() {
                return !taken.events.isEmpty();
            }
        };
        EventInput input = input(Datasources.FILE, Map.of("path", folder.toString()));
        byte[] position;
        try (EventPartition partition = input.open("0", new Start.Earliest())) {
            partition.poll(Duration.ZERO, one);
            position = partition.position();
        }
        assertThat(taken.events).containsExactly("{\"n\":1}");
        assertThat(read(input.open("0", new Start.At(position))).events).containsExactly("{\"n\":2}", "{\"n\":3}");
    }

    private static Taken read(EventPartition partition) throws Exception {
        Taken taken = new Taken();
        try (partition) {
            while (!partition.isEnded()) {
                partition.poll(Duration.ZERO, taken);
            }
        }
        return taken;
    }

    @Test
    void aHalfReadFileIsReadOnBeforeAnOlderOneThatCameSince() throws Exception {
        StringBuilder many = new StringBuilder();
        for (int i = 0; i < 2500; i++) {
            many.append("{\"n\":").append(i).append("}\n");
        }
        Files.writeString(folder.resolve("b.json"), many);
        String root = folder.toString();
        InputFormat format = new InputFormat("in", InputFormat.Type.JSON, ',', Compression.NONE, Compatibility.V1_2, InputFormat.askedBy(""), List.of());
        EventInput input = new FilesInput(() -> new LocalFiles(Path.of(root)), new PathPattern("", "", "", PathPattern.Extent.BEGINNING), format,
                FilesInput.Follow.FOR_EVER, FilesInput.Columns.OF_BLOBS);
        Taken taken = new Taken();
        byte[] position;
        try (EventPartition partition = input.open("0", new Start.Earliest())) {
            while (taken.events.isEmpty()) {
                partition.poll(Duration.ZERO, taken);
            }
            position = partition.position();
        }
        assertThat(taken.events).hasSizeLessThan(2500);
        Files.writeString(folder.resolve("a.json"), "{\"older\":1}");
        Files.setLastModifiedTime(folder.resolve("a.json"), java.nio.file.attribute.FileTime.from(Instant.parse("2024-01-01T00:00:00Z")));
        try (EventPartition partition = input.open("0", new Start.At(position))) {
            partition.poll(Duration.ZERO, taken);
            partition.poll(Duration.ZERO, taken);
            position = partition.position();
        }
        try (EventPartition partition = input.open("0", new Start.At(position))) {
            for (int i = 0; i < 10 && taken.events.size() < 2501; i++) {
                partition.poll(Duration.ZERO, taken);
            }
        }
        assertThat(taken.events).map(event -> event.replaceFirst(",\"EventProcessedUtcTime.*", "}")).hasSize(2501).doesNotHaveDuplicates().startsWith("{\"n\":0}").endsWith("{\"n\":2499}", "{\"older\":1}");
    }

    @Test
    void brokenReferenceDataIsToldAndPassedOver() throws Exception {
        InputFormat format = new InputFormat("ref", InputFormat.Type.JSON, ',', Compression.NONE, Compatibility.V1_2, InputFormat.askedBy(""), List.of());
        String root = folder.toString();
        ReferenceInput input = new FilesReference(() -> new LocalFiles(Path.of(root)),
                new PathPattern("{date}/{time}.json", "yyyy-MM-dd", "HH", PathPattern.Extent.WHOLE), format);
        Path day = Files.createDirectory(folder.resolve("2026-01-31"));
        Files.writeString(day.resolve("08.json"), "[{\"n\":8}]");
        Files.writeString(day.resolve("09.json"), "[{\"n\":");
        Files.writeString(day.resolve("10.json"), "[{\"n\":10}]");
        Files.writeString(day.resolve("11.json"), "nothing");
        try (ReferenceInput.Snapshots snapshots = input.open(Long.MAX_VALUE)) {
            assertThat(text(snapshots.first(Ticks.parse("2026-01-31T08:30:00Z")))).isEqualTo("[{\"n\":8}]");
            assertThatThrownBy(snapshots::next).isInstanceOfSatisfying(BrokenSnapshot.class,
                    broken -> assertThat(broken.error().type()).isEqualTo("InputDeserializerError.InvalidData"));
            assertThat(text(snapshots.next().orElseThrow())).isEqualTo("[{\"n\":10}]");
            assertThatThrownBy(snapshots::next).isInstanceOf(BrokenSnapshot.class);
            Files.writeString(day.resolve("11.json"), "[{\"n\":11}]");
            assertThat(text(snapshots.next().orElseThrow())).as("it was written again").isEqualTo("[{\"n\":11}]");
            assertThat(snapshots.next()).isEmpty();
        }
    }

    @Test
    void referenceDataInFilesIsReadAgainByItsTime() throws Exception {
        InputFormat format = new InputFormat("ref", InputFormat.Type.JSON, ',', Compression.NONE, Compatibility.V1_2, InputFormat.askedBy(""), List.of());
        String root = folder.toString();
        ReferenceInput input = new FilesReference(() -> new LocalFiles(Path.of(root)),
                new PathPattern("{date}/{time}.json", "yyyy-MM-dd", "HH", PathPattern.Extent.WHOLE), format);
        assertThat(input.earlier()).isEqualTo(ReferenceInput.Earlier.KEPT);
        Path day = Files.createDirectory(folder.resolve("2026-01-31"));
        for (int hour = 8; hour < 12; hour++) {
            Files.writeString(day.resolve("%02d.json".formatted(hour)), "[{\"n\":" + hour + "}]");
        }
        try (ReferenceInput.Snapshots snapshots = input.open(Long.MAX_VALUE)) {
            assertThat(text(snapshots.first(Ticks.parse("2026-01-31T08:30:00Z")))).isEqualTo("[{\"n\":8}]");
            assertThat(text(snapshots.next().orElseThrow())).isEqualTo("[{\"n\":9}]");
            Files.delete(day.resolve("10.json"));
            assertThatThrownBy(snapshots::next).as("it was there just now").isInstanceOf(InputException.class).hasMessageContaining("10.json");
            Files.writeString(day.resolve("12.json"), "[{\"n\":12}]");
            try (ReferenceInput.Snapshots again = input.open(Long.MAX_VALUE)) {
                for (int hour : new int[] {12, 8, 11, 8}) {
                    assertThat(again.again(Ticks.parse("2026-01-31T%02d:00:00Z".formatted(hour))).map(InputsTest::text)).contains("[{\"n\":" + hour + "}]");
                }
                assertThat(again.again(Ticks.parse("2026-01-31T10:00:00Z"))).as("deleted").isEmpty();
                Files.writeString(day.resolve("08.json"), "[{");
                assertThatThrownBy(() -> again.again(Ticks.parse("2026-01-31T08:00:00Z"))).isInstanceOf(BrokenSnapshot.class);
                Files.delete(day.resolve("08.json"));
                assertThat(again.again(Ticks.parse("2026-01-31T08:00:00Z"))).as("deleted since").isEmpty();
            }
        }
    }

    private static String text(ReferenceInput.Snapshot snapshot) {
        return snapshot.records().stream().map(JsonPrint::text).toList().toString();
    }

    @Test
    void aFollowedFolderGivesFilesAsTheyCome() throws Exception {
        EventInput input = input(Datasources.FILE, Map.of("path", folder.toString(), "follow", true));
        assertThat(input.isBounded()).isFalse();
        Taken taken = new Taken();
        try (EventPartition partition = input.open("0", new Start.Earliest())) {
            partition.poll(Duration.ofMillis(1), taken);
            Files.writeString(folder.resolve("late.json"), "{\"n\":1}");
            Instant end = Instant.now().plusSeconds(60);
            while (taken.events.isEmpty() && Instant.now().isBefore(end)) {
                partition.poll(Duration.ofMillis(1), taken);
            }
            assertThat(taken.events).containsExactly("{\"n\":1}");
            assertThat(partition.isEnded()).isFalse();
        }
    }

    @Test
    void blobsThatAreNotFollowedEndWithWhatIsThere() throws Exception {
        Instant modified = Instant.parse("2024-01-01T00:00:00Z");
        Files.writeString(folder.resolve("b.json"), "{\"n\":1}");
        Files.writeString(folder.resolve("a.json"), "{\"n\":2}");
        Files.setLastModifiedTime(folder.resolve("b.json"), java.nio.file.attribute.FileTime.from(modified));
        InputFormat format = new InputFormat("in", InputFormat.Type.JSON, ',', Compression.NONE, Compatibility.V1_2, InputFormat.askedBy(""), List.of());
        String root = folder.toString();
        EventInput input = new FilesInput(() -> new LocalFiles(Path.of(root)), new PathPattern("", "", "", PathPattern.Extent.BEGINNING), format,
                FilesInput.Follow.TO_THE_END, FilesInput.Columns.OF_BLOBS);
        assertThat(input.isBounded()).isTrue();
        assertThat(input.tellsArrival()).as("what is old is not late").isFalse();
        List<String> events = new ArrayList<>();
        EventPartition.Events taken = new EventPartition.Events() {
            @Override
            public void event(Value.Record event, long arrivalTicks) {
                events.add(JsonPrint.text(event.field("n")) + " of " + JsonPrint.text(event.field("BlobName")) + (arrivalTicks == Ticks.of(modified) ? " then" : ""));
            }

            @Override
            public void broken(DataError error) {
                throw new AssertionError(error.message());
            }
        };
        try (EventPartition partition = input.open("0", new Start.Earliest())) {
            partition.poll(Duration.ZERO, taken);
            Files.writeString(folder.resolve("c.json"), "{\"n\":3}");
            while (!partition.isEnded()) {
                partition.poll(Duration.ZERO, taken);
            }
        }
        assertThat(events).containsExactly("1 of \"b.json\" then", "2 of \"a.json\"");
    }

    @Test
    void whatEndsIsGoneOnWithByTheFilesThatWereThereWhenItBegan() throws Exception {
        Files.writeString(folder.resolve("b.json"), "{\"n\":1}");
        Files.writeString(folder.resolve("c.json"), "{\"n\":2}");
        EventInput input = input(Datasources.FILE, Map.of("path", folder.toString()));
        List<byte[]> positions = new ArrayList<>();
        Taken taken = new Taken();
        try (EventPartition partition = input.open("0", new Start.Earliest())) {
            positions.add(partition.position());
            Files.writeString(folder.resolve("a.json"), "{\"n\":\"it came since\"}");
            Files.setLastModifiedTime(folder.resolve("a.json"), java.nio.file.attribute.FileTime.from(Instant.parse("2024-01-01T00:00:00Z")));
            Files.writeString(folder.resolve("d.json"), "{\"n\":\"so did this\"}");
            while (!partition.isEnded()) {
                partition.poll(Duration.ZERO, taken);
                positions.add(partition.position());
            }
        }
        assertThat(taken.events).containsExactly("{\"n\":1}", "{\"n\":2}");
        assertThat(positions).hasSizeGreaterThanOrEqualTo(3);
        List<List<String>> rests = new ArrayList<>();
        for (byte[] position : positions) {
            // also where what goes on is broken off and gone on with
            byte[] again;
            try (EventPartition partition = input.open("0", new Start.At(position))) {
                again = partition.position();
            }
            rests.add(read(input.open("0", new Start.At(again))).events);
        }
        assertThat(rests.getFirst()).isEqualTo(taken.events);
        assertThat(rests).allSatisfy(rest -> assertThat(taken.events).endsWith(rest.toArray(String[]::new)));
        assertThat(rests.getLast()).isEmpty();
    }

    @Test
    void aFileThatMayStillGrowWaits() throws Exception {
        Files.writeString(folder.resolve("a.json"), "{\"n\":1}");
        Taken taken = new Taken();
        try (EventPartition partition = input(Datasources.FILE, Map.of("path", folder.toString(), "follow", true)).open("0", new Start.Earliest())) {
            partition.poll(Duration.ofMillis(1), taken);
            assertThat(taken.events).isEmpty();
            assertThat(partition.backlog()).isEqualTo(1);
            Files.delete(folder.resolve("a.json"));
            partition.poll(Duration.ofMillis(1), taken);
            assertThat(partition.backlog()).as("it is gone").isZero();
        }
    }

    @Test
    void nobodySignsInInAnotherWayThanTheDefinitionSays() {
        assertThatThrownBy(() -> input(Datasources.EVENT_HUB, Map.of("serviceBusNamespace", "ns", "eventHubName", "hub", "authenticationMode", "Msi")))
                .hasMessageContaining("authenticationMode Msi is not supported for event hubs");
        assertThatThrownBy(() -> input(Datasources.IOT_HUB, Map.of("iotHubNamespace", "ns", "authenticationMode", "Msi")))
                .hasMessageContaining("authenticationMode Msi is not supported");
        assertThatThrownBy(() -> input(Datasources.KAFKA, Map.of("bootstrapServers", "localhost:9092", "topicName", "t", "securityProtocol", "Mtls")))
                .hasMessageContaining("'securityProtocol' is Plaintext, Ssl, SaslPlaintext or SaslSsl, found 'Mtls'");
        assertThatThrownBy(() -> input(Datasources.KAFKA, Map.of("bootstrapServers", "localhost:9092", "topicName", "t", "securityProtocol", "SaslSsl",
                "saslMechanism", "OAuthBearer", "username", "u", "password", "secret"))).hasMessageContaining("found 'OAuthBearer'").hasMessageNotContaining("secret");
    }

    @Test
    void blobsAreOpenedByTheJobsIdentityWhereTheDefinitionSaysSo() throws Exception {
        // storage that takes keys and no identities tells them apart
        Surroundings keyed = Surroundings.within(URI.create("http://127.0.0.1:1"), List.of(), new IdentityEndpoint("http://127.0.0.1:1/", "header"), List.of(folder));
        Map<String, Object> withoutKey = Map.of("storageAccounts", List.of(Map.of("accountName", "account")), "container", "c", "pathPattern", "", "authenticationMode", "Msi");
        assertThatThrownBy(() -> input(Datasources.BLOB, withoutKey, keyed)).hasMessageContaining("'account' of a cluster that asks who one is opens by its key");
        Map<String, Object> withKey = Map.of("storageAccounts", List.of(Map.of("accountName", "account", "accountKey", "a2V5")), "container", "c", "pathPattern", "");
        assertThat(input(Datasources.BLOB, withKey, keyed).isBounded()).isFalse();
        Map<String, Object> ending = new java.util.HashMap<>(withKey);
        ending.put("follow", false);
        assertThat(input(Datasources.BLOB, ending, keyed).isBounded()).isTrue();
    }

    @Test
    void whatIsElsewhereIsNotReachedUnlessItIsNamed() {
        assertThatThrownBy(() -> input(Datasources.EVENT_HUB, Map.of("serviceBusNamespace", "ns", "eventHubName", "hub", "sharedAccessPolicyName", "p",
                "sharedAccessPolicyKey", "secret"))).hasMessageContaining("'ns.servicebus.windows.net' is not this machine; list it under 'live'");
        assertThatThrownBy(() -> input(Datasources.KAFKA, Map.of("bootstrapServers", "localhost:9092,example.org:9092", "topicName", "t")))
                .hasMessageContaining("'example.org' is not this machine");
        assertThatThrownBy(() -> input(Datasources.MQTT, Map.of("broker", "example.org:1883", "topicName", "t")))
                .hasMessageContaining("'example.org' is not this machine");
    }

    @Test
    void theProducersTimeOfAMessageIsBelievedAsFarAsItCanBeTrue() {
        long now = 1_715_000_000_000L;
        assertThat(KafkaInput.arrival(now - 5_000, now)).isEqualTo(Ticks.ofEpochMillis(now - 5_000));
        assertThat(KafkaInput.arrival(0, now)).isEqualTo(Ticks.UNIX_EPOCH);
        for (long other : new long[] {now + 1, Long.MAX_VALUE, -1, Long.MIN_VALUE}) {
            assertThat(KafkaInput.arrival(other, now)).as("%d", other).isEqualTo(Ticks.ofEpochMillis(now));
        }
    }

    @Test
    void substreamsOfAFollowedFolderAreRefusedWhereTheyShareATime() throws Exception {
        String refused = "input 'i': TIMESTAMP BY … OVER needs events that have an arrival, which those of a followed folder have not (line 2, column %d)";
        String one = "SELECT\nk INTO o FROM i TIMESTAMP BY t OVER k";
        String met = "WITH u AS (SELECT k\nFROM i TIMESTAMP BY t OVER k UNION SELECT k FROM i TIMESTAMP BY t OVER k) SELECT * INTO o FROM u";
        String joined = "SELECT i.k INTO o\nFROM i TIMESTAMP BY t OVER k JOIN r ON i.k = r.k";
        for (Optional<Duration> lateMax : List.of(Optional.<Duration>empty(), Optional.of(Duration.ofSeconds(5)))) {
            assertThat(obstacles(one, lateMax)).as("each key goes by its own events, late by %s", lateMax).isEmpty();
            assertThat(obstacles(met, lateMax)).as("late by %s", lateMax).containsExactly(refused.formatted(6));
            assertThat(obstacles(joined, lateMax)).as("late by %s", lateMax).containsExactly(refused.formatted(6));
        }
    }

    private List<String> obstacles(String query, Optional<Duration> lateMax) throws Exception {
        Map<String, Object> properties = Map.of("datasource", Map.of("type", Datasources.FILE, "properties", Map.of("path", folder.toString(), "follow", true)),
                "serialization", Map.of("type", "Json"));
        Map<String, Object> reference = Map.of("datasource", Map.of("type", Datasources.FILE, "properties", Map.of("path", folder.resolve("r.json").toString())),
                "serialization", Map.of("type", "Json"));
        JobDefinition job = new JobDefinition("job", query, List.of(new Input("i", InputType.STREAM, JSON.valueToTree(properties)),
                new Input("r", InputType.REFERENCE, JSON.valueToTree(reference))),
                List.of(Output.console("o")), List.of(), new Policies(lateMax, Duration.ZERO, Ordering.ADJUST, OutputError.STOP, "1.2", "en-US", 1));
        List<String> obstacles = new ArrayList<>();
        StreamJobs.bind("job", ReadyJob.of(job), Surroundings.free(URI.create("http://127.0.0.1:1"), Surroundings.Role.EMBEDDED, List.of(), folder), obstacles);
        return obstacles;
    }

    @Test
    void secretsDoNotShowInText() throws Exception {
        assertThat(input(Datasources.KAFKA, Map.of("bootstrapServers", "localhost:9092", "topicName", "t", "securityProtocol", "SaslSsl", "username", "u",
                "password", "secret")).toString()).doesNotContain("secret");
        assertThat(input(Datasources.MQTT, Map.of("broker", "localhost", "topicName", "t", "username", "u", "password", "secret")).toString())
                .doesNotContain("secret");
        assertThat(input(Datasources.RAW, Map.of("payload", "secret")).toString()).doesNotContain("secret");
    }

    @Test
    void aBrokerIsNamedByHostAndPortOrByItsUrl() throws Exception {
        assertThat(broker("localhost").toString()).isEqualTo(broker("mqtt://localhost:1883").toString()).contains("port=1883", "tls=Off");
        assertThat(broker("127.0.0.1:2883").toString()).isEqualTo(broker("tcp://127.0.0.1:2883/").toString()).contains("host=127.0.0.1", "port=2883");
        assertThat(broker("mqtts://localhost").toString()).contains("port=8883", "tls=On");
        assertThatThrownBy(() -> broker("mqtt://elsewhere.example:1883")).hasMessageContaining("'elsewhere.example' is not this machine");
    }

    private EventInput broker(String address) throws InputException {
        return input(Datasources.MQTT, Map.of("broker", address, "topicName", "t"));
    }

    @Test
    void pathsOfBlobsNameTheirTime() {
        PathPattern pattern = new PathPattern("logs/{date}/{time}/x", "yyyy-MM-dd", "HH", PathPattern.Extent.BEGINNING);
        assertThat(pattern.prefix()).isEqualTo("logs/");
        var path = pattern.paths().matcher("logs/2026-01-31/08/x.json");
        assertThat(path.matches()).isTrue();
        assertThat(pattern.time(path)).contains(Instant.parse("2026-01-31T08:00:00Z"));
        assertThat(pattern.paths().matcher("logs/2026-01/08/x.json").matches()).isFalse();
    }
}
