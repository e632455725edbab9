package io.conshelf.server.ingest;

import io.conshelf.engine.Principal;
import io.conshelf.server.storage.EntityKey;
import io.conshelf.server.storage.EntityStore;
import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageResource;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/// The storage that data management offers its clients: where to put blobs and messages, and where outcomes are told.
final class Resources {
    static final String READY_QUEUE = "ready-0";
    static final String FAILED_QUEUE = "failed-ingestions";
    static final String SUCCEEDED_QUEUE = "successful-ingestions";
    static final String STATUS_TABLE = "ingestionstatus";
    /// Where the server itself follows operations. It is lent to nobody: whoever can write there takes back what others ingest.
    static final String OPERATIONS_TABLE = "ingestionoperations";
    /// How the names of containers for uploads begin, one of each principal.
    static final String STAGING_CONTAINERS = "temp-";
    /// How the names of containers for exports begin, one of each principal.
    static final String EXPORT_CONTAINERS = "export-";
    /// Of who is not asked for a name.
    private static final String OWN = "0";
    static final String STAGING_CONTAINER = STAGING_CONTAINERS + OWN;
    private static final String ACCOUNT = "account-";
    private static final int NAME_BYTES = 16;
    private static final Pattern OWNERS = Pattern.compile(OWN + "|[0-9a-f]{" + 2 * NAME_BYTES + "}");

    private static final int ADOPTED_AT_ONCE = 1_000;

    private final Storage storage;
    private final LentStorage lent;
    private final Duration lifetime;
    private final InstantSource clock;

    Resources(Storage storage, LentStorage lent, Duration lifetime, InstantSource clock) {
        this.storage = storage;
        this.lent = lent;
        this.lifetime = lifetime;
        this.clock = clock;
        for (String queue : List.of(READY_QUEUE, FAILED_QUEUE, SUCCEEDED_QUEUE)) {
            lent.create(new StorageResource.Queue(queue));
        }
        storage.tables().createTable(STATUS_TABLE);
        if (storage.tables().createTable(OPERATIONS_TABLE)) {
            adoptOperations();
        }
        lent.create(new StorageResource.Container(STAGING_CONTAINER));
        lent.create(new StorageResource.Container(EXPORT_CONTAINERS + OWN));
    }

    /// Operations were followed in the table of statuses before they had one of their own. Once only: whoever is lent that table could write more of them there.
    private void adoptOperations() {
        Optional<EntityKey> from = Optional.of(EntityStore.FIRST);
        while (from.isPresent()) {
            // What clients write of their own sources does not say when it began.
            var page = storage.tables().query(STATUS_TABLE, from.get(), entity -> entity.properties().containsKey("StartedOn"), ADOPTED_AT_ONCE);
            page.entities().forEach(entity -> storage.tables().insertOrReplace(OPERATIONS_TABLE, entity.key(), entity.properties()));
            from = page.next();
        }
    }

    /// One resource as clients are told of it. The type names are the five that every client knows.
    record Offered(String type, URI uri) {}

    /// @param base scheme, host and port under which the client came in
    List<Offered> offered(URI base, Principal principal) {
        return List.of(
                new Offered("TempStorage", stagingContainer(base, principal)),
                new Offered(
                        "SecuredReadyForAggregationQueue",
                        signed(base, principal, new StorageResource.Queue(READY_QUEUE), Set.of(SasPermission.ADD))),
                new Offered(
                        "FailedIngestionsQueue",
                        signed(base, principal, new StorageResource.Queue(FAILED_QUEUE), Set.of(SasPermission.READ, SasPermission.PROCESS))),
                new Offered(
                        "SuccessfulIngestionsQueue",
                        signed(base, principal, new StorageResource.Queue(SUCCEEDED_QUEUE), Set.of(SasPermission.READ, SasPermission.PROCESS))),
                new Offered("IngestionsStatusTable", statusTable(base, principal)));
    }

    /// Where a principal puts what is to be ingested. It is lent to nobody else: names of blobs are no secrets, and who knows one could read it
    /// or put something else in its place.
    URI stagingContainer(URI base, Principal principal) {
        return signed(
                base,
                principal,
                made(STAGING_CONTAINERS, principal),
                Set.of(SasPermission.READ, SasPermission.ADD, SasPermission.CREATE, SasPermission.WRITE));
    }

    /// Where a principal has data exported to, and lists, reads and deletes it. It is lent to nobody else: others may not be allowed to see those rows.
    URI exportContainer(URI base, Principal principal) {
        return signed(
                base,
                principal,
                made(EXPORT_CONTAINERS, principal),
                Set.of(
                        SasPermission.READ, SasPermission.ADD, SasPermission.CREATE, SasPermission.WRITE, SasPermission.DELETE,
                        SasPermission.LIST));
    }

    /// Each time, as somebody may have deleted it; storage that is far away remembers for a while. Names of containers have lower-case letters and digits only, and 63 of them.
    private StorageResource.Container made(String prefix, Principal principal) {
        var container = new StorageResource.Container(prefix + (principal.isSameAs(Principal.LOCAL_ADMINISTRATOR) ? OWN : hash(principal)));
        lent.create(container);
        return container;
    }

    /// Whose messages are counted together, and who opens what was lent as long as they are let in; empty where nobody is asked for a name.
    static String borrower(Principal principal) {
        if (!principal.account().isEmpty()) {
            return ACCOUNT + principal.account();
        }
        return principal.isSameAs(Principal.LOCAL_ADMINISTRATOR) ? "" : hash(principal);
    }

    /// The account of a borrower who has one here.
    static Optional<String> accountOf(String borrower) {
        return Optional.of(borrower).filter(text -> text.startsWith(ACCOUNT)).map(text -> text.substring(ACCOUNT.length()));
    }

    private static String hash(Principal principal) {
        try {
            // Whoever gets a name does not get what was put there under it before.
            String who = principal.account().isEmpty() ? principal.fullyQualifiedName().toLowerCase(Locale.ROOT) : ACCOUNT + principal.account();
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(who.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, NAME_BYTES);
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError("every JDK has SHA-256", e);
        }
    }

    /// Whether clients put what is to be ingested into such a container.
    static boolean isForUploads(String container) {
        return isLent(STAGING_CONTAINERS, container);
    }

    /// Whether clients have data exported to such a container.
    static boolean isForExports(String container) {
        return isLent(EXPORT_CONTAINERS, container);
    }

    /// In their whole form: `temp-archive` is somebody's.
    private static boolean isLent(String prefix, String container) {
        return container.startsWith(prefix) && OWNERS.matcher(container).region(prefix.length(), container.length()).matches();
    }

    /// The table where the server follows an operation that it was asked to, as its messages name it.
    URI operationsTable(URI base) {
        return storage.sas().uri(
                base, new StorageResource.Table(OPERATIONS_TABLE), Set.of(SasPermission.READ, SasPermission.ADD, SasPermission.UPDATE), clock.instant().plus(lifetime));
    }

    URI statusTable(URI base, Principal principal) {
        return storage.sas().uri(
                base,
                new StorageResource.Table(STATUS_TABLE),
                Set.of(SasPermission.READ, SasPermission.ADD, SasPermission.UPDATE),
                clock.instant().plus(lifetime),
                borrower(principal));
    }

    private URI signed(URI base, Principal principal, StorageResource resource, Set<SasPermission> permissions) {
        return lent.signedFor(borrower(principal), base, resource, permissions, clock.instant().plus(lifetime));
    }
}
