package io.conshelf.kql.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.kql.command.CommandMatcher.Outcome;
import java.util.List;
import org.junit.jupiter.api.Test;

class CommandMatcherTest {
    private static CommandMatch found(String text) {
        var outcome = CommandMatcher.match(text, CommandCatalogue.service());
        assertThat(outcome).as(text).isInstanceOf(Outcome.Found.class);
        return ((Outcome.Found) outcome).match();
    }

    private static Outcome.Refused refused(String text) {
        var outcome = CommandMatcher.match(text, CommandCatalogue.service());
        assertThat(outcome).as(text).isInstanceOf(Outcome.Refused.class);
        return (Outcome.Refused) outcome;
    }

    @Test
    void everyDeclaredGrammarIsReadable() {
        assertThat(CommandCatalogue.service().all()).hasSizeGreaterThan(600).allSatisfy(command ->
                assertThat(CommandGrammar.of(command.notation())).isNotNull());
    }

    @Test
    void columnsAndPropertiesAreArguments() {
        var match = found("""
                .create table ['my table'] (a: long, ['b c']: string) // the columns
                  with (docstring = 'it''s', folder = "f/g")""".replace("''", "\\'"));
        assertThat(match.command().name()).isEqualTo("CreateTable");
        assertThat(match.text("TableName")).isEqualTo("my table");
        assertThat(match.texts("ColumnName")).containsExactly("a", "b c");
        assertThat(match.texts("ColumnType")).containsExactly("long", "string");
        assertThat(match.properties().get("docstring").text()).isEqualTo("it's");
        assertThat(match.properties().get("folder").text()).isEqualTo("f/g");
    }

    @Test
    void aPolicyMayBeRawJson() {
        var match = found("""
                .alter table Db.T policy ingestionbatching
                {
                    "MaximumBatchingTimeSpan" : "00:00:30",
                    "MaximumNumberOfItems" : 1
                }""");
        assertThat(match.command().name()).isEqualTo("AlterTablePolicyIngestionBatching");
        assertThat(match.text("TableName")).isEqualTo("Db" + CommandMatcher.PATH_SEPARATOR + "T");
        assertThat(match.text("IngestionBatchingPolicy")).contains("\"MaximumNumberOfItems\" : 1");
    }

    @Test
    void aPrincipalMayBeABareApplicationId() {
        var match = found(".add database Plant admins (11111111-2222-3333-4444-555555555555) Edge pipeline");
        assertThat(match.texts("Principal")).containsExactly("11111111-2222-3333-4444-555555555555");
        assertThat(match.text("Notes")).isEqualTo("Edge pipeline");
        assertThat(match.text("Role")).isEqualTo("admins");
    }

    @Test
    void adjacentStringsAreOne() {
        assertThat(found(".create table U ingestion csv mapping \"m\" '[' '{\"Column\":\"a\"}' ']'").text("MappingFormat"))
                .isEqualTo("[{\"Column\":\"a\"}]");
    }

    @Test
    void aLongerKeywordIsNotAShorterOne() {
        assertThat(found(".set-or-append T <| print 1").command().name()).isEqualTo("SetOrAppendTable");
        assertThat(found(".set T <| print 1").command().name()).isEqualTo("SetTable");
        assertThat(found(".set-or-append async T with (tags='[\"a\"]') <| U | take 1").has("async")).isTrue();
    }

    @Test
    void theOutputOfShowMayBePiped() {
        var match = found(".show tables | where TableName has 'x' | count");
        assertThat(match.command().name()).isEqualTo("ShowTables");
        assertThat(match.text().substring(match.pipe().orElseThrow())).isEqualTo("| where TableName has 'x' | count");
    }

    @Test
    void inlineDataIsTakenAsItIs() {
        assertThat(found(".ingest inline into table T <| 1,'a'\n2,\"b|c\"\n").text("Data")).isEqualTo(" 1,'a'\n2,\"b|c\"\n");
    }

    @Test
    void hiddenStringsStayHidden() {
        assertThat(found(".ingest into table T (h'https://x/y;key')").find("Path").orElseThrow().toString())
                .doesNotContain("key");
    }

    @Test
    void aRefusalTellsWhereAndWhatWouldGoOn() {
        assertThat(refused(".create table Z (a: longg)").position()).isEqualTo(20);
        assertThat(refused(".create table Z (a: longg)").expected()).containsExactly("a column type");
        assertThat(refused(".show tables garbage here").expected()).contains("the end of the command", "details");
        assertThat(refused(".fly to the moon").isKnownVerb()).isFalse();
    }

    @Test
    void anyTextIsAnsweredWithoutAnException() {
        for (var text : List.of("", ".", ".create", ".create table ['", ".alter table T policy x {{{{", ".show\u0000", ".set T <|")) {
            assertThat(CommandMatcher.match(text, CommandCatalogue.service())).as(text).isNotNull();
        }
    }
}
