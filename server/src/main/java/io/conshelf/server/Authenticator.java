package io.conshelf.server;

import io.conshelf.engine.Principal;
import java.util.Optional;

/// The one place where a request gets its principal.
interface Authenticator {
    /// Who makes the request that carries this `Authorization` header.
    Principal principal(Optional<String> authorization);

    /// Everyone is the local administrator; a token that comes along is neither needed nor looked at.
    static Authenticator open() {
        return _ -> Principal.LOCAL_ADMINISTRATOR;
    }
}
