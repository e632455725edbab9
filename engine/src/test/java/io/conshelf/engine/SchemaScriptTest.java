package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.spec.ResultText;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The script of a database makes its schema again in an empty one.
class SchemaScriptTest {
    private static final Instant NOW = Instant.parse("2026-03-10T10:00:00Z");

    @TempDir
    private Path folder;

    private static Request request(String database) {
        return new Request(Principal.LOCAL_ADMINISTRATOR, database, "script", UUID.randomUUID(), Map.of(), Map.of(), "test",
                "test", NOW, Duration.ofMinutes(1), false);
    }

    private static List<String> run(Engine engine, String database, String text) {
        try (var answer = engine.command(request(database), text)) {
            return ResultText.of(answer);
        }
    }

    private static List<String> script(Engine engine, String database) {
        var commands = new ArrayList<String>();
        try (var answer = engine.command(request(database), ".show database schema as csl script with (ShowObfuscatedStrings=true)")) {
            var table = answer.nextTable().orElseThrow();
            for (var chunk = table.next(); chunk.isPresent(); chunk = table.next()) {
                for (int row = 0; row < chunk.get().rows(); row++) {
                    commands.add(chunk.get().text(0, row));
                }
            }
        }
        return commands;
    }

    @Test
    void theScriptOfADatabaseMakesItsSchemaAgain() {
        var place = folder.toString().replace("\\", "\\\\");
        try (var engine = Engine.open(new EngineConfig(
                Optional.empty(), folder, List.of(folder), List.of("One", "Two"), Limits.ofThisMachine(), () -> NOW))) {
            for (var command : List.of(
                    ".create table T (a:long, ['b c']:string, t:datetime) with (folder='f', docstring=\"it's\")",
                    ".alter column T.a policy encoding type='Identifier'",
                    ".alter table T policy caching hot = 3d, hot_window = datetime(2021-01-01) .. datetime(2021-02-01)",
                    ".alter table T policy restricted_view_access true",
                    ".alter database policy retention '{\"SoftDeletePeriod\":\"10.00:00:00\"}'",
                    ".create table T ingestion csv mapping 'm' '[{\"Column\":\"a\",\"Properties\":{\"Ordinal\":\"0\"}}]'",
                    ".create table S (k:string, v:long)",
                    ".create materialized-view V on table S { S | summarize sum(v) by k }",
                    ".alter-merge materialized-view V policy retention softdelete = 10d",
                    ".create function with (folder='ff') F (x:long = 1) { S | where v > x }",
                    ".create function with (view=true) W () { S | where v > 1 }",
                    ".create external table E (k:string, v:long) kind=storage partition by (p:string = k) pathformat = (\"k=\" p) "
                            + "dataformat=csv (h'" + place + "') with (includeHeaders='All', folder='x')",
                    ".create external table X (k:string, v:long) kind=storage dataformat=csv (h'" + place + "')",
                    ".create external table X mapping 'em' '[{\"Column\":\"k\",\"Properties\":{\"Ordinal\":\"0\"}}]'",
                    ".create-or-alter continuous-export Out over (S) to table X with (intervalBetweenRuns=2h, sizeLimit=200000000, "
                            + "isDisabled=true) <| S",
                    ".add database viewers ('aadapp=11111111-2222-3333-4444-555555555555;t') 'a note'",
                    ".add table S ingestors ('aadapp=11111111-2222-3333-4444-555555555555;t')")) {
                run(engine, "One", command);
            }
            var script = script(engine, "One");
            assertThat(script).anySatisfy(c -> assertThat(c).startsWith(".alter column T.a policy encoding"))
                    .anySatisfy(c -> assertThat(c).startsWith(".create-or-alter external table E"))
                    .anySatisfy(c -> assertThat(c).startsWith(".create-or-alter function").contains("view=true").contains(" W()"))
                    .anySatisfy(c -> assertThat(c).startsWith(".create-or-alter continuous-export Out over (S) to table X"))
                    .anySatisfy(c -> assertThat(c).startsWith(".alter materialized-view V policy retention"))
                    .anySatisfy(c -> assertThat(c).startsWith(".add table S ingestors"));
            script.forEach(command -> run(engine, "Two", command));
            assertThat(script(engine, "Two")).isEqualTo(script);
        }
    }
}
