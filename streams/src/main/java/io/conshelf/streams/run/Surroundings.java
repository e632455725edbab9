package io.conshelf.streams.run;

import io.conshelf.connectors.blob.BlobAccount;
import io.conshelf.connectors.file.FolderAccess;
import io.conshelf.connectors.kusto.Endpoints;
import io.conshelf.connectors.kusto.IdentityEndpoint;
import io.conshelf.connectors.kusto.KustoCredential;
import java.io.Serializable;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// What a job may reach, and where it lies. It travels with the job to where it runs; its text shows no secret.
///
/// @param cluster        the cluster that definitions lead to
/// @param role           how they lead there
/// @param live           what else may be reached
/// @param identity       where tokens of managed identities come from, and whose
/// @param allowedFolders the folders of this machine that a job may name; all when `isFree`
/// @param isFree         whoever runs the job owns the machine
/// @param folder         where relative paths begin
public record Surroundings(URI cluster, Role role, List<String> live, Identity identity, List<String> allowedFolders, boolean isFree, String folder)
        implements Serializable {
    public Surroundings {
        live = List.copyOf(live);
        allowedFolders = List.copyOf(allowedFolders);
    }

    public enum Role {
        /// It is the cluster of this process, where databases are made as they are named.
        EMBEDDED,
        /// It stands in the place of every Azure Data Explorer cluster.
        REPLACING
    }

    /// @param endpoint empty where nobody needs one
    /// @param header   what whoever asks there must know
    /// @param clientId of the job's own identity; empty for that of the machine
    public record Identity(String endpoint, String header, String clientId) implements Serializable {
        @Override
        public String toString() {
            return "Identity[" + endpoint + ", " + clientId + "]";
        }
    }

    /// For whoever owns the machine.
    public static Surroundings free(URI cluster, Role role, List<String> live, Path folder) {
        IdentityEndpoint identity = IdentityEndpoint.of(System.getenv());
        return new Surroundings(cluster, role, live, new Identity(identity.endpoint(), identity.header(), ""), List.of(), true, folder.toString());
    }

    /// For definitions that came over the network.
    public static Surroundings within(URI cluster, List<String> live, IdentityEndpoint identity, List<Path> allowedFolders) {
        return new Surroundings(cluster, Role.EMBEDDED, live, new Identity(identity.endpoint(), identity.header(), ""),
                allowedFolders.stream().map(Path::toString).toList(), false, allowedFolders.isEmpty() ? "" : allowedFolders.getFirst().toString());
    }

    public Endpoints endpoints() {
        return switch (role) {
            case EMBEDDED -> Endpoints.embedded(cluster, live, new IdentityEndpoint(identity.endpoint(), identity.header()));
            case REPLACING -> Endpoints.replacedBy(cluster, live);
        };
    }

    /// The same for a job with an identity of its own.
    public Surroundings as(String clientId) {
        return new Surroundings(cluster, role, live, new Identity(identity.endpoint(), identity.header(), clientId), allowedFolders, isFree, folder);
    }

    /// Who the job is to clusters. Where the cluster asks nobody, it is nobody.
    public KustoCredential credential() {
        if (!isFree && identity.endpoint().isEmpty()) {
            return new KustoCredential.None();
        }
        return identity.clientId().isEmpty() && isFree ? KustoCredential.of(System.getenv()) : new KustoCredential.ManagedIdentity(clientId());
    }

    /// The client id of the job's own identity.
    public Optional<String> clientId() {
        return Optional.of(identity.clientId()).filter(id -> !id.isEmpty());
    }

    /// How the embedded storage takes those who come in place of a real account.
    public BlobAccount.Door door() {
        return identity.endpoint().isEmpty() ? BlobAccount.Door.OPEN : BlobAccount.Door.KEYED;
    }

    public FolderAccess folders() {
        return isFree ? FolderAccess.ANY : FolderAccess.within(allowedFolders.stream().map(Path::of).toList());
    }

    public Path base() {
        return Path.of(folder);
    }
}
