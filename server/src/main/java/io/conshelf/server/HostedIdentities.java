package io.conshelf.server;

import io.conshelf.engine.Engine;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import io.conshelf.engine.Request;
import io.conshelf.server.identity.Application;
import io.conshelf.server.identity.Applications;
import io.conshelf.server.service.HostedService.Identities;
import io.conshelf.server.service.HostedService.Identity;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// Identities of what services run: registered beside the applications of the cluster, or, where nobody signs in, made of their names alone.
final class HostedIdentities implements Identities {
    private static final Duration TIMEOUT = Duration.ofMinutes(1);
    private static final String NO_TENANT = "local";

    private final Engine engine;
    private final Optional<Applications> applications;
    private final InstantSource clock;

    HostedIdentities(Engine engine, Optional<Applications> applications, InstantSource clock) {
        this.engine = engine;
        this.applications = applications;
        this.clock = clock;
    }

    @Override
    public synchronized Identity identity(String name) {
        if (applications.isEmpty()) {
            String id = UUID.nameUUIDFromBytes(name.getBytes(StandardCharsets.UTF_8)).toString();
            return new Identity(id, id, NO_TENANT);
        }
        Application application = applications.get().all().stream()
                .filter(known -> known.kind() == Application.Kind.USER_ASSIGNED && known.name().equalsIgnoreCase(name)).findFirst()
                .orElseGet(() -> applications.get().register(Applications.Wish.named(name, Application.Kind.USER_ASSIGNED)).application());
        return new Identity(application.id(), application.objectId(), application.tenant());
    }

    @Override
    public boolean grant(Identity identity, String database, List<String> roles) {
        for (String role : roles) {
            try {
                var request = new Request(Principal.LOCAL_ADMINISTRATOR, database, "grant-" + UUID.randomUUID(), UUID.randomUUID(), Map.of(), Map.of(),
                        "Conshelf", "", clock.instant(), TIMEOUT, false);
                engine.command(request, ".add database ['" + database.replace("\\", "\\\\").replace("'", "\\'") + "'] " + role + " ('"
                        + identity.principal() + "')").close();
            } catch (KustoException refused) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void remove(Identity identity) {
        applications.ifPresent(known -> known.remove(identity.clientId()));
    }
}
