package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;

/// Commands that nobody waits for.
class OperationTest extends OnDatabase {
    private static final Duration PATIENCE = Duration.ofMinutes(5);

    @Override
    EngineConfig config() {
        return EngineConfig.inMemory(folder).withDatabases(List.of("Db"));
    }

    private void openWithFiles() {
        engine.close();
        engine = Engine.open(new EngineConfig(Optional.empty(), folder, List.of(folder), List.of("Db"), Limits.ofThisMachine(),
                InstantSource.system()));
    }

    @Test
    void anAsynchronousCommandIsFollowedByItsId() {
        var answer = run(".set-or-append async T <| range a from 1 to 3 step 1");
        assertThat(answer.getFirst()).isEqualTo("OperationId:guid");
        var id = answer.getLast();
        assertThat(ended(id)).isEqualTo("Completed");
        assertThat(run("T | count")).containsExactly("Count:long", "3");
        assertThat(run(".show operations " + id + " | project Operation, Database")).containsExactly(
                "Operation:string | Database:string", "TableSetOrAppend | Db");
        assertThat(run(".show operation " + id + " details | project RowCount")).containsExactly("RowCount:long", "3");
    }

    @Test
    void aFailureIsToldByTheOperation() {
        run(".create table T (a:long)");
        var id = run(".append async T <| print a = 'text'").getLast();
        assertThat(ended(id)).isEqualTo("Failed");
        assertThat(run(".show operations " + id + " | project Status").getLast()).contains("schema does not match");
        assertThat(run(".show ingestion failures with (OperationId=" + id + ") | project Table, FailureKind")).containsExactly(
                "Table:string | FailureKind:string", "T | Permanent");
        assertThatThrownBy(() -> run(".show operation " + id + " details")).hasMessageContaining("schema does not match");
    }

    @Test
    void aSourceThatCannotBeReadFailsTheWholeOperation() throws Exception {
        openWithFiles();
        run(".create table T (a:long)");
        var bad = Files.writeString(Files.createDirectories(folder.resolve("staging")).resolve("bad.json"), "{ broken");
        var fake = Files.writeString(folder.resolve("staging/fake.zip"), "1\n");
        assertThatThrownBy(() -> run(".ingest into table T (@'" + bad + "') with (format='multijson')")).isInstanceOf(KustoException.class);
        var id = run(".ingest async into table T (@'" + bad + "') with (format='multijson')").getLast();
        assertThat(ended(id)).isEqualTo("Failed");
        assertThat(run(".show operations | where Operation == 'DataIngestPull' and State != 'InProgress' | distinct State"))
                .containsExactly("State:string", "Failed");
        assertThat(run(".show operations | where Status has 'Committed' | count")).endsWith("0");
        assertThatThrownBy(() -> run(".ingest into table T (@'" + fake + "') with (format='csv')")).hasMessageContaining("is no zip archive");
    }

    @Test
    void ofSeveralSourcesTheOneThatFailedIsNamed() throws Exception {
        openWithFiles();
        run(".create table T (a:long)");
        var good = Files.writeString(Files.createDirectories(folder.resolve("staging")).resolve("good.csv"), "1\n");
        var bad = Files.writeString(folder.resolve("staging/bad.csv"), "");
        assertThatThrownBy(() -> run(".ingest into table T (@'" + good + "', @'" + bad + "') with (format='csv')"))
                .hasMessageContaining("bad.csv");
        var gone = folder.resolve("staging/gone.csv");
        assertThatThrownBy(() -> run(".ingest into table T (@'" + gone + "') with (format='csv')")).hasMessageContaining("gone.csv");
        assertThat(run(".show ingestion failures | where IngestionSourcePath endswith 'gone.csv' | count")).endsWith("1");
        assertThat(run(".show operations | where Operation == 'DataIngestPull' and State != 'InProgress'"
                        + " | project Named = Status has '.csv' | distinct Named"))
                .containsExactly("Named:bool", "true");
    }

    @Test
    void anotherPrincipalsOperationsAreNotSeen() {
        var id = run(".set-or-append async T <| print a = 1").getLast();
        ended(id);
        var stranger = new Principal("aadapp=11111111-2222-3333-4444-555555555555;t", "stranger", false);
        assertThat(run(stranger, ".show operations | where OperationId == guid(" + id + ")")).hasSize(1);
        assertThatThrownBy(() -> run(stranger, ".show operation " + id + " details")).hasMessageContaining("was not found");
    }

    @Test
    void whatIsNotAllowedIsRefusedAtOnce() {
        run(".create table T (a:long)");
        var stranger = new Principal("aadapp=11111111-2222-3333-4444-555555555555;t", "stranger", false);
        assertThatThrownBy(() -> run(stranger, ".append async T <| print a = 1")).hasMessageContaining("not authorized");
    }

    /// Takes minutes.
    private static final String LONG_QUERY = "range a from 1 to 3000000000 step 1 | summarize n = dcount(hash(tostring(a)))";

    private void awaitRunning(String operation) {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (run(".show commands | where State == 'InProgress' and CommandType == 'TableSetOrAppend' | count").getLast().equals("0")
                && System.nanoTime() < deadline) {
            LockSupport.parkNanos(5_000_000);
        }
        assertThat(run(".show operations " + operation + " | project State")).endsWith("InProgress");
    }

    @Test
    void aRunningOperationIsCanceled() {
        var id = run(".set-or-append async T <| " + LONG_QUERY).getLast();
        awaitRunning(id);
        assertThat(run(".cancel operation " + id + " with (reason='enough')")).containsExactly(
                "OperationId:guid | Operation:string | StartedOn:datetime | CancellationState:string | ReasonPhrase:string",
                id + " | TableSetOrAppend | 2026-03-10T10:00:00.0000000Z | Canceled successfully | enough");
        assertThat(run(".show operations " + id + " | project State, Says = Status has 'enough'")).endsWith("Canceled | true");
        assertThatThrownBy(() -> run("T")).isInstanceOf(KustoException.class);
        assertThat(run(".show ingestion failures | count")).endsWith("0");
    }

    @Test
    void anOperationThatHasEndedIsNotCanceled() {
        var id = run(".set-or-append async T <| print a = 1").getLast();
        assertThat(ended(id)).isEqualTo("Completed");
        assertThat(run(".cancel operation " + id).getLast()).endsWith(
                " | Cancel failed | The operation has ended: its state is Completed");
        var stranger = new Principal("aadapp=11111111-2222-3333-4444-555555555555;t", "stranger", false);
        assertThatThrownBy(() -> run(stranger, ".cancel operation " + id)).hasMessageContaining("was not found");
    }

    @Test
    void whatIsBeyondTheCapacityIsThrottled() {
        engine.close();
        engine = Engine.open(EngineConfig.inMemory(folder).withDatabases(List.of("Db")).withLimits(
                Limits.ofThisMachine().withConcurrentQueries(4, 4, Duration.ofMillis(50))));
        run(".alter cluster policy capacity '{\"IngestionCapacity\":{\"ClusterMaximumConcurrentOperations\":1,\"CoreUtilizationCoefficient\":0.75}}'");
        var id = run(".set-or-append async T <| " + LONG_QUERY).getLast();
        awaitRunning(id);
        assertThat(run(".show capacity ingestions")).endsWith("ingestions | 1 | 1 | 0 | CapacityPolicy/Ingestion");
        assertThatThrownBy(() -> run(".set-or-append U <| print a = 1")).isInstanceOfSatisfying(KustoException.class, e -> {
            assertThat(e.error().httpStatus()).isEqualTo(429);
            assertThat(e.error().code()).isEqualTo("TooManyRequests");
            assertThat(e.error().type()).endsWith("ControlCommandThrottledException");
            assertThat(e.error().message()).isEqualTo("The management command was aborted due to throttling. Retrying after some backoff might"
                    + " succeed. CommandType: 'TableSetOrAppend', Capacity: 1, Origin: 'CapacityPolicy/Ingestion'.");
        });
        var throttled = run(".set-or-append async U <| print a = 1").getLast();
        assertThat(ended(throttled)).isEqualTo("Throttled");
        assertThat(run(".show operations " + throttled + " | project ShouldRetry")).endsWith("true");
        // Other commands have their own places.
        run(".create table V (a:long)");
        run(".cancel operation " + id);
        assertThat(ended(id)).isEqualTo("Canceled");
    }
}
