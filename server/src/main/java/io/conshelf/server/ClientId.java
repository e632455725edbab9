package io.conshelf.server;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What client request ids tell beyond identity.
final class ClientId {
    private static final Pattern MANAGED =
            Pattern.compile("K[A-Z]C\\.executeManagedStreamingIngest[^;]*;([0-9A-Za-z-]{1,64});\\d{1,4}");

    private ClientId() {}

    /// The id of the source that a managed client streams, the same in each of its attempts.
    static Optional<String> managedSource(String clientRequestId) {
        Matcher managed = MANAGED.matcher(clientRequestId);
        return managed.matches() ? Optional.of(managed.group(1)) : Optional.empty();
    }
}
