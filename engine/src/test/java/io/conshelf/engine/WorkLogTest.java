package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// What a cluster remembers of its work, over a restart.
class WorkLogTest extends OnDatabase {
    private static final Principal STRANGER = new Principal("aadapp=11111111-2222-3333-4444-555555555555;t", "stranger", false);

    private Duration later = Duration.ZERO;

    @Override
    InstantSource clock() {
        return () -> Instant.now().plus(later);
    }

    @Test
    void anOperationsStateAndAnswerAreThereAfterARestart() {
        var id = run(".set-or-append async T <| range a from 1 to 3 step 1").getLast();
        assertThat(ended(id)).isEqualTo("Completed");
        reopen();
        assertThat(run(".show operations " + id + " | project Operation, State, Database")).containsExactly(
                "Operation:string | State:string | Database:string", "TableSetOrAppend | Completed | Db");
        assertThat(run(".show operation " + id + " details | project RowCount")).containsExactly("RowCount:long", "3");
        assertThat(run(".show operations | where OperationId == guid(" + id + ") | order by LastUpdatedOn asc | project State"))
                .containsExactly("State:string", "InProgress", "Completed");
    }

    @Test
    void whatWasWaitedForIsThereAfterARestart() {
        run(".create table T (a:long)");
        run(".ingest inline into table T <|\n1\n2");
        assertThatThrownBy(() -> run(".drop column T.b")).isInstanceOf(KustoException.class);
        reopen();
        assertThat(run(".show operations | where Database == 'Db' and Operation !endswith 'Show' | distinct Operation, State | order by Operation asc"))
                .containsExactly("Operation:string | State:string", "ColumnDrop | Failed", "DataIngestPull | Completed",
                        "TableCreate | Completed");
    }

    @Test
    void theJournalIsThereAfterARestart() {
        run(".create table T (a:long)");
        run(".alter table T docstring 'of numbers'");
        run(".create database Gone");
        run(".drop database Gone");
        reopen();
        assertThat(run(".show database Db journal | where EntityName == 'T' | project Event, EntityVersion | order by Event asc"))
                .containsExactly("Event:string | EntityVersion:string", "ALTER-TABLE | v3.0", "CREATE-TABLE | v2.0");
        assertThat(run(".show journal | where Database == 'Gone' | project Event, ChangeCommand")).containsExactly(
                "Event:string | ChangeCommand:string", "DROP-DATABASE | .drop database Gone");
        assertThat(run(".show cluster journal | where Database == 'Db' and Event == 'CREATE-DATABASE' | project EntityName"))
                .containsExactly("EntityName:string", "Db");
    }

    @Test
    void ingestionFailuresAreThereAfterARestart() {
        run(".create table T (a:long)");
        assertThatThrownBy(() -> run(".append T <| print a = 'text'")).isInstanceOf(KustoException.class);
        reopen();
        var failure = run(".show ingestion failures | project OperationId, Table, OperationKind, FailureKind, Says = Details has 'schema'");
        assertThat(failure.getLast()).endsWith(" | T | TableAppend | Permanent | true");
        var id = failure.getLast().substring(0, 36);
        assertThat(run(".show ingestion failures with (OperationId = " + id + ") | count")).endsWith("1");
        assertThat(run(".show ingestion failures with (OperationId = " + UUID.randomUUID() + ") | count")).endsWith("0");
        assertThat(run(".show operations " + id + " | project State")).endsWith("Failed");
    }

    @Test
    void whatADatabaseRemembersGoesWithIt() {
        run(".create database Other");
        run(".alter database Other prettyname 'another'");
        run(".drop database Other");
        assertThat(run(".show operations | where Database == 'Other' and Operation startswith 'DatabasePretty' | count")).endsWith("0");
        assertThat(run(".show operations | where Operation == 'DatabaseDetach' or Operation == 'DatabaseDrop' | count")).endsWith("1");
    }

    @Test
    void othersSeeTheirOwnOnly() {
        run(".create table T (a:long)");
        run(".add database Db ingestors ('aadapp=11111111-2222-3333-4444-555555555555;t')");
        run(STRANGER, ".ingest inline into table T <|\n1");
        reopen();
        assertThat(run(STRANGER, ".show operations | where Operation !endswith 'Show' | project Operation"))
                .containsExactly("Operation:string", "DataIngestPull");
        assertThat(run(STRANGER, ".show journal | count")).endsWith("0");
        assertThat(run(STRANGER, ".show data operations | project OperationKind")).containsExactly("OperationKind:string", "BatchIngest");
        run(".add database Db admins ('aadapp=11111111-2222-3333-4444-555555555555;t')");
        assertThat(run(STRANGER, ".show journal | where EntityName == 'T' | project Event")).containsExactly("Event:string", "CREATE-TABLE");
        assertThat(run(STRANGER, ".show operations | where Operation == 'TableCreate' | count")).endsWith("1");
    }

    private void stream(String table, String format, String rows) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "stream", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.now(), Duration.ofMinutes(1), false);
        engine.ingestStream(request, new StreamingIngestion(
                "Db", table, format, Optional.empty(), new ByteArrayInputStream(rows.getBytes(StandardCharsets.UTF_8)), Optional.empty()));
    }

    @Test
    void streamingIngestionIsCountedByTheMinute() {
        run(".create table T (a:long)");
        run(".alter table T policy streamingingestion enable");
        stream("T", "csv", "1\n2\n");
        stream("T", "csv", "3\n");
        assertThatThrownBy(() -> stream("Missing", "csv", "1\n")).isInstanceOf(KustoException.class);
        reopen();
        assertThat(run("""
                .show streamingingestion statistics
                | summarize Count = sum(Count), Rows = sum(TotalRowCount), Least = min(MinRowCount), Most = max(MaxRowCount),
                    Bytes = sum(TotalDataSize), HasDuration = min(MinDuration) > 0s, Format = take_any(tostring(IngestionProperties.Format))
                    by Table, IngestionStatus
                | order by Table desc
                """)).containsExactly(
                "Table:string | IngestionStatus:string | Count:long | Rows:long | Least:long | Most:long | Bytes:long | HasDuration:bool | Format:string",
                "T | Success | 2 | 3 | 1 | 2 | 6 | true | Csv",
                "Missing | FailureBadRequest | 1 | 0 | 0 | 0 | 0 | true | Csv");
        assertThat(run(".show streamingingestion failures | project Database, Table, Count, FailureKind, ErrorCode, Says = Details has 'Missing'"))
                .containsExactly(
                        "Database:string | Table:string | Count:long | FailureKind:string | ErrorCode:string | Says:bool",
                        "Db | Missing | 1 | Permanent | BadRequest_EntityNotFound | true");
        assertThat(run(STRANGER, ".show streamingingestion statistics | count")).endsWith("0");
        assertThat(run(".show data operations | project OperationKind, RowCount")).containsExactly(
                "OperationKind:string | RowCount:long", "RowStoreSeal | 3");
    }

    @Test
    void aQueuedLoadIsAnOperationAndItsBrokenSourcesAreFailures() throws Exception {
        run(".create table T (a:long)");
        var good = Files.writeString(folder.resolve("staging/good.csv"), "1\n2\n");
        var bad = folder.resolve("staging/gone.csv");
        var id = UUID.randomUUID();
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "Db", "DM.IngestionExecutor;1", id, Map.of(), Map.of(), "test", "test",
                Instant.now(), Duration.ofMinutes(1), false);
        var result = engine.ingestBatch(request, new BatchIngestion(
                "Db", "T", "csv",
                List.of(new BatchIngestion.Source("good", good, false, 0), new BatchIngestion.Source("https://a/gone.csv?sig=hush", bad, false, 0)),
                new BatchIngestion.Mapping.Identity(), Set.of(), Set.of(), Optional.empty(), false, BatchIngestion.Validation.NONE,
                Optional.of("message")));
        assertThat(result.outcomes()).extracting(BatchIngestion.Outcome::status).containsExactly(
                BatchIngestion.Status.SUCCEEDED, BatchIngestion.Status.FAILED);
        reopen();
        assertThat(run(".show operations " + id + " | project Operation, State, Status")).containsExactly(
                "Operation:string | State:string | Status:string", "DataIngestPull | PartiallySucceeded | Sources that failed: 1");
        assertThat(run(".show ingestion failures with (OperationId = " + id + ") | project IngestionSourcePath, FailureKind, ErrorCode"))
                .containsExactly("IngestionSourcePath:string | FailureKind:string | ErrorCode:string",
                        "https://a/gone.csv?***** | Permanent | Download_SourceNotFound");
        assertThat(run("T | count")).endsWith("2");
    }

    @Test
    void whatGovernsTheClusterIsInItsJournal() {
        run(".alter cluster policy capacity '{\"ExportCapacity\":{\"ClusterMaximumConcurrentOperations\":7}}'");
        run(".delete cluster policy callout");
        reopen();
        assertThat(run(".show cluster journal | where Event has 'CLUSTER' | project Event, EntityName, Command = ChangeCommand has 'capacity',"
                + " Is = UpdatedEntityState has '7'")).containsExactly(
                "Event:string | EntityName:string | Command:bool | Is:bool", "CREATE-CLUSTER-POLICY | CapacityPolicy | true | true");
        assertThat(run(".show operations | where Operation startswith 'CapacityPolicy' | project State")).containsExactly(
                "State:string", "Completed");
        assertThat(run(STRANGER, ".show journal | where Event has 'CLUSTER' | count")).endsWith("0");
    }

    @Test
    void detailsAreKeptWhereTheyAreAskedFor() {
        run(".set-or-append Kept with (persistDetails=true) <| range a from 1 to 3 step 1");
        run(".append Kept <| print a = 1");
        reopen();
        var kept = run(".show operations | where Operation == 'TableSetOrAppend' | project OperationId").getLast();
        assertThat(run(".show operation " + kept + " details | project RowCount")).containsExactly("RowCount:long", "3");
        var other = run(".show operations | where Operation == 'TableAppend' | project OperationId").getLast();
        assertThatThrownBy(() -> run(".show operation " + other + " details")).hasMessageContaining("is not kept");
    }

    @Test
    void whatIsOlderThanTwoWeeksIsForgotten() {
        run(".create table T (a:long)");
        assertThatThrownBy(() -> run(".append T <| print a = 'text'")).isInstanceOf(KustoException.class);
        later = Duration.ofDays(13);
        reopen();
        assertThat(run(".show operations | where Operation == 'TableCreate' | count")).endsWith("1");
        later = Duration.ofDays(15);
        reopen();
        Await.until("what is old to be forgotten", () -> run(".show ingestion failures | count").getLast().equals("0"));
        assertThat(run(".show operations | where Operation == 'TableCreate' | count")).endsWith("0");
        // What changed is told for as long as there is room.
        assertThat(run(".show journal | where EntityName == 'T' | count")).endsWith("1");
    }
}
