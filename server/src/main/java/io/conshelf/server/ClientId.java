package io.conshelf.server;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What client request ids tell beyond identity.
final class ClientId {
    private static final Pattern MANAGED =
            Pattern.compile("K[A-Z]C\\.executeManagedStreamingIngest[^;]*;([0-9A-Fa-f]{8}(?:-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12});\\d{1,4}");
    private static final String NONE = "00000000-0000-0000-0000-000000000000";

    private ClientId() {}

    /// The id of the source that a managed client streams, the same in each of its attempts. Where Java's client was given a blob without one it
    /// says `null`, of every such blob.
    static Optional<String> managedSource(String clientRequestId) {
        Matcher managed = MANAGED.matcher(clientRequestId);
        return managed.matches() && !managed.group(1).equals(NONE) ? Optional.of(managed.group(1)) : Optional.empty();
    }
}
