package io.conshelf.processor.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.connectors.definition.InvalidDefinitionException;
import io.conshelf.processor.dataset.Dataset.Lookup;
import io.conshelf.processor.dataset.Dataset.Nearest;
import io.conshelf.processor.definition.DatasetDefinition;
import io.conshelf.processor.definition.Definitions;
import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetTest {
    private static final Instant NOON = Instant.parse("2024-03-05T12:00:00Z");
    private static final String EQUIPMENT = """
            {"timestamp": ".installed", "ttl": "12h", "keys": {"name": {"path": ".name", "primaryKey": true}, "place": {"path": ".place"}}}""";

    @TempDir
    private Path folder;

    private static DatasetDefinition definition(String json) throws InvalidDefinitionException {
        return Definitions.read("things.json", json).datasets().getFirst();
    }

    private static Value json(String text) throws IOException {
        return JsonText.read(text.replace('\'', '"'));
    }

    private static void add(Dataset dataset, long number, Instant arrived, String... records) throws IOException {
        List<Value> values = new ArrayList<>();
        for (String record : records) {
            values.add(json(record));
        }
        dataset.add("test", number, values, arrived);
    }

    private static String found(Dataset dataset, Instant now, Map<String, String> keys, Nearest... nearest) {
        return String.join(" ", dataset.find(new Lookup(keys, List.of(nearest), 100), now).stream().map(JsonText::write).toList());
    }

    @Test
    void aWriterThatIsInterruptedTakesTheDatasetFromNobody() throws Exception {
        try (ReferenceData data = ReferenceData.open(folder)) {
            Dataset dataset = data.define(definition(EQUIPMENT));
            Thread.currentThread().interrupt();
            try {
                add(dataset, 1, NOON, "{'name':'Oven','place':'A'}");
            } finally {
                assertThat(Thread.interrupted()).isTrue();
            }
            add(dataset, 2, NOON, "{'name':'Mixer','place':'A'}");
        }
        try (ReferenceData data = ReferenceData.open(folder)) {
            Dataset dataset = data.define(definition(EQUIPMENT));
            assertThat(found(dataset, NOON, Map.of("place", "A"))).contains("Oven", "Mixer");
        }
    }

    @Test
    void aRecordReplacesTheOneWithItsPrimaryKey() throws Exception {
        try (ReferenceData data = ReferenceData.inMemory()) {
            Dataset dataset = data.define(definition(EQUIPMENT));
            add(dataset, 1, NOON, "{'name':'Oven','place':'A'}", "{'name':'Mixer','place':'A'}", "{'place':'A'}", "{'place':'A'}");
            add(dataset, 2, NOON, "{'name':'Oven','place':'B'}");
            assertThat(found(dataset, NOON, Map.of("name", "Oven"))).isEqualTo("{\"name\":\"Oven\",\"place\":\"B\"}");
            assertThat(found(dataset, NOON, Map.of("name", "oven"))).isEmpty();
            assertThat(found(dataset, NOON, Map.of("place", "A"))).isEqualTo("{\"name\":\"Mixer\",\"place\":\"A\"} {\"place\":\"A\"} {\"place\":\"A\"}");
            assertThat(found(dataset, NOON, Map.of("place", "A", "name", "Oven"))).isEmpty();
            assertThat(found(dataset, NOON, Map.of("colour", "red"))).isEmpty();
        }
    }

    @Test
    void numbersAreKeysByTheirText() throws Exception {
        try (ReferenceData data = ReferenceData.inMemory()) {
            Dataset dataset = data.define(definition(EQUIPMENT));
            add(dataset, 1, NOON, "{'name':3,'v':1}", "{'name':'','v':2}", "{'name':null,'v':3}");
            assertThat(found(dataset, NOON, Map.of("name", "3"))).isEqualTo("{\"name\":3,\"v\":1}");
            assertThat(found(dataset, NOON, Map.of("name", ""))).isEqualTo("{\"name\":\"\",\"v\":2}");
            assertThat(found(dataset, NOON, Map.of("name", "null"))).isEmpty();
        }
    }

    @Test
    void theNearestRecordIsFoundAmongThoseWithTheKey() throws Exception {
        try (ReferenceData data = ReferenceData.inMemory()) {
            Dataset dataset = data.define(definition("""
                    {"timestamp": ".t", "keys": {"place": {"path": ".place"}}}"""));
            add(dataset, 1, NOON, "{'place':'A','t':'2024-01-03T00:00:00Z','v':1}", "{'place':'A','t':'2024-01-01','v':2}", "{'place':'B','t':1704153600,'v':3}",
                    "{'place':'A','t':1704240000000,'v':4}", "{'place':'A','v':5}");
            Instant second = Instant.parse("2024-01-02T00:00:00Z");
            assertThat(found(dataset, NOON, Map.of(), new Nearest.Past(second))).contains("\"v\":3");
            assertThat(found(dataset, NOON, Map.of(), new Nearest.Future(second))).contains("\"v\":1");
            assertThat(found(dataset, NOON, Map.of("place", "A"), new Nearest.Past(second))).contains("\"v\":2");
            assertThat(found(dataset, NOON, Map.of("place", "B"), new Nearest.Future(second))).isEmpty();
            // without a time of its own a record has that of its arrival
            assertThat(found(dataset, NOON, Map.of("place", "A"), new Nearest.Past(NOON))).contains("\"v\":5");
            assertThat(found(dataset, NOON, Map.of(), new Nearest.Past(Instant.parse("2023-12-31T23:59:59Z")))).isEmpty();
        }
    }

    @Test
    void recordsExpire() throws Exception {
        try (ReferenceData data = ReferenceData.inMemory()) {
            Dataset dataset = data.define(definition(EQUIPMENT));
            add(dataset, 1, NOON, "{'name':'Oven'}");
            add(dataset, 2, NOON.plusSeconds(3_600), "{'name':'Mixer'}");
            assertThat(dataset.all(NOON.plusSeconds(12 * 3_600))).hasSize(2);
            assertThat(dataset.all(NOON.plusSeconds(12 * 3_600 + 1))).hasSize(1);
            add(dataset, 3, NOON.plusSeconds(24 * 3_600), "{'name':'Slicer'}");
            assertThat(dataset.size()).isEqualTo(1);
        }
    }

    @Test
    void aBatchIsAddedOnceAlsoAfterARestart() throws Exception {
        try (ReferenceData data = ReferenceData.open(folder)) {
            add(data.define(definition(EQUIPMENT)), 1, NOON, "{'name':'Oven','v':9007199254740993}");
            assertThatThrownBy(() -> ReferenceData.open(folder)).isInstanceOf(IOException.class).hasMessageContaining("in use");
        }
        try (ReferenceData data = ReferenceData.open(folder)) {
            Dataset dataset = data.define(definition(EQUIPMENT));
            add(dataset, 1, NOON, "{'name':'Mixer'}");
            assertThat(found(dataset, NOON, Map.of())).isEqualTo("{\"name\":\"Oven\",\"v\":9007199254740993}");
            add(dataset, 2, NOON, "{'name':'Mixer'}");
            assertThat(dataset.size()).isEqualTo(2);
            data.remove("things");
            assertThat(data.find("things")).isEmpty();
            assertThat(data.define(definition(EQUIPMENT)).size()).isZero();
        }
    }

    @Test
    void whatACrashLeftHalfWrittenIsTakenAway() throws Exception {
        try (ReferenceData data = ReferenceData.open(folder)) {
            add(data.define(definition(EQUIPMENT)), 1, NOON, "{'name':'Oven'}");
        }
        Path file = folder.resolve("things.records");
        long whole = Files.size(file);
        byte[] bytes = Files.readAllBytes(file);
        for (int torn = 1; torn < bytes.length - 4; torn++) {
            // a second batch of which only the first bytes are there
            Files.write(file, bytes);
            Files.write(file, java.util.Arrays.copyOfRange(bytes, 4, 4 + torn), StandardOpenOption.APPEND);
            try (ReferenceData data = ReferenceData.open(folder)) {
                Dataset dataset = data.define(definition(EQUIPMENT));
                assertThat(dataset.size()).as("after %d bytes", torn).isEqualTo(1);
                assertThat(Files.size(file)).isEqualTo(whole);
            }
        }
        try (ReferenceData data = ReferenceData.open(folder)) {
            Dataset dataset = data.define(definition(EQUIPMENT));
            add(dataset, 2, NOON, "{'name':'Mixer'}");
        }
        try (ReferenceData data = ReferenceData.open(folder)) {
            assertThat(data.define(definition(EQUIPMENT)).size()).isEqualTo(2);
        }
    }

    @Test
    void aFileOfReplacedRecordsIsWrittenAnew() throws Exception {
        try (ReferenceData data = ReferenceData.open(folder)) {
            Dataset dataset = data.define(definition(EQUIPMENT));
            String[] records = new String[5_000];
            for (int batch = 1; batch <= 5; batch++) {
                for (int i = 0; i < records.length; i++) {
                    records[i] = "{'name':'n" + i % 50 + "','v':" + batch * 10_000 + i + "}";
                }
                add(dataset, batch, NOON, records);
            }
            assertThat(dataset.size()).isEqualTo(50);
            assertThat(Files.size(folder.resolve("things.records"))).isLessThan(600_000);
        }
        try (ReferenceData data = ReferenceData.open(folder)) {
            Dataset dataset = data.define(definition(EQUIPMENT));
            assertThat(found(dataset, NOON, Map.of("name", "n7"))).isEqualTo("{\"name\":\"n7\",\"v\":500004957}");
            add(dataset, 5, NOON, "{'name':'again'}");
            assertThat(dataset.size()).isEqualTo(50);
        }
    }

    @Test
    void otherKeysFindTheSameRecords() throws Exception {
        try (ReferenceData data = ReferenceData.inMemory()) {
            Dataset dataset = data.define(definition(EQUIPMENT));
            add(dataset, 1, NOON, "{'name':'Oven','place':'A'}", "{'name':'Mixer','place':'A'}");
            data.define(definition("""
                    {"keys": {"where": {"path": ".place", "primaryKey": true}}}"""));
            assertThat(found(dataset, NOON, Map.of("where", "A"))).isEqualTo("{\"name\":\"Mixer\",\"place\":\"A\"}");
        }
    }

    @Test
    void anArrayIsARecordForEachItem() throws Exception {
        try (ReferenceData data = ReferenceData.inMemory()) {
            Dataset dataset = data.define(definition("""
                    {"payload": ".payload.rows"}"""));
            assertThat(dataset.records(json("{'payload':{'rows':[{'a':1},{'a':2}]}}"))).hasSize(2);
            assertThat(dataset.records(json("{'payload':{'rows':{'a':1}}}"))).hasSize(1);
            assertThat(dataset.records(json("{'payload':{}}"))).isEmpty();
        }
    }

    @Test
    void keysAndTimeMayStandBesideTheRecord() throws Exception {
        for (String place : List.of(".id", ".payload.id", ".key")) {
            try (ReferenceData data = ReferenceData.inMemory()) {
                Dataset dataset = data.define(definition("""
                        {"payload": ".payload.details", "timestamp": ".at", "keys": {"id": {"path": "%s", "primaryKey": true}}}""".formatted(place)));
                long number = 0;
                for (String message : List.of("{'payload':{'id':'a','at':'2024-03-05T10:00:00Z','details':{'n':1,'key':'a'}}}", "{'payload':{'id':'b','details':{'n':2,'key':'b'}}}",
                        "{'payload':{'id':'a','at':'2024-03-05T11:00:00Z','details':{'n':3,'key':'a'}}}")) {
                    dataset.add("test", ++number, dataset.records(json(message)), NOON);
                }
                assertThat(found(dataset, NOON, Map.of("id", "a"))).as(place).isEqualTo("{\"n\":3,\"key\":\"a\"}");
                assertThat(found(dataset, NOON, Map.of("id", "b"))).as(place).isEqualTo("{\"n\":2,\"key\":\"b\"}");
                assertThat(dataset.find(new Lookup(Map.of(), List.of(new Nearest.Past(NOON.minusSeconds(1_800))), 1), NOON).toString()).as(place).contains("value=3");
            }
        }
    }

    @Test
    void ofWhatStandsBesideTheRecordOnlyKeysAndTimeAreKept() throws Exception {
        String more = "x".repeat(50_000);
        StringBuilder rows = new StringBuilder();
        for (int n = 0; n < 100; n++) {
            rows.append(n == 0 ? "" : ",").append("{'n':").append(n).append(",'row':'r").append(n).append("'}");
        }
        String message = "{'payload':{'more':'%s','site':{'id':'a','more':'%s'},'tags':['%s','red'],'at':'2024-03-05T10:00:00Z','details':{'rows':[%s]}}}".formatted(more, more, more, rows);
        DatasetDefinition definition = definition("""
                {"payload": ".payload.details.rows", "timestamp": ".at", "keys": {"site": {"path": ".site.id"}, "tag": {"path": ".tags[1]"}, "last": {"path": ".tags[-1]"},
                  "row": {"path": ".row", "primaryKey": true}, "inside": {"path": ".details.rows.n"}}}""");
        try (ReferenceData data = ReferenceData.open(folder)) {
            Dataset dataset = data.define(definition);
            dataset.add("test", 1, dataset.records(json(message)), NOON);
        }
        assertThat(Files.size(folder.resolve("things.records"))).isLessThan(50_000);
        try (ReferenceData data = ReferenceData.open(folder)) {
            Dataset dataset = data.define(definition);
            assertThat(dataset.size()).isEqualTo(100);
            assertThat(found(dataset, NOON, Map.of("site", "a", "tag", "red", "last", "red", "row", "r7", "inside", "7"))).isEqualTo("{\"n\":7,\"row\":\"r7\"}");
            assertThat(dataset.find(new Lookup(Map.of("row", "r7"), List.of(new Nearest.Past(NOON.minusSeconds(3_600))), 1), NOON)).hasSize(1);
        }
    }

    @Test
    void aPlaceThatIsFoundInTheWholeAloneIsFoundAllTheSame() throws Exception {
        try (ReferenceData data = ReferenceData.inMemory()) {
            Dataset dataset = data.define(definition("""
                    {"payload": ".payload.parts[1]", "keys": {"last": {"path": ".parts[-1].id"}, "first": {"path": ".parts[0].id"}}}"""));
            dataset.add("test", 1, dataset.records(json("{'payload':{'parts':[{'id':'a'},{'v':1},{'id':'c'}]}}")), NOON);
            assertThat(found(dataset, NOON, Map.of("last", "c", "first", "a"))).isEqualTo("{\"v\":1}");
        }
    }

    @Test
    void timesHaveManyForms() throws Exception {
        for (String text : List.of("'2024-03-05T12:00:00Z'", "'2024-03-05t12:00:00.000z'", "'2024-03-05T13:00:00+01:00'", "'2024-03-05 12:00:00Z'", "'2024-03-05T12:00:00'",
                "'20240305T120000Z'", "'2024-03-05T12:00Z'", "1709640000", "1709640000.0", "1709640000000", "'1709640000'", "'1709640000000'", "1709640000000000",
                "'2024-03-05T07:00:00-0500'")) {
            assertThat(Timestamps.parse(json(text))).as(text).contains(NOON);
        }
        assertThat(Timestamps.parse(json("'2024-03-05'"))).contains(Instant.parse("2024-03-05T00:00:00Z"));
        for (String text : List.of("'noon'", "''", "null", "true", "{}", "'2024-13-01'", "'T05:15:00.000Z'", "1e300")) {
            assertThat(Timestamps.parse(json(text))).as(text).isEmpty();
        }
    }
}
