package io.conshelf.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.store.Authorization;
import io.conshelf.server.identity.Application;
import io.conshelf.server.identity.Applications;
import io.conshelf.server.identity.People;
import io.conshelf.server.identity.Person;
import io.conshelf.server.identity.PersonSignIn;
import io.conshelf.server.identity.SignIn;
import io.conshelf.server.identity.TokenRequests;
import io.helidon.http.HeaderNames;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// Signing in, and who may: the token service's endpoints, and the applications that administrators register.
final class IdentityRest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final long FORM_BYTES_MAX = 64 << 10;
    private static final Set<String> WAITING = Set.of("authorization_pending", "slow_down");

    private final SignIn signIn;
    private final Applications applications;
    private final TokenRequests tokens;
    private final AuditTrail audit;

    IdentityRest(SignIn signIn, AuditTrail audit) {
        this.audit = audit;
        this.signIn = signIn;
        this.applications = signIn.applications();
        this.tokens = signIn.requests();
    }

    void token(Route.Token route, Call call, ServerRequest http, Reply reply) throws IOException {
        String form = form(http);
        Optional<String> authorization = http.headers().value(HeaderNames.AUTHORIZATION);
        send(tokens.token(route.tenant(), route.version(), form, authorization, network(call)),
                TokenRequests.fields(form, authorization).getOrDefault("client_id", ""), call, http, reply);
    }

    /// Whoever asks, as far as the address tells.
    private static String network(Call call) {
        return StrangerLimits.network(call.from());
    }

    private static String form(ServerRequest http) throws IOException {
        try (var in = IncomingBody.open(http, "The request body", FORM_BYTES_MAX)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    void deviceCode(Route.DeviceCode route, Call call, ServerRequest http, Reply reply) throws IOException {
        String form = form(http);
        send(tokens.deviceCode(call.origin(), route.tenant(), form, network(call)), "", call, http, reply);
    }

    void authorize(Route.Authorize route, Call call, ServerRequest http, Reply reply) throws IOException {
        if (!tokens.hasAccounts(route.tenant())) {
            throw Refusals.badRequest("the tenant '" + HeaderText.printable(route.tenant()) + "' has no accounts of people here");
        }
        Map<String, String> form = filledIn(http);
        show(signIn.personSignIn().authorize(query(http), form, network(call)), form, call, http, reply);
    }

    void devicePage(Call call, ServerRequest http, Reply reply) throws IOException {
        Map<String, String> form = filledIn(http);
        show(signIn.personSignIn().device(query(http), form, network(call)), form, call, http, reply);
    }

    private static Map<String, String> filledIn(ServerRequest http) throws IOException {
        return http.prologue().method().text().equals("POST") ? TokenRequests.fields(form(http)) : Map.of();
    }

    private static Map<String, String> query(ServerRequest http) {
        Map<String, String> query = new HashMap<>();
        http.query().names().forEach(name -> query.put(name, http.query().get(name)));
        return query;
    }

    private void show(PersonSignIn.Page page, Map<String, String> form, Call call, ServerRequest http, Reply reply) {
        if (page.status() == 401 || page.status() == 429) {
            String account = signIn.people().find(form.getOrDefault("username", "")).map(person -> person.fullyQualifiedName(applications.tenant())).orElse("");
            audit.notSignedIn(call, account, what(http), page.status(), "invalid_credentials",
                    page.status() == 429 ? "too many wrong passwords or codes" : "the name or the password is not right");
        }
        page.again().ifPresent(reply::retryAfter);
        reply.header("Content-Security-Policy", page.policy());
        // With no-referrer browsers would hide even from us that the form is our own page's.
        reply.header("Referrer-Policy", "same-origin");
        if (!page.location().isEmpty()) {
            reply.header("Location", page.location());
        }
        reply.send(page.status(), "text/html; charset=utf-8", page.html());
    }

    /// `GET`, `POST`, `PUT` and `DELETE` of `/v1/rest/users`.
    void users(Route.Users route, Call call, ServerRequest http, Reply reply) throws IOException {
        Authorization.requireAdministrator(call.principal(), "the cluster's users");
        People people = signIn.people();
        switch (http.prologue().method().text()) {
            case "POST", "PUT" -> {
                try (var in = IncomingBody.open(http, "The request body", FORM_BYTES_MAX)) {
                    JsonNode stated = JSON.readTree(in);
                    String password = stated.path("password").asText("");
                    if (route.name().isEmpty()) {
                        reply.json(200, describe(people.register(stated.path("name").asText(""), password)).toString());
                    } else if (people.setPassword(route.name(), password)) {
                        reply.json(200, "{}");
                    } else {
                        throw noUser(route.name());
                    }
                } catch (JsonProcessingException _) {
                    // The cause may quote the password.
                    throw Refusals.badRequest("the body is not a JSON object with the 'name' and the 'password' of a user");
                } catch (IllegalArgumentException e) {
                    throw Refusals.badRequest(e.getMessage(), e);
                }
            }
            case "DELETE" -> {
                if (!people.remove(route.name())) {
                    throw noUser(route.name());
                }
                reply.json(200, "{}");
            }
            default -> {
                var list = JSON.createArrayNode();
                people.all().forEach(person -> list.add(describe(person)));
                reply.json(200, JSON.createObjectNode().set("value", list).toString());
            }
        }
    }

    private static KustoException noUser(String name) {
        return Refusals.badRequest("there is no user '" + HeaderText.printable(name) + "'");
    }

    private ObjectNode describe(Person person) {
        return JSON.createObjectNode().put("name", person.name()).put("objectId", person.id()).put("tenant", applications.tenant())
                .put("principal", person.fullyQualifiedName(applications.tenant()));
    }

    void managedIdentity(Call call, ServerRequest http, Reply reply) throws IOException {
        // The older form of the same has another name for the header.
        String secret = http.headers().value(Headers.IDENTITY).or(() -> http.headers().value(HeaderNames.create("secret"))).orElse("");
        send(tokens.managedIdentity(secret, http.query().first("resource").orElse(""), identity(http)), "", call, http, reply);
    }

    void metadataService(Call call, ServerRequest http, Reply reply) throws IOException {
        if (!signIn.options().hasMetadataService() || !Origins.isFromHere(http)) {
            throw Refusals.notFound("GET", http.path().rawPath());
        }
        boolean isForwarded = http.headers().contains(HeaderNames.X_FORWARDED_FOR);
        send(tokens.metadataService(http.headers().value(HeaderNames.create("Metadata")).orElse(""), isForwarded,
                http.query().first("resource").orElse(""), identity(http)), "", call, http, reply);
    }

    private static String identity(ServerRequest http) {
        var query = http.query();
        String identity = "";
        for (String name : new String[] {"client_id", "clientid", "object_id", "principal_id", "mi_res_id", "msi_res_id"}) {
            identity = identity.isEmpty() ? query.first(name).orElse("") : identity;
        }
        return identity;
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

    private void send(TokenRequests.Answer answer, String client, Call call, ServerRequest http, Reply reply) throws IOException {
        if (answer.status() >= 400) {
            JsonNode refusal = JSON.readTree(answer.json());
            String error = refusal.path("error").asText(refusal.path("code").asText());
            // A program that waits for somebody asks again and again.
            if (!WAITING.contains(error)) {
                String code = refusal.at("/error_codes/0").asText();
                audit.notSignedIn(call, applications.find(client).map(Application::fullyQualifiedName).orElse(""), what(http), answer.status(), error,
                        code.isEmpty() ? "" : "AADSTS" + code);
            }
        }
        answer.again().ifPresent(reply::retryAfter);
        reply.json(answer.status(), answer.json());
    }

    private static String what(ServerRequest http) {
        return http.prologue().method().text() + " " + http.path().rawPath();
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
                    stated.path("appId").asText(""), stated.path("tenant").asText(""), stated.path("secret").asText(""),
                    stated.path("certificate").asText("")));
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
