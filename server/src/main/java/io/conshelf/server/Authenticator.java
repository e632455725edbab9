package io.conshelf.server;

import io.conshelf.engine.Principal;
import io.conshelf.server.identity.Audience;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.util.Optional;

/// The one place where a request gets its principal, and where signing in is answered.
interface Authenticator {
    /// Who makes the request that carries this `Authorization` header.
    ///
    /// @param audience what a token must be for
    /// @param host     the name under which the client came in, without port
    Principal principal(Optional<String> authorization, Audience audience, String host);

    /// Where clients learn how to sign in.
    ///
    /// @param origin as the client sees this server
    String metadata(String origin);

    /// What a refusal for want of a token tells about where to get one.
    ///
    /// @param audience what the token must be for
    String challenge(String origin, Audience audience);

    /// Answers what belongs to signing in.
    void answer(Route.Identity route, Call call, ServerRequest http, Reply reply) throws IOException;

    /// Everyone is the local administrator; a token that comes along is neither needed nor looked at.
    static Authenticator open() {
        return new Authenticator() {
            @Override
            public Principal principal(Optional<String> authorization, Audience audience, String host) {
                return Principal.LOCAL_ADMINISTRATOR;
            }

            @Override
            public String metadata(String origin) {
                return AuthMetadata.ofTheCloud();
            }

            @Override
            public String challenge(String origin, Audience audience) {
                return "Bearer";
            }

            @Override
            public void answer(Route.Identity route, Call call, ServerRequest http, Reply reply) {
                throw Refusals.noSignIn();
            }
        };
    }
}
