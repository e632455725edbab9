package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResourceGroupsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();
    private static final String GROUPS = "/subscriptions/00000000-0000-0000-0000-000000000000/resourcegroups";

    @TempDir
    private Path data;

    private Server server;

    @BeforeEach
    void start() {
        server = Server.start(ServerConfig.local().withData(data));
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private JsonNode send(int status, String method, String path, String body) throws Exception {
        var answer = CLIENT.send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.port() + path + "?api-version=2022-09-01"))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body)).build(), BodyHandlers.ofString());
        assertThat(answer.statusCode()).as(method + " " + path + " " + answer.body()).isEqualTo(status);
        return JSON.readTree(answer.body().isEmpty() ? "{}" : answer.body());
    }

    @Test
    void groupsAreMadeTaggedListedAndKept() throws Exception {
        send(404, "HEAD", GROUPS + "/lab", "");
        assertThat(send(201, "PUT", GROUPS + "/lab", "{\"location\":\"eastus\"}").at("/properties/provisioningState").asText()).isEqualTo("Succeeded");
        assertThat(send(200, "PUT", GROUPS + "/LAB", "{\"location\":\"eastus\",\"tags\":{\"a\":\"b\"}}").at("/tags/a").asText()).isEqualTo("b");
        assertThat(send(200, "PATCH", GROUPS + "/lab", "{\"tags\":{\"a\":\"c\"}}").at("/tags/a").asText()).isEqualTo("c");
        server.close();
        server = Server.start(ServerConfig.local().withData(data));
        send(204, "HEAD", GROUPS + "/lab", "");
        assertThat(send(200, "GET", GROUPS, "").path("value")).hasSize(1);
        assertThat(send(200, "GET", GROUPS + "/lab", "").path("location").asText()).isEqualTo("eastus");
    }

    @Test
    void whatIsWrongIsRefusedByTheServicesCodes() throws Exception {
        assertThat(send(404, "GET", GROUPS + "/none", "").at("/error/code").asText()).isEqualTo("ResourceGroupNotFound");
        assertThat(send(400, "PUT", GROUPS + "/lab", "{}").at("/error/code").asText()).isEqualTo("LocationRequired");
        assertThat(send(400, "PUT", GROUPS + "/lab", "[").at("/error/code").asText()).isEqualTo("InvalidRequestContent");
        assertThat(send(400, "PUT", GROUPS + "/lab.", "{\"location\":\"x\"}").at("/error/code").asText()).isEqualTo("InvalidResourceGroupName");
        assertThat(send(400, "PUT", GROUPS + "/lab", "{\"location\":\"x\",\"tags\":[]}").at("/error/message").asText()).contains("tags");
    }

    @Test
    void aGroupIsNotDeletedWithAllThatIsInIt() throws Exception {
        send(201, "PUT", GROUPS + "/lab", "{\"location\":\"eastus\"}");
        assertThat(send(409, "DELETE", GROUPS + "/lab", "").at("/error/message").asText()).contains("one by one");
        send(204, "HEAD", GROUPS + "/lab", "");
    }
}
