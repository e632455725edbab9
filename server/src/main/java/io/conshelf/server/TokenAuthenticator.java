package io.conshelf.server;

import io.conshelf.engine.Principal;
import io.conshelf.server.identity.Audience;
import io.conshelf.server.identity.TokenIssuer;
import io.conshelf.server.identity.TokenIssuer.InvalidTokenException;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// With `--auth entra`: every request needs a bearer token of this cluster's token service.
final class TokenAuthenticator implements Authenticator {
    private static final String SCHEME = "Bearer ";

    private final TokenIssuer issuer;
    private final IdentityRest rest;
    private final String tenant;
    private final UnaryOperator<Principal> withRoles;

    /// @param withRoles adds what a principal is to the whole cluster
    TokenAuthenticator(TokenIssuer issuer, IdentityRest rest, String tenant, UnaryOperator<Principal> withRoles) {
        this.issuer = issuer;
        this.rest = rest;
        this.tenant = tenant;
        this.withRoles = withRoles;
    }

    @Override
    public Principal principal(Optional<String> authorization, Audience audience, String host) {
        String header = authorization.orElseThrow(() -> Refusals.unauthorized("the request has no bearer token"));
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw Refusals.unauthorized("the Authorization header is not 'Bearer' with a token");
        }
        try {
            return withRoles.apply(issuer.principal(header.substring(SCHEME.length()).strip(), audience, host));
        } catch (InvalidTokenException e) {
            throw Refusals.unauthorized(e.getMessage());
        }
    }

    @Override
    public String metadata(String origin) {
        return AuthMetadata.of(origin, tenant);
    }

    @Override
    public String challenge(String origin, Audience audience) {
        // Clients of vaults ask for a token only for what they are told; the others know it.
        String resource = audience == Audience.VAULT ? ", resource=\"https://vault.azure.net\"" : "";
        return "Bearer authorization_uri=\"" + origin + "/" + tenant + "\"" + resource;
    }

    @Override
    public void answer(Route.Identity route, Call call, ServerRequest http, Reply reply) throws IOException {
        switch (route) {
            case Route.Token token -> rest.token(token, http, reply);
            case Route.OpenId openId -> rest.openId(openId, call, reply);
            case Route.TokenKeys _ -> rest.keys(reply);
            case Route.Instances _ -> rest.instances(call, reply);
            case Route.ManagedIdentity _ -> rest.managedIdentity(http, reply);
            case Route.Applications applications -> rest.applications(applications, call, http, reply);
        }
    }
}
