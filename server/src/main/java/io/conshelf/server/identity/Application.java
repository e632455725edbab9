package io.conshelf.server.identity;

import java.util.List;
import java.util.Locale;

/// One who can ask for a token: an application with a secret, or an identity that this machine vouches for.
///
/// @param id       what the protocol calls client id
/// @param objectId what the service calls object id or principal id
/// @param tenant   the tenant's id or domain, as those who sign in name it
/// @param secret   empty for managed identities, which have none
/// @param certificates with whose keys it may sign in as well; X.509 as Base64
public record Application(String id, String objectId, String tenant, String name, Kind kind, SecretHash secret, List<String> certificates) {
    public Application {
        certificates = List.copyOf(certificates);
    }

    /// How it proves who it is.
    public enum Kind {
        /// With a secret of its own.
        APPLICATION,
        /// By being here: what runs as this machine without naming an identity.
        SYSTEM_ASSIGNED,
        /// By being here, and naming it by its client id, its object id, or the resource whose last segment is its name.
        USER_ASSIGNED;

        /// As answers and stored documents have it.
        public String text() {
            return switch (this) {
                case APPLICATION -> "Application";
                case SYSTEM_ASSIGNED -> "SystemAssigned";
                case USER_ASSIGNED -> "UserAssigned";
            };
        }

        static Kind of(String text) {
            for (Kind kind : values()) {
                if (kind.text().equalsIgnoreCase(text)) {
                    return kind;
                }
            }
            throw new IllegalArgumentException("a kind is Application, SystemAssigned or UserAssigned, found '" + text + "'");
        }
    }

    /// As commands name it: `aadapp=<id>;<tenant>`.
    public String fullyQualifiedName() {
        return "aadapp=" + id + ";" + tenant;
    }

    boolean answersTo(String identity) {
        String wanted = identity.toLowerCase(Locale.ROOT);
        return id.equals(wanted) || objectId.equals(wanted) || name.equalsIgnoreCase(identity.substring(identity.lastIndexOf('/') + 1));
    }
}
