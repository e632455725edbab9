package io.conshelf.engine;

/// Who makes a request.
///
/// @param fullyQualifiedName as Kusto writes it: `aadapp=<id>;<tenant>`, `aaduser=<upn>;<tenant>`
/// @param displayName        for people
/// @param isAdministrator    the local administrator, who holds every role; all requests are his while `--auth none`
public record Principal(String fullyQualifiedName, String displayName, boolean isAdministrator) {
    /// The principal of every request of a cluster without authentication.
    public static final Principal LOCAL_ADMINISTRATOR =
            new Principal("aaduser=administrator@localhost;local", "Local administrator", true);
}
