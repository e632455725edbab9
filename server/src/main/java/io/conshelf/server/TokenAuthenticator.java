package io.conshelf.server;

import io.conshelf.engine.Principal;
import io.conshelf.server.identity.Audience;
import io.conshelf.server.identity.InvalidTokenException;
import io.conshelf.server.identity.SignIn;
import io.conshelf.server.identity.TrustedTenant;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.util.Optional;
import java.util.function.UnaryOperator;

/// With `--auth entra`: every request needs a bearer token, of this cluster's token service or of the tenant that is trusted beside it.
final class TokenAuthenticator implements Authenticator {
    private static final String SCHEME = "Bearer ";

    private final SignIn signIn;
    private final IdentityRest rest;
    private final UnaryOperator<Principal> withRoles;

    /// @param withRoles adds what a principal is to the whole cluster
    TokenAuthenticator(SignIn signIn, IdentityRest rest, UnaryOperator<Principal> withRoles) {
        this.signIn = signIn;
        this.rest = rest;
        this.withRoles = withRoles;
    }

    @Override
    public Principal principal(Optional<String> authorization, Audience audience, String host) {
        String header = authorization.orElseThrow(() -> Refusals.unauthorized("the request has no bearer token"));
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            throw Refusals.unauthorized("the Authorization header is not 'Bearer' with a token");
        }
        try {
            return withRoles.apply(signIn.tokens().principal(header.substring(SCHEME.length()).strip(), audience, host));
        } catch (InvalidTokenException e) {
            throw Refusals.unauthorized(e.getMessage());
        }
    }

    @Override
    public String metadata(String origin) {
        return AuthMetadata.of(login(origin), tenant(), signIn.options().tenant().map(TrustedTenant::resource).orElse(AuthMetadata.RESOURCE));
    }

    private String login(String origin) {
        return signIn.options().tenant().map(TrustedTenant::login).orElse(origin);
    }

    private String tenant() {
        return signIn.options().tenant().map(TrustedTenant::id).orElseGet(signIn.applications()::tenant);
    }

    @Override
    public String challenge(String origin, Audience audience) {
        // Clients of vaults ask for a token only for what they are told; the others know it.
        String resource = audience == Audience.VAULT ? ", resource=\"https://vault.azure.net\"" : "";
        return "Bearer authorization_uri=\"" + login(origin) + "/" + tenant() + "\"" + resource;
    }

    @Override
    public void answer(Route.Identity route, Call call, ServerRequest http, Reply reply) throws IOException {
        switch (route) {
            case Route.Token token -> rest.token(token, call, http, reply);
            case Route.OpenId openId -> rest.openId(openId, call, reply);
            case Route.TokenKeys _ -> rest.keys(reply);
            case Route.Instances _ -> rest.instances(call, reply);
            case Route.ManagedIdentity _ -> rest.managedIdentity(call, http, reply);
            case Route.MetadataService _ -> rest.metadataService(call, http, reply);
            case Route.Authorize authorize -> rest.authorize(authorize, call, http, reply);
            case Route.DeviceCode device -> rest.deviceCode(device, call, http, reply);
            case Route.DevicePage _ -> rest.devicePage(call, http, reply);
            case Route.Users users -> rest.users(users, call, http, reply);
            case Route.Applications applications -> rest.applications(applications, call, http, reply);
        }
    }
}
