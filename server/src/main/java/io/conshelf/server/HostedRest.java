package io.conshelf.server;

import io.conshelf.engine.store.Authorization;
import io.conshelf.server.identity.Audience;
import io.conshelf.server.service.HostedService;
import io.helidon.webserver.http.ServerRequest;
import java.io.EOFException;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.zip.ZipException;

/// Hands requests to the services beside the cluster. Only administrators of all databases may manage them.
final class HostedRest {
    /// What somebody may send who has not said who they are.
    private static final long OPEN_BYTES_MAX = 4 << 20;

    private final List<HostedService> services;
    private final CommandsOf commands;
    private final ServerLimits limits;

    HostedRest(List<HostedService> services, CommandsOf commands, ServerLimits limits) {
        this.services = List.copyOf(services);
        this.commands = commands;
        this.limits = limits;
    }

    Optional<Route> route(String rawPath) {
        for (HostedService service : services) {
            if (service.answers(rawPath)) {
                return Optional.of(new Route.Hosted(service));
            }
        }
        return Optional.empty();
    }

    /// What a token for this path must be for.
    Audience audience(String rawPath) {
        return services.stream().filter(service -> service.answers(rawPath)).findFirst().map(HostedService::audience).orElse(Audience.KUSTO);
    }

    void answer(HostedService service, Call call, ServerRequest http, Reply reply) throws IOException {
        boolean isOpen = service.isOpen(http.path().rawPath());
        if (!isOpen) {
            Authorization.requireAdministrator(call.principal(), "managing " + service.name());
        }
        byte[] body;
        try (var in = IncomingBody.open(http, "The request body", isOpen ? Math.min(OPEN_BYTES_MAX, limits.requestBytesMax()) : limits.requestBytesMax())) {
            body = in.readAllBytes();
        } catch (ZipException | EOFException e) {
            throw Refusals.badRequest("the request body is not what its Content-Encoding says: " + e.getMessage(), e);
        }
        Map<String, String> query = new HashMap<>();
        http.query().names().forEach(name -> query.put(name, http.query().get(name)));
        Map<String, String> headers = new HashMap<>();
        http.headers().forEach(header -> headers.putIfAbsent(header.name().toLowerCase(Locale.ROOT), header.get()));
        HostedService.Answer answer = service.answer(new HostedService.Request(
                http.prologue().method().text(), http.path().rawPath(), query, headers, body, call.origin(),
                (database, text) -> commands.run(call, database, text)));
        answer.headers().forEach(reply::header);
        reply.bytes(answer.status(), answer.body());
    }
}
