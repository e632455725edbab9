package io.conshelf.engine.external;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.Engine;
import io.conshelf.engine.EngineConfig;
import io.conshelf.engine.ExternalStorage;
import io.conshelf.engine.WebCalls;
import io.conshelf.engine.external.CosmosRequest.Opening;
import io.conshelf.engine.store.TableColumn;
import io.conshelf.engine.store.WriteStop;
import io.conshelf.kql.bind.Outside;
import io.conshelf.kql.type.Type;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// `cosmosdb_sql_request` by what its REST interface is documented to take and to give. No Cosmos DB has been asked: not verified.
class CosmosRequestTest extends OnAnEngine {
    private static final String KEY = Base64.getEncoder().encodeToString("a key that is secret".getBytes(StandardCharsets.UTF_8));
    private static final String CONNECTION = "'AccountEndpoint=https://localhost:8081/;Database=my shop;Collection=orders;'h'AccountKey=" + KEY + "'";

    private final List<WebCalls.Call> asked = new ArrayList<>();

    @BeforeEach
    void open() {
        engine = Engine.open(EngineConfig.inMemory(folder).withDatabases(List.of("Db")), ExternalStorage.NONE, (call, _) -> {
            asked.add(call);
            boolean isFirst = call.headers().stream().noneMatch(header -> header.name().equals("x-ms-continuation"));
            boolean isLate = call.body().orElse("").contains("c.late");
            if (isFirst && isLate) {
                return new WebCalls.Answer(200, Map.of("x-ms-continuation", List.of("next")), "{\"Documents\":[]}".getBytes(StandardCharsets.UTF_8));
            }
            String documents = isFirst
                    ? "{\"Documents\":[{\"id\":\"1\",\"n\":1,\"when\":\"2026-03-01T00:00:00Z\",\"list\":[1]},{\"id\":\"2\",\"n\":2.5,\"other\":null}]}"
                    : "{\"Documents\":[{\"id\":\"3\"}]}";
            return new WebCalls.Answer(200, isFirst ? Map.of("x-ms-continuation", List.of("next")) : Map.of(), documents.getBytes(StandardCharsets.UTF_8));
        });
        run(".alter cluster policy callout @'[{\"CalloutType\":\"CosmosDB\",\"CalloutUriRegex\":\"localhost\",\"CanCall\":true}]'"
                .replace("CosmosDB", "cosmosdb"));
    }

    private static String header(WebCalls.Call call, String name) {
        return call.headers().stream().filter(header -> header.name().equals(name)).map(WebCalls.Header::value).findFirst().orElse("");
    }

    @Test
    void pagesAreRows() {
        assertThat(run("evaluate cosmosdb_sql_request(" + CONNECTION + ", 'SELECT * FROM c WHERE c.at > @from', dynamic({'@from': datetime(2026-01-01)})) "
                + ": (id:long, n:real, when:datetime, list:dynamic, none:string)")).containsExactly(
                "1 | 1.0 | 2026-03-01T00:00:00.0000000Z | [1] | \"\"", "2 | 2.5 | null | null | \"\"", "3 | null | null | null | \"\"");
        assertThat(asked).hasSize(2).allSatisfy(call -> {
            assertThat(call.uri()).hasToString("https://localhost:8081/dbs/my%20shop/colls/orders/docs");
            assertThat(call.body()).contains("{\"query\":\"SELECT * FROM c WHERE c.at > @from\",\"parameters\":[{\"name\":\"@from\",\"value\":\"2026-01-01T00:00:00.0000000Z\"}]}");
            assertThat(header(call, "Content-Type")).isEqualTo("application/query+json");
            assertThat(header(call, "x-ms-documentdb-isquery")).isEqualTo("True");
            assertThat(header(call, "Authorization")).startsWith("type%3Dmaster%26ver%3D1.0%26sig%3D");
        });
        assertThat(header(asked.getLast(), "x-ms-continuation")).isEqualTo("next");
    }

    @Test
    void theFirstPageTellsColumnsThatNobodyDeclares() {
        assertThat(run("evaluate cosmosdb_sql_request(" + CONNECTION + ", 'SELECT * FROM c') | getschema | project strcat(ColumnName, ':', ColumnType)"))
                .containsExactly("id:string", "n:real", "when:string", "list:dynamic", "other:dynamic");
    }

    @Test
    void nobodyIsAskedTwice() {
        assertThat(run("evaluate cosmosdb_sql_request(" + CONNECTION + ", 'SELECT * FROM c') | count")).containsExactly("3");
        assertThat(asked).as("the page that told the columns is the first of the rows").hasSize(2);
        asked.clear();
        assertThat(run("evaluate cosmosdb_sql_request(" + CONNECTION + ", 'SELECT * FROM c') | project id | evaluate pivot(id) | count")).containsExactly("1");
        assertThat(asked).as("what a look was told is what the query reads").hasSize(2);
    }

    @Test
    void aPageIsReadItemByItem() {
        String items = "{\"id\":\"x\",\"more\":{\"a\":[1,2]}},".repeat(3_000);
        var limits = new CalloutLimits(1 << 30, Long.MAX_VALUE);
        try (var taken = limits.new OfRequest()) {
            var policy = new CalloutPolicy(() -> Optional.of("[{\"CalloutType\":\"cosmosdb\",\"CalloutUriRegex\":\"localhost\",\"CanCall\":true}]"));
            var requests = new WebRequests(Set.of(), policy, (call, _) -> {
                byte[] body = ("{\"_rid\":\"r\",\"Documents\":[" + items + "{\"id\":").getBytes(StandardCharsets.UTF_8);
                call.coming().accept(body.length);
                return new WebCalls.Answer(200, Map.of(), body);
            });
            var texts = List.of("AccountEndpoint=https://localhost/;Database=d;Collection=c;AccountKey=" + KEY, "SELECT * FROM c");
            var call = new Outside.Call("cosmosdb_sql_request", texts.stream().map(text -> new Outside.Value(Type.STRING, text)).toList(), Optional.empty());
            var answer = new CosmosAnswer(requests, CosmosRequest.of(call), taken, InstantSource.system(), new WriteStop());
            try (var scan = answer.open(List.of(new TableColumn("c1", "id", Type.STRING, "")))) {
                assertThat(scan.next().orElseThrow().count()).isEqualTo(2_048);
                assertThatThrownBy(scan::next).as("what follows is broken off").hasMessageContaining("is no JSON");
            }
        }
    }

    @Test
    void pagesWithoutItemsTellNothing() {
        assertThat(run("evaluate cosmosdb_sql_request(" + CONNECTION + ", 'SELECT * FROM c WHERE c.late')")).containsExactly("3");
    }

    /// The example of the page about access to resources.
    @Test
    void requestsAreSignedAsDocumented() {
        byte[] key = Base64.getDecoder().decode("dsZQi3KtZmCv1ljt3VNWNm7sQUF1y5rJfC6kv5JiwvW0EndXdDku/dkKBp8/ufDToSxLzR4y+O/0H/t4bQtVNw==");
        assertThat(CosmosRequest.authorization(new Opening.Key(key), "get", "dbs", "dbs/ToDoList", "Thu, 27 Apr 2017 00:51:12 GMT"))
                .isEqualToIgnoringCase("type%3dmaster%26ver%3d1.0%26sig%3dc09PEVJrgp2uQRkr934kFbTqhByc7TVr3OHyqlu%2bc%2bc%3d");
    }

    @Test
    void whatCannotBeAskedIsNamed() {
        String query = ", 'SELECT * FROM c')";
        assertThatThrownBy(() -> run("evaluate cosmosdb_sql_request('AccountEndpoint=https://localhost/;Database=d;AccountKey=" + KEY + "'" + query))
                .hasMessageContaining("'collection'").hasMessageNotContaining(KEY);
        assertThatThrownBy(() -> run("evaluate cosmosdb_sql_request('AccountEndpoint=https://localhost/;Database=d;Collection=c'" + query)).hasMessageContaining("neither");
        assertThatThrownBy(() -> run("evaluate cosmosdb_sql_request('AccountEndpoint=http://acme.documents.azure.com/;Database=d;Collection=c;AccountKey=" + KEY + "'" + query))
                .hasMessageContaining("https://");
        assertThatThrownBy(() -> run("evaluate cosmosdb_sql_request('AccountEndpoint=https://acme.documents.azure.com/;Database=d;Collection=c;AccountKey=" + KEY + "'" + query))
                .hasMessageContaining("no entry").hasMessageContaining("cosmosdb").hasMessageNotContaining(KEY);
        assertThatThrownBy(() -> run("evaluate cosmosdb_sql_request(" + CONNECTION + ", 'SELECT 1', dynamic({'a': 1}))")).hasMessageContaining("begins with '@'");
        assertThatThrownBy(() -> run("evaluate cosmosdb_sql_request(" + CONNECTION + ", 'SELECT 1', dynamic(null), dynamic({'preferredLocations': ['x']}))"))
                .hasMessageContaining("'preferredLocations'");
        for (String endpoint : List.of("https://localhost:8081/?x=", "https://localhost:8081/#", "https://localhost:8081/other/")) {
            assertThatThrownBy(() -> run("evaluate cosmosdb_sql_request(" + CONNECTION.replace("https://localhost:8081/", endpoint) + query)).hasMessageContaining("no path");
        }
        for (String name : List.of("..", ".")) {
            assertThatThrownBy(() -> run("evaluate cosmosdb_sql_request(" + CONNECTION.replace("orders", name) + query)).hasMessageContaining("is not . or ..");
        }
        assertThat(asked).isEmpty();
    }
}
