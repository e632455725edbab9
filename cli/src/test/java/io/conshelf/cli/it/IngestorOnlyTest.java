package io.conshelf.cli.it;

import static io.conshelf.cli.it.ExplorerTables.refused;
import static io.conshelf.cli.it.ExplorerTables.rowsLeft;
import static io.conshelf.cli.it.ExplorerTables.show;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.processor.destination.Destination.Refused;
import io.conshelf.processor.destination.explorer.ExplorerDestination;
import io.conshelf.processor.destination.explorer.Following;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A stage whose identity may ingest into the database and do nothing else there: it sees neither tables nor extents.
class IngestorOnlyTest {
    /// What an earlier process has queued is not waited for, and looked for once.
    private static final Following ENDED_AT_ONCE = new Following(900, Long.MAX_VALUE, Duration.ZERO, Duration.ofMinutes(10));

    @TempDir
    Path folder;

    private Server server;
    private KustoCluster administrator;
    private KustoEndpoint endpoint;
    private KustoCredential writer;
    private ExplorerTables tables;
    private Path kept;

    @BeforeEach
    void start() throws Exception {
        Path data = folder.resolve("data");
        kept = Files.createDirectory(folder.resolve("pipeline"));
        server = Server.start(ServerConfig.local().withData(data).withAuth(ServerConfig.Auth.ENTRA));
        URI uri = URI.create("http://127.0.0.1:" + server.port());
        endpoint = new KustoEndpoint(uri, true);
        KustoCredential all = KustoCredential.of(Files.readAllLines(data.resolve("administrator.env")).stream().filter(line -> !line.startsWith("#"))
                .collect(Collectors.toMap(line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1))));
        JsonNode made = ClusterRest.of(endpoint, all).ask("POST", "/v1/rest/applications", "{\"name\":\"writer\"}");
        writer = new KustoCredential.ServicePrincipal(made.path("appId").asText(), made.path("secret").asText(), made.path("tenant").asText());
        administrator = KustoCluster.connect(endpoint, all);
        administrator.command("NetDefaultDB", ".create database Lab", Duration.ofMinutes(1));
        administrator.command("Lab", ".add database Lab ingestors ('" + made.path("principal").asText() + "')", Duration.ofMinutes(1));
        tables = new ExplorerTables(administrator, Endpoints.embedded(uri, List.of()), writer, kept);
        tables.create("n:long");
    }

    @AfterEach
    void stop() throws Exception {
        tables.close();
        administrator.close();
        server.close();
    }

    @Test
    void whatItMayNotLookAtItWritesAllTheSame() throws Exception {
        try (KustoCluster own = KustoCluster.connect(endpoint, writer)) {
            assertThatThrownBy(() -> own.columns("Lab", tables.table())).isInstanceOfSatisfying(StoreException.class, refusal ->
                    assertThat(KustoCluster.isForbidden(refusal)).as(refusal.code()).isTrue());
            assertThatThrownBy(() -> own.ingestByTags("Lab", tables.table(), Set.of("a"))).isInstanceOfSatisfying(StoreException.class, refusal ->
                    assertThat(KustoCluster.isForbidden(refusal)).as(refusal.code()).isTrue());
        }
        ExplorerDestination destination = tables.open("n");
        show(destination, 1);
        assertThat(Eventually.holds(() -> {
            assertThat(refused(destination)).isEmpty();
            return tables.files();
        }, List::isEmpty)).isEmpty();
        assertThat(tables.query(tables.table())).containsExactly("[1]");
    }

    @Test
    void aBatchOfAnEarlierProcessIsQueuedOnceMoreToLearnThatItIsThere() throws Exception {
        show(tables.open("n"), 1);
        show(tables.open("n"), 2);
        tables.awaitRows(2);
        ExplorerDestination early = tables.open("n");
        assertThat(refused(early)).as("it may be on its way still").isEmpty();
        assertThat(early.followed()).isEqualTo(2);
        ExplorerDestination second = tables.open(ENDED_AT_ONCE, "n");
        assertThat(refused(second)).isEmpty();
        assertThat(second.followed()).isEqualTo(2);
        assertThat(Eventually.holds(() -> {
            assertThat(refused(second)).isEmpty();
            return tables.files();
        }, List::isEmpty)).isEmpty();
        assertThat(second.followed()).isZero();
        assertThat(tables.query(tables.table() + " | order by n asc")).containsExactly("[1]", "[2]");
    }

    @Test
    void aBatchIsQueuedASecondTimeByOneProcessAndAThirdTimeByNone() throws Exception {
        show(tables.open("n"), 49);
        tables.awaitRows(1);
        assertThat(refused(tables.open(ENDED_AT_ONCE, "n"))).as("it is queued the second time, and its process ends").isEmpty();
        ExplorerDestination third = tables.open(ENDED_AT_ONCE, "n");
        assertThat(refused(third)).singleElement().satisfies(one -> {
            assertThat(one.code()).isEqualTo("StatusUnknown");
            assertThat(rowsLeft(one)).content().contains("49");
        });
        assertThat(third.followed()).isZero();
    }

    @Test
    void aBatchOfAnEarlierProcessThatTheClusterRefusesIsLeftInAFile() throws Exception {
        tables.command(".create function Rows() { " + tables.table() + " }");
        tables.command(".create table Copy (n:long)");
        tables.command(".alter table Copy policy update @'[{\"IsEnabled\": true, \"Source\": \"" + tables.table() + "\", \"Query\": \"Rows()\", \"IsTransactional\": true}]'");
        tables.command(".drop function Rows");
        show(tables.open("n"), 47);
        ExplorerDestination second = tables.open(ENDED_AT_ONCE, "n");
        List<Refused> told = new ArrayList<>();
        assertThat(Eventually.holds(() -> {
            told.addAll(refused(second));
            return told;
        }, all -> !all.isEmpty())).singleElement().satisfies(one -> {
            assertThat(one.code()).isEqualTo("BatchNotIngested");
            assertThat(rowsLeft(one)).content().contains("47");
        });
        assertThat(second.followed()).isZero();
    }

    @Test
    void whereItMayNotIngestAnyMoreTheRowsAreLeftInAFile() throws Exception {
        show(tables.open("n"), 48);
        tables.awaitRows(1);
        tables.command(".set database Lab ingestors none");
        ExplorerDestination second = tables.open(ENDED_AT_ONCE, "n");
        List<Refused> told = new ArrayList<>();
        assertThat(Eventually.holds(() -> {
            told.addAll(refused(second));
            return told;
        }, all -> !all.isEmpty())).singleElement().satisfies(one -> assertThat(rowsLeft(one)).content().contains("48"));
        assertThat(tables.query(tables.table())).containsExactly("[48]");
    }
}
