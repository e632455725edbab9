package io.conshelf.connectors.kusto;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;

/// What a cluster of conshelf answers beside the Kusto protocol: backups, applications, resources.
public final class ClusterRest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String MANAGEMENT = "https://management.azure.com";
    private static final Duration CONNECTING = Duration.ofSeconds(10);

    private final KustoEndpoint endpoint;
    private final Authorization authorization;

    /// What stands in the header of the same name.
    private interface Authorization {
        Optional<String> header() throws StoreException;
    }

    private ClusterRest(KustoEndpoint endpoint, Authorization authorization) {
        this.endpoint = endpoint;
        this.authorization = authorization;
    }

    /// Only a cluster on this machine offers it.
    public static ClusterRest of(KustoEndpoint endpoint, KustoCredential credential) throws StoreException {
        return of(endpoint, credential, "");
    }

    /// The same for resources, whose tokens are for Azure's management.
    public static ClusterRest ofResources(KustoEndpoint endpoint, KustoCredential credential) throws StoreException {
        return of(endpoint, credential, MANAGEMENT);
    }

    private static ClusterRest of(KustoEndpoint endpoint, KustoCredential credential, String resource) throws StoreException {
        if (!endpoint.isLoopback()) {
            throw StoreException.user("NotSupported", "'" + endpoint.uri() + "' is not a cluster of conshelf on this machine");
        }
        Optional<LocalTokens> tokens = LocalTokens.<StoreException>of(endpoint, resource, () -> credential);
        return new ClusterRest(endpoint, () -> tokens.isPresent() ? Optional.of("Bearer " + tokens.get().token()) : Optional.empty());
    }

    /// @param body JSON; empty for none
    public JsonNode ask(String method, String path, String body) throws StoreException {
        var request = HttpRequest.newBuilder(endpoint.uri().resolve(path));
        authorization.header().ifPresent(header -> request.header("Authorization", header));
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        request.method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        try (var client = HttpClient.newBuilder().connectTimeout(CONNECTING).build()) {
            HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
            JsonNode said = answer.body().isEmpty() ? MissingNode.getInstance() : JSON.readTree(answer.body());
            if (answer.statusCode() >= 300) {
                JsonNode error = said.path("error");
                throw StoreException.user(error.path("code").asText("HTTP" + answer.statusCode()),
                        error.path("@message").asText(error.path("message").asText("the cluster answered " + answer.statusCode())));
            }
            return said;
        } catch (JsonProcessingException notJson) {
            throw StoreException.user("NotSupported", "what answers at " + endpoint.uri() + " is not a cluster of conshelf");
        } catch (IOException failure) {
            throw StoreException.system("ClusterUnreachable", "Asking " + endpoint.uri() + " failed: " + failure.getMessage(), failure);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw StoreException.system("Interrupted", "Asking " + endpoint.uri() + " was interrupted", interrupted);
        }
    }
}
