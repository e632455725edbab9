package io.conshelf.engine.fuzz;

import io.conshelf.engine.Answer;
import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.Limits;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.engine.StreamingIngestion;
import io.conshelf.engine.spec.ResultText;
import io.conshelf.kql.bind.Catalog;
import io.conshelf.kql.plan.Plan.TableId;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// A cluster with one of everything that a query can name, and what a generator of queries has to know of it.
final class FuzzCluster implements AutoCloseable {
    private static final String DATABASE = "NetDefaultDB";
    private static final String EVERY_TYPE = "b:bool, i:int, l:long, r:real, d:decimal, t:datetime, n:timespan, s:string, g:guid, j:dynamic";
    private static final String EVENTS = "at:datetime, level:string, text:string, more:dynamic, took:timespan, who:string, size:long, share:real";

    /// Names of tables with their columns.
    private static final Map<String, String> TABLES = Map.of(
            "Every", EVERY_TYPE,
            "Streamed", EVERY_TYPE,
            "Events", EVENTS,
            "Secured", "l:long, s:string",
            "Empty", EVERY_TYPE,
            "Edges", "source:string, target:string, weight:long",
            "Nodes", "id:string, label:string");

    private static final String EVERY_ROWS = "datatable(" + EVERY_TYPE + ")["
            + "true, 1, 1, 1.5, decimal(1.5), datetime(2024-01-01), 1h, 'a', guid(74be27de-1e4e-49d9-b579-fe0b331d3642), dynamic({'a': 1, 'b': [1, 2]}), "
            + "false, -1, -1, real(nan), decimal(-0.25), datetime(2024-01-01 01:00), -1h, 'A', guid(00000000-0000-0000-0000-000000000000), dynamic([1, 'x', null]), "
            + "bool(null), int(null), long(null), real(null), decimal(null), datetime(null), timespan(null), '', guid(null), dynamic(null), "
            + "true, 2147483647, 9223372036854775807, real(+inf), decimal(99999999999.125), datetime(9999-12-31), 10675199d, 'a b-c d', "
            + "guid(74be27de-1e4e-49d9-b579-fe0b331d3642), dynamic('t'), "
            + "false, -2147483648, long(-9223372036854775808), real(-inf), decimal(0), datetime(0001-01-01), 0s, '{\"a\": 1}', guid(null), dynamic(7), "
            + "true, 0, 0, -0.0, decimal(1.50), datetime(2024-02-29 12:00), 1tick, 'é😀', guid(74be27de-1e4e-49d9-b579-fe0b331d3642), "
            + "dynamic({'a': {'b': null}})]";

    /// So large that its first rows are looked for apart from NaN and null, and in a database of its own that wildcards do not read.
    private static final String LARGE = ".set Large <| range x from 1 to 1050000 step 1 | project l = x, r = iff(x % 100000 == 0, real(null), iff(x % 70000 == 0, real(nan), 0.5 * x)),"
            + " s = strcat('s', x % 5), t = datetime(2024-01-01) + x * 1s";

    private static final List<String> COMMANDS = List.of(
            ".create table Streamed (" + EVERY_TYPE + ")",
            ".create table Empty (" + EVERY_TYPE + ")",
            ".create table Every (" + EVERY_TYPE + ")",
            ".create materialized-view Summed on table Every { Every | summarize c = count(), greatest = max(l) by s }",
            ".append Every <| " + EVERY_ROWS,
            ".append Streamed <| " + EVERY_ROWS,
            ".set Events <| range x from 0 to 199 step 1 | project at = datetime(2024-01-01) + x * 17m, level = tostring(dynamic(['info', 'warning', 'error'])[x % 3]),"
                    + " text = strcat('user', x % 7, ' took ', x, ' ms at host-', x % 4, '.example'), more = bag_pack('code', x % 5, 'tags', pack_array('a', x)),"
                    + " took = x * 1ms, who = iff(x % 11 == 0, '', strcat('u', x % 7)), size = iff(x % 13 == 0, long(null), x * x), share = 1.0 / (x % 9)",
            ".set Secured <| datatable(l:long, s:string)[1, 'seen', 2, 'hidden', 3, 'seen']",
            ".alter table Secured policy row_level_security enable \"Secured | where s == 'seen'\"",
            ".set Edges <| datatable(source:string, target:string, weight:long)['a', 'b', 1, 'b', 'c', 2, 'c', 'a', 3, 'a', 'd', 4, 'd', 'd', 5, '', 'a', long(null)]",
            ".set Nodes <| datatable(id:string, label:string)['a', 'x', 'b', 'y', 'c', 'x', 'd', '', 'e', 'z']",
            ".alter table Streamed policy streamingingestion enable",
            ".create function Plain() { Every | where l > 0 }",
            ".create function Shown() { Nodes | take 3 }",
            ".create function Added(x:long, y:string = 'q') { x + strlen(y) }",
            ".create function Least(T:(l:long), least:long = 1) { T | where l >= least }",
            ".create-or-alter graph_model G '{\"Definition\":{\"Steps\":[{\"Kind\":\"AddEdges\",\"Query\":\"Edges\",\"SourceColumn\":\"source\",\"TargetColumn\":\"target\"}]}}'",
            ".set stored_query_result Kept with (previewCount = 5) <| Every");

    private final Engine engine;

    private FuzzCluster(Engine engine) {
        this.engine = engine;
    }

    static FuzzCluster open(Path folder) {
        var cluster = new FuzzCluster(Engine.open(EngineConfig.inMemory(folder).withDatabases(List.of("Other", "Big"))
                .withLimits(Limits.ofThisMachine().withMemoryBytes(1L << 30))));
        COMMANDS.forEach(cluster::command);
        cluster.command("Big", LARGE);
        cluster.command("Other", ".set There <| datatable(l:long, s:string, t:datetime)[1, 'a', datetime(2024-01-01), 2, 'b', datetime(null)]");
        String rows = "true,5,6,nan,1.25,2024-03-01,01:00:00,streamed,74be27de-1e4e-49d9-b579-fe0b331d3642,\"{\"\"a\"\": 3}\"\n,,,,,,,,,\n";
        cluster.engine.ingestStream(request(DATABASE, Duration.ofMinutes(1)), new StreamingIngestion(DATABASE, "Streamed", "csv", Optional.empty(),
                new ByteArrayInputStream(rows.getBytes(StandardCharsets.UTF_8)), Optional.empty()));
        return cluster;
    }

    private void command(String text) {
        command(DATABASE, text);
    }

    private void command(String database, String text) {
        try (Answer answer = engine.command(request(database, Duration.ofMinutes(5)), text)) {
            ResultText.of(answer);
        }
    }

    private static Request request(String database, Duration timeout) {
        return new Request(Principal.LOCAL_ADMINISTRATOR, database, "fuzz", UUID.randomUUID(), Map.of(), Map.of(), "fuzz", "fuzz",
                Instant.parse("2024-01-01T00:00:00Z"), timeout, false);
    }

    Answer query(String text, Duration timeout) {
        return engine.query(request(DATABASE, timeout), text);
    }

    /// Header and rows as text.
    List<String> rows(String text) {
        try (Answer answer = query(text, Duration.ofMinutes(2))) {
            return ResultText.of(answer);
        }
    }

    @Override
    public void close() {
        engine.close();
    }

    static List<ColumnSchema> columns(String schema) {
        return Arrays.stream(schema.split(", ")).map(column -> column.split(":"))
                .map(parts -> new ColumnSchema(parts[0], Type.named(parts[1]).orElseThrow())).toList();
    }

    /// What queries can name here, for binding without an engine.
    static Catalog catalog() {
        return new Known();
    }

    private static final class Known implements Catalog {
        @Override
        public String currentDatabase() {
            return DATABASE;
        }

        @Override
        public boolean isThisCluster(String nameOrUri) {
            return nameOrUri.equals("localhost");
        }

        @Override
        public Optional<String> database(String name) {
            return List.of(DATABASE, "Other", "Big").stream().filter(known -> known.equalsIgnoreCase(name)).findFirst();
        }

        @Override
        public Optional<List<String>> databases() {
            return Optional.of(List.of(DATABASE, "Other", "Big"));
        }

        @Override
        public Optional<Table> table(String database, TableKind kind, String name) {
            return tables(database, kind).stream().filter(table -> table.name().equals(name)).findFirst();
        }

        @Override
        public List<Table> tables(String database, TableKind kind) {
            Map<String, String> tables = switch (database) {
                case "Other" -> kind == TableKind.TABLE ? Map.of("There", "l:long, s:string, t:datetime") : Map.of();
                case "Big" -> kind == TableKind.TABLE ? Map.of("Large", "l:long, r:real, s:string, t:datetime") : Map.of();
                default -> switch (kind) {
                    case TABLE -> TABLES;
                    case MATERIALIZED_VIEW -> Map.of("Summed", "s:string, c:long, greatest:long");
                    case STORED_RESULT -> Map.of("Kept", EVERY_TYPE);
                    case EXTERNAL -> Map.of();
                };
            };
            return tables.entrySet().stream().sorted(Map.Entry.comparingByKey())
                    .map(table -> new Table(new TableId(database, kind + ":" + table.getKey(), table.getKey()), kind, columns(table.getValue()))).toList();
        }

        @Override
        public Optional<StoredFunction> function(String database, String name) {
            return switch (name) {
                case "Plain" -> Optional.of(new StoredFunction(name, "()", "{ Every | where l > 0 }"));
                case "Shown" -> Optional.of(new StoredFunction(name, "()", "{ Nodes | take 3 }"));
                case "Added" -> Optional.of(new StoredFunction(name, "(x:long, y:string = 'q')", "{ x + strlen(y) }"));
                case "Least" -> Optional.of(new StoredFunction(name, "(T:(l:long), least:long = 1)", "{ T | where l >= least }"));
                default -> Optional.empty();
            };
        }
    }
}
