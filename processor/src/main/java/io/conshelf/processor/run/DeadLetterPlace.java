package io.conshelf.processor.run;

import io.conshelf.processor.definition.Authentication;
import java.net.URI;

/// The topic of a broker where messages go that can't be processed, in the place of files.
///
/// @param broker         its URL without a path
/// @param authentication with the names of secrets
/// @param trusted        the name of the secret with the authorities of the broker's certificate; empty for those of Java
public record DeadLetterPlace(String broker, String topic, Authentication authentication, String trusted) {
    private static final String FORM = "mqtt://<host>:<port>/<topic>";

    /// @param address the broker's with the topic as its path
    /// @throws IllegalArgumentException where it is not of that form; its message says which is
    public static DeadLetterPlace of(String address) {
        URI uri;
        try {
            uri = URI.create(address.strip());
        } catch (IllegalArgumentException notAnAddress) {
            throw new IllegalArgumentException("dead letters go to " + FORM + ", and what was found is no address", notAnAddress);
        }
        String topic = uri.getPath() == null ? "" : uri.getPath().replaceFirst("^/", "");
        // of what is no host, such as one with '_', a URI tells no user
        if (uri.getUserInfo() != null || uri.getRawAuthority() != null && uri.getRawAuthority().contains("@")) {
            throw new IllegalArgumentException("dead letters go to " + FORM + ": nobody signs in by an address");
        }
        if (uri.getHost() == null || topic.isEmpty() || topic.contains("+") || topic.contains("#") || uri.getQuery() != null || uri.getFragment() != null) {
            throw new IllegalArgumentException("dead letters go to " + FORM + ", a topic without wildcards"
                    + (address.contains("@") ? "" : ", found '" + address + "'"));
        }
        return new DeadLetterPlace(uri.getScheme() + "://" + uri.getRawAuthority(), topic, new Authentication.None(), "");
    }
}
