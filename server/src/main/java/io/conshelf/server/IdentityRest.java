package io.conshelf.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.store.Authorization;
import io.conshelf.server.identity.Application;
import io.conshelf.server.identity.Applications;
import io.conshelf.server.identity.TokenRequests;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/// Signing in, and who may: the token service's endpoints, and the applications that administrators register.
final class IdentityRest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long FORM_BYTES_MAX = 64 << 10;

    private final Applications applications;
    private final TokenRequests tokens;

    IdentityRest(Applications applications, TokenRequests tokens) {
        this.applications = applications;
        this.tokens = tokens;
    }

    void token(Route.Token route, ServerRequest http, Reply reply) throws IOException {
        String form;
        try (var in = IncomingBody.open(http, "The request body", FORM_BYTES_MAX)) {
            form = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
        send(tokens.token(route.tenant(), route.version(), form, http.headers().value(HeaderNames.AUTHORIZATION)), reply);
    }

    void managedIdentity(ServerRequest http, Reply reply) {
        var query = http.query();
        String identity = "";
        for (String name : new String[] {"client_id", "clientid", "object_id", "principal_id", "mi_res_id", "msi_res_id"}) {
            identity = identity.isEmpty() ? query.first(name).orElse("") : identity;
        }
        send(tokens.managedIdentity(http.headers().value(Headers.IDENTITY).orElse(""), query.first("resource").orElse(""), identity), reply);
    }

    void openId(Route.OpenId route, Call call, Reply reply) {
        reply.json(200, tokens.openIdConfiguration(call.origin(), route.tenant(), route.version()));
    }

    void keys(Reply reply) {
        reply.json(200, tokens.keys());
    }

    void instances(Call call, Reply reply) {
        reply.json(200, tokens.instances(call.origin(), tokens.tenant()));
    }

    private static void send(TokenRequests.Answer answer, Reply reply) {
        reply.json(answer.status(), answer.json());
    }

    /// `GET`, `POST` and `DELETE` of `/v1/rest/applications`.
    void applications(Route.Applications route, Call call, ServerRequest http, Reply reply) throws IOException {
        Authorization.requireAdministrator(call.principal(), "the cluster's applications");
        switch (http.prologue().method().text()) {
            case "POST" -> register(http, reply);
            case "DELETE" -> {
                if (!applications.remove(route.id())) {
                    throw Refusals.badRequest("there is no application '" + HeaderText.printable(route.id()) + "'");
                }
                reply.json(200, "{}");
            }
            default -> {
                var list = JSON.createArrayNode();
                applications.all().forEach(application -> list.add(describe(application)));
                reply.json(200, JSON.createObjectNode().set("value", list).toString());
            }
        }
    }

    private void register(ServerRequest http, Reply reply) throws IOException {
        try (var in = IncomingBody.open(http, "The request body", FORM_BYTES_MAX)) {
            JsonNode stated = JSON.readTree(in);
            var registered = applications.register(new Applications.Wish(
                    stated.path("name").asText(""),
                    stated.path("kind").asText("").equalsIgnoreCase(Application.Kind.USER_ASSIGNED.text())
                            ? Application.Kind.USER_ASSIGNED : Application.Kind.APPLICATION,
                    stated.path("appId").asText(""), stated.path("tenant").asText(""), stated.path("secret").asText("")));
            ObjectNode answer = describe(registered.application());
            if (!registered.secret().isEmpty()) {
                answer.put("secret", registered.secret());
            }
            reply.json(200, answer.toString());
        } catch (JsonProcessingException e) {
            throw Refusals.badRequest("the body is not a JSON object with the 'name' of the application", e);
        } catch (IllegalArgumentException e) {
            throw Refusals.badRequest(e.getMessage(), e);
        }
    }

    private static ObjectNode describe(Application application) {
        return JSON.createObjectNode().put("name", application.name()).put("kind", application.kind().text())
                .put("appId", application.id()).put("objectId", application.objectId()).put("tenant", application.tenant())
                .put("principal", application.fullyQualifiedName());
    }
}
