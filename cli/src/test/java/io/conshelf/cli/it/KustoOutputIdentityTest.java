package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.kusto.ClusterRest;
import io.conshelf.connectors.kusto.IdentityEndpoint;
import io.conshelf.connectors.kusto.KustoCluster;
import io.conshelf.connectors.kusto.KustoCredential;
import io.conshelf.connectors.kusto.KustoEndpoint;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import io.conshelf.server.identity.SignIn;
import io.conshelf.streams.job.Datasources;
import io.conshelf.streams.job.JobDefinition;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.job.JobDefinition.Policies;
import io.conshelf.streams.output.EventTarget;
import io.conshelf.streams.output.EventTarget.Writer;
import io.conshelf.streams.output.Targets;
import io.conshelf.streams.run.Surroundings;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The identity of a job, on a cluster that asks who one is.
class KustoOutputIdentityTest {
    private static final Duration LIMIT = Duration.ofMinutes(1);

    @TempDir
    Path data;

    @Test
    void aJobNeedsTheRolesThatThePortalGrants() throws Exception {
        try (Server server = Server.start(ServerConfig.local().withData(data).withAuth(ServerConfig.Auth.ENTRA))) {
            URI uri = URI.create("http://127.0.0.1:" + server.port());
            KustoCredential administrator = KustoCredential.of(Files.readAllLines(data.resolve("administrator.env")).stream()
                    .filter(line -> !line.startsWith("#"))
                    .collect(Collectors.toMap(line -> line.substring(0, line.indexOf('=')), line -> line.substring(line.indexOf('=') + 1))));
            KustoEndpoint endpoint = new KustoEndpoint(uri, true);
            JsonNode identity = ClusterRest.of(endpoint, administrator).ask("POST", "/v1/rest/applications", "{\"name\":\"job\",\"kind\":\"UserAssigned\"}");
            SignIn.ManagedIdentityEndpoint tokens = server.managedIdentity().orElseThrow();
            Surroundings surroundings = Surroundings.within(uri, List.of(), new IdentityEndpoint(tokens.endpoint().toString(), tokens.header()), List.of())
                    .as(identity.path("appId").asText());
            try (KustoCluster cluster = KustoCluster.connect(endpoint, administrator); EventTarget target = target(surroundings)) {
                cluster.command("NetDefaultDB", ".create database Lab", LIMIT);
                cluster.command("Lab", ".create table T (Id:long)", LIMIT);
                assertThat(target.check(List.of("Id"))).containsExactly(
                        "the identity of the job lacks the role Database Ingestor on the database 'Lab'",
                        "the identity of the job lacks the role Database Monitor on the database 'Lab'");

                String principal = identity.path("principal").asText();
                for (String role : List.of("ingestors", "monitors")) {
                    cluster.command("Lab", ".add database Lab " + role + " ('" + principal + "')", LIMIT);
                }
                assertThat(target.check(List.of("Id"))).isEmpty();
                assertThat(target.check(List.of("Id", "Other"))).singleElement().asString().contains("'Other'");

                try (Writer writer = target.open("job-out-0")) {
                    writer.write(Row.event(0, new Value.Record(Shape.of("Id"), new Value[] {Value.of(1)})));
                    writer.commit(writer.prepare(1));
                }
                Instant deadline = Instant.now().plus(LIMIT);
                while (cluster.command("Lab", ".show table T details", LIMIT).objects().getFirst().path("TotalRowCount").asLong() != 1) {
                    assertThat(Instant.now()).isBefore(deadline);
                }
            }
        }
    }

    private static EventTarget target(Surroundings surroundings) {
        var properties = new ObjectMapper().createObjectNode();
        properties.putObject("datasource").put("type", Datasources.KUSTO).putObject("properties").put("cluster", "lab.westeurope").put("database", "Lab")
                .put("table", "T").put("authenticationMode", "Msi").put("deliveryMode", "Queued").put("flushImmediately", true);
        Output output = new Output("out", properties);
        return Targets.of(output, new JobDefinition("job", "", List.of(), List.of(output), List.of(), Policies.DEFAULT), surroundings);
    }
}
