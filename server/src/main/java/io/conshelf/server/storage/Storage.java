package io.conshelf.server.storage;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;

/// Blobs, queues and tables of the process: for HTTP clients through [#routes], for the services beside it directly.
///
/// ```java
/// Storage storage = Storage.open(Storage.Options.durable(data.resolve("storage"), SigningKey.loadOrCreate(data.resolve("storage.key"))));
/// storage.queues().create("ready-0");
/// URI toClient = storage.sas().uri(base, new StorageResource.Queue("ready-0"), Set.of(SasPermission.ADD), expiry);
/// List<QueueMessage> work = storage.queues().receive("ready-0", 32, Duration.ofMinutes(5));
/// ```
public final class Storage implements AutoCloseable {
    /// @param folder    for blob contents, and for the journals when durable
    /// @param isDurable whether a restart finds everything again
    /// @param accounts  whether there are accounts beside the reserved ones
    public record Options(Path folder, boolean isDurable, SigningKey key, StorageLimits limits, ClientHosts hosts, InstantSource clock,
            Accounts accounts) {
        public static Options durable(Path folder, SigningKey key) {
            return new Options(folder, true, key, StorageLimits.standard(), ClientHosts.loopback(), InstantSource.system(), Accounts.RESERVED);
        }

        /// Blob contents still are files, in a scratch folder that is emptied at the next start.
        public static Options inMemory(Path scratch, SigningKey key) {
            return new Options(scratch, false, key, StorageLimits.standard(), ClientHosts.loopback(), InstantSource.system(), Accounts.RESERVED);
        }

        public Options with(StorageLimits other) {
            return new Options(folder, isDurable, key, other, hosts, clock, accounts);
        }

        public Options with(ClientHosts other) {
            return new Options(folder, isDurable, key, limits, other, clock, accounts);
        }

        public Options with(InstantSource other) {
            return new Options(folder, isDurable, key, limits, hosts, other, accounts);
        }

        public Options with(Accounts other) {
            return new Options(folder, isDurable, key, limits, hosts, clock, other);
        }
    }

    /// Which accounts there are.
    public enum Accounts {
        RESERVED,
        /// And every other name, for blobs, as databases are made as they are named. The key of these is the one that emulators share, so this
        /// is for servers that are open to everybody on the machine.
        ANY_NAME,
        /// The same names, each with a key of its own: for servers that ask who one is.
        OWN_KEYS;

        /// The key of an account beside the reserved ones.
        SigningKey key(SigningKey server, String name) {
            return switch (this) {
                case ANY_NAME -> SigningKey.DEVELOPMENT;
                case OWN_KEYS -> server.ofAccount(name);
                case RESERVED -> throw new IllegalStateException("there are no accounts beside the reserved ones");
            };
        }
    }

    private final Options options;
    private final BlobStore blobs;
    private final JournaledQueueStore queues;
    private final JournaledEntityStore tables;
    private final SasIssuer sas;
    private final Authorizer authorizer;

    private Storage(Options options, BlobStore blobs, JournaledQueueStore queues, JournaledEntityStore tables) {
        this.options = options;
        this.blobs = blobs;
        this.queues = queues;
        this.tables = tables;
        this.authorizer = new Authorizer(options.key(), options.accounts(), options.clock());
        this.sas = new SasIssuer(options.key(), options.hosts(), authorizer);
    }

    public static Storage open(Options options) throws IOException {
        Path folder = options.folder();
        StorageBackup.deleteLeftOver(Files.createDirectories(folder));
        BlobContent content = BlobContent.in(folder.resolve("blobs"), options.isDurable());
        JournaledQueueStore queues = JournaledQueueStore.open(journal(options, "queues"), options.limits(), options.clock());
        try {
            JournaledEntityStore tables = JournaledEntityStore.open(journal(options, "tables"), options.limits(), options.clock());
            try {
                BlobStore blobs = BlobStore.open(content, journal(options, "blobs"), options.limits(), options.clock());
                return new Storage(options, blobs, queues, tables);
            } catch (IOException | RuntimeException e) {
                tables.close();
                throw e;
            }
        } catch (IOException | RuntimeException e) {
            queues.close();
            throw e;
        }
    }

    private static JournalSource journal(Options options, String store) {
        return options.isDurable() ? JournalSource.file(options.folder().resolve(store + ".journal")) : JournalSource.NONE;
    }

    /// Copies everything as it is at one moment into an empty folder, laid out as the folder of a durable storage.
    public void backup(Path target) throws IOException {
        StorageBackup.write(
                queues.log(), tables.log(), blobs.log(), blobs::referred, options.folder(), blobs.contentFolder(), target);
    }

    /// The key of an account, as clients take it; empty where the name is none that a container can be made in.
    public Optional<String> accountKey(String name) {
        return options.accounts() == Accounts.RESERVED ? Optional.empty()
                : StorageAddress.owner("/" + name).filter(name::equals).map(owner -> options.accounts().key(options.key(), owner).base64());
    }

    public BlobStore blobs() {
        return blobs;
    }

    public QueueStore queues() {
        return queues;
    }

    public EntityStore tables() {
        return tables;
    }

    public SasIssuer sas() {
        return sas;
    }

    /// From now on signatures for a borrower are good only as long as this says so; until then they all are.
    public void lendOnlyTo(Predicate<String> borrowers) {
        authorizer.lendOnlyTo(borrowers);
    }

    public ClientHosts hosts() {
        return options.hosts();
    }

    /// The HTTP endpoints, to be registered at the root: they answer below `/conshelfblob`, `/conshelfqueue` and
    /// `/conshelftable` only.
    ///
    /// @param denials       is told of what is refused for who asks
    /// @param concurrentMax requests being answered at once; more are refused with 503 `ServerBusy`
    public StorageRoutes routes(StorageRoutes.Denials denials, int concurrentMax) {
        return new StorageRoutes(denials, concurrentMax, blobs, queues, tables, authorizer, options.hosts(), options.limits(), options.accounts());
    }

    @Override public void close() {
        try (blobs; queues; tables) {
            // closing is all
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
