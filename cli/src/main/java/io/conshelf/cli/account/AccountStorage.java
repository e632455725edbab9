package io.conshelf.cli.account;

import com.azure.core.util.Context;
import com.azure.storage.blob.models.BlobContainerListDetails;
import com.azure.storage.blob.models.ListBlobContainersOptions;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.options.BlobContainerCreateOptions;
import com.azure.storage.blob.sas.BlobContainerSasPermission;
import com.azure.storage.blob.sas.BlobServiceSasSignatureValues;
import com.azure.storage.queue.QueueClient;
import com.azure.storage.queue.models.QueueStorageException;
import com.azure.storage.queue.models.SendMessageResult;
import com.azure.storage.queue.sas.QueueSasPermission;
import com.azure.storage.queue.sas.QueueServiceSasSignatureValues;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ServiceError;
import io.conshelf.server.ingest.LentStorage;
import io.conshelf.server.storage.QueueMessage;
import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.StorageException;
import io.conshelf.server.storage.StorageResource;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// An account of Azure Storage, or an Azurite, as what data management lends its clients.
public final class AccountStorage implements LentStorage {
    private static final Duration ASKED_EVERY = Duration.ofMillis(500);
    private static final int PAGE = 1_000;
    /// Each is renewed before it shows itself again, with a call of its own.
    private static final int HELD_MAX = 10_000;

    /// As many as an account gives at once.
    private static final int RECEIVED_MAX = 32;
    /// A request may bring thousands of messages, and each waits for its answer.
    private static final int CALLS_AT_ONCE = 8;
    /// What Azurite answers where one of the messages has a character that XML has not: it takes such a message, but cannot write it.
    private static final int CANNOT_GIVE_OUT = 500;
    /// Such a message hides those that are received with it, and is seen again when they are.
    private static final Duration SINGLY = HeldMessages.HIDDEN.multipliedBy(3);

    /// What containers have in their metadata that were made here.
    private static final String MARK = "conshelf";
    private static final String MARKED = "lent";
    private static final Logger LOG = LoggerFactory.getLogger(AccountStorage.class);

    /// Clients ask for a container again and again, which is seldom gone meanwhile.
    private static final Duration ASKED_AGAIN_AFTER = Duration.ofMinutes(5);

    private final AccountConnection account;
    private final InstantSource clock;
    private final Set<String> ours = ConcurrentHashMap.newKeySet();
    /// When each container was seen to be there.
    private final Map<String, Instant> seen = new ConcurrentHashMap<>();
    private final Set<String> warnedOf = ConcurrentHashMap.newKeySet();
    private final Map<String, QueueClient> queues = new ConcurrentHashMap<>();
    private final Map<String, HeldMessages> held = new ConcurrentHashMap<>();
    /// Until when the messages of a queue are received one by one, in nanoseconds of the clock that only goes on.
    private final Map<String, Long> singlyUntil = new ConcurrentHashMap<>();

    public AccountStorage(AccountConnection account) {
        this(account, InstantSource.system());
    }

    public AccountStorage(AccountConnection account, InstantSource clock) {
        this.account = account;
        this.clock = clock;
    }

    /// @throws KustoException when the account does not answer, or not to this key
    @Override
    public void create(StorageResource place) {
        try {
            switch (place) {
                case StorageResource.Queue(String name) -> queue(name).createIfNotExists();
                case StorageResource.Container(String name) -> createContainer(name);
                case StorageResource.Blob _, StorageResource.Table _ -> throw notLent(place);
            }
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (RuntimeException e) {
            throw unavailable("'" + place.path() + "' cannot be made in the storage account " + account + " (" + reason(e)
                    + "): it has to answer, for blobs and queues, and to have this key", e);
        }
    }

    /// What was there before is somebody's, and is used without being cleared.
    private void createContainer(String name) {
        Instant now = clock.instant();
        if (Optional.ofNullable(seen.get(name)).filter(then -> then.plus(ASKED_AGAIN_AFTER).isAfter(now)).isPresent()) {
            return;
        }
        var container = account.blobs().getBlobContainerClient(name);
        boolean isNew = container.createIfNotExistsWithResponse(new BlobContainerCreateOptions().setMetadata(Map.of(MARK, MARKED)), null, Context.NONE)
                .getValue();
        if (isNew || MARKED.equals(container.getProperties().getMetadata().get(MARK))) {
            ours.add(name);
        } else if (warnedOf.add(name)) {
            LOG.warn("The container '{}' was in the storage account {} before: nothing in it is deleted, unless its metadata says {}={}",
                    name, account, MARK, MARKED);
        }
        seen.put(name, now);
    }

    private static IllegalArgumentException notLent(StorageResource place) {
        return new IllegalArgumentException("neither a container nor a queue: " + place);
    }

    /// What the clients throw has long texts of the server in it.
    private static String reason(Throwable failure) {
        Throwable cause = failure;
        while (cause.getCause() != null) {
            cause = cause.getCause();
        }
        return Optional.ofNullable(cause.getMessage()).flatMap(message -> message.lines().findFirst()).orElse(cause.getClass().getSimpleName());
    }

    @Override
    public Set<String> servers() {
        return Set.of(URI.create(account.blobs().getAccountUrl()).getAuthority());
    }

    /// The account's own address, by whatever name the client came in.
    @Override
    public URI signed(URI base, StorageResource place, Set<SasPermission> permissions, Instant until) {
        String letters = permissions.stream().map(AccountStorage::letter).collect(Collectors.joining());
        OffsetDateTime end = until.atOffset(ZoneOffset.UTC);
        return URI.create(address(place) + "?" + switch (place) {
            case StorageResource.Container(String name) -> account.blobs().getBlobContainerClient(name)
                    .generateSas(new BlobServiceSasSignatureValues(end, BlobContainerSasPermission.parse(letters)));
            case StorageResource.Blob(String container, String name) -> account.blobs().getBlobContainerClient(container).getBlobClient(name)
                    .generateSas(new BlobServiceSasSignatureValues(end, BlobContainerSasPermission.parse(letters)));
            case StorageResource.Queue(String name) -> queue(name).generateSas(new QueueServiceSasSignatureValues(end, QueueSasPermission.parse(letters)));
            case StorageResource.Table _ -> throw notLent(place);
        });
    }

    private String address(StorageResource place) {
        return switch (place) {
            case StorageResource.Container(String name) -> account.blobs().getBlobContainerClient(name).getBlobContainerUrl();
            case StorageResource.Blob(String container, String name) -> account.blobs().getBlobContainerClient(container).getBlobClient(name).getBlobUrl();
            case StorageResource.Queue(String name) -> queue(name).getQueueUrl();
            case StorageResource.Table _ -> throw notLent(place);
        };
    }

    private static String letter(SasPermission permission) {
        return switch (permission) {
            case READ -> "r";
            case ADD -> "a";
            case CREATE -> "c";
            case WRITE -> "w";
            case UPDATE -> "u";
            case PROCESS -> "p";
            case DELETE -> "d";
            case LIST -> "l";
        };
    }

    /// Whether a signature holds is for the account to say: here only addresses that have one are taken.
    @Override
    public Optional<StorageResource> opened(URI uri, Set<SasPermission> permissions) {
        String query = "&" + uri.getRawQuery();
        if (!query.contains("&sig=") || uri.getRawPath() == null) {
            return Optional.empty();
        }
        return below(account.blobs().getAccountUrl(), uri).<StorageResource>map(path -> {
            int slash = path.indexOf('/');
            return slash < 0 ? new StorageResource.Container(path) : new StorageResource.Blob(path.substring(0, slash), path.substring(slash + 1));
        });
    }

    private static Optional<String> below(String endpoint, URI uri) {
        URI place = URI.create(endpoint);
        String folder = place.getRawPath() == null || place.getRawPath().isEmpty() ? "/" : place.getRawPath().replaceFirst("/?$", "/");
        boolean isThere = place.getAuthority().equalsIgnoreCase(uri.getAuthority()) && uri.getRawPath().startsWith(folder)
                && uri.getRawPath().length() > folder.length();
        // A plus is one: only what follows a question mark has it for a blank.
        return isThere ? Optional.of(URLDecoder.decode(uri.getRawPath().substring(folder.length()).replace("+", "%2B"), StandardCharsets.UTF_8)) : Optional.empty();
    }

    @Override
    public void put(String queue, String text) {
        asked(() -> queue(queue).sendMessage(text));
    }

    /// The account takes each with a call of its own: where it takes one no more, the others are taken back, but for what a receiver has by then, and for
    /// those that it may have taken without an answer. Whoever asked for all of them lets go of these when they are received.
    @Override
    public void putAllFor(String borrower, String queue, List<String> texts, Consumer<RuntimeException> partly) {
        var sent = new ConcurrentLinkedQueue<SendMessageResult>();
        var hasFailed = new AtomicBoolean();
        try {
            asked(() -> severalAtOnce(texts, text -> {
                try {
                    sent.add(queue(queue).sendMessage(text));
                } catch (RuntimeException e) {
                    // The calls beside this one may take long yet, and so may taking back.
                    if (hasFailed.compareAndSet(false, true)) {
                        partly.accept(e);
                    }
                    throw e;
                }
            }));
        } catch (StorageException | KustoException e) {
            var left = new ConcurrentLinkedQueue<RuntimeException>();
            severalAtOnce(sent, message -> {
                try {
                    asked(() -> queue(queue).deleteMessage(message.getMessageId(), message.getPopReceipt()));
                } catch (StorageException | KustoException stays) {
                    left.add(stays);
                }
            });
            left.forEach(e::addSuppressed);
            throw e;
        }
    }

    /// Makes a call for each. None begins after one has failed; those that have begun end first.
    private static <T> void severalAtOnce(Collection<T> all, Consumer<T> call) {
        var waiting = new ConcurrentLinkedQueue<T>(all);
        var failures = new ConcurrentLinkedQueue<RuntimeException>();
        try (var calls = Executors.newVirtualThreadPerTaskExecutor()) {
            for (int i = Math.min(CALLS_AT_ONCE, all.size()); i > 0; i--) {
                calls.execute(() -> {
                    for (T next = waiting.poll(); next != null && failures.isEmpty(); next = waiting.poll()) {
                        try {
                            call.accept(next);
                        } catch (RuntimeException e) {
                            failures.add(e);
                        }
                    }
                });
            }
        }
        if (!failures.isEmpty()) {
            throw failures.peek();
        }
    }

    @Override
    public boolean awaitMessage(String queue, Duration max) throws InterruptedException {
        long end = System.nanoTime() + max.toNanos();
        while (true) {
            if (asked(() -> isSeen(queue))) {
                return true;
            }
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            Thread.sleep(Duration.ofNanos(Math.min(left, ASKED_EVERY.toNanos())));
        }
    }

    private boolean isSeen(String queue) {
        try {
            return queue(queue).peekMessages(RECEIVED_MAX, null, Context.NONE).iterator().hasNext();
        } catch (QueueStorageException e) {
            if (e.getStatusCode() != CANNOT_GIVE_OUT) {
                throw e;
            }
            if (Optional.ofNullable(singlyUntil.put(queue, System.nanoTime() + SINGLY.toNanos())).isEmpty()) {
                LOG.warn("The queue '{}' of the storage account {} has a message that the account cannot give out. The others are received one by one; it comes"
                        + " back again and again until its time in the queue ends or somebody clears the queue", queue, account);
            }
            return true;
        }
    }

    @Override
    public List<QueueMessage> receive(String queue, int max) {
        return asked(() -> {
            if (!isSingly(queue)) {
                return received(queue, max);
            }
            // One that cannot be given out is hidden all the same when it is asked for alone, and with it nobody else.
            var messages = new ArrayList<QueueMessage>();
            for (int turn = 0; turn < max; turn++) {
                try {
                    var next = received(queue, 1);
                    if (next.isEmpty()) {
                        break;
                    }
                    messages.addAll(next);
                } catch (QueueStorageException e) {
                    if (e.getStatusCode() != CANNOT_GIVE_OUT) {
                        throw e;
                    }
                }
            }
            return messages;
        });
    }

    private boolean isSingly(String queue) {
        return Optional.ofNullable(singlyUntil.get(queue)).filter(end -> end - System.nanoTime() > 0).isPresent();
    }

    private List<QueueMessage> received(String queue, int max) {
        var messages = new ArrayList<QueueMessage>();
        for (var item : queue(queue).receiveMessages(max, HeldMessages.HIDDEN, null, null)) {
            long deliveries = held(queue).received(item.getMessageId(), item.getPopReceipt());
            messages.add(new QueueMessage(item.getMessageId(), item.getBody().toString(), item.getPopReceipt(), deliveries,
                    item.getInsertionTime().toInstant(), item.getExpirationTime().toInstant(), item.getTimeNextVisible().toInstant()));
        }
        return messages;
    }

    @Override
    public int heldMax() {
        return HELD_MAX;
    }

    /// The account shows them by itself when their time ends, which is soon.
    @Override
    public void release(String queue) {
        // Without the receipts of the former process there is nothing to do it with.
    }

    @Override
    public void delete(String queue, String messageId, String popReceipt) {
        asked(() -> held(queue).delete(messageId));
    }

    @Override
    public void giveBack(String queue, String messageId, String popReceipt, Duration after) {
        asked(() -> held(queue).giveBack(messageId, after));
    }

    @Override
    public void putBack(String queue, String messageId, String popReceipt, Duration after) {
        asked(() -> held(queue).putBack(messageId, after));
    }

    @Override
    public boolean isOurs(String container) {
        return ours.contains(container);
    }

    @Override
    public List<String> ours(String prefix) {
        return asked(() -> {
            var options = new ListBlobContainersOptions().setPrefix(prefix).setDetails(new BlobContainerListDetails().setRetrieveMetadata(true));
            var present = new HashSet<String>();
            var listed = new HashSet<String>();
            for (var container : account.blobs().listBlobContainers(options, null)) {
                present.add(container.getName());
                if (container.getMetadata() != null && MARKED.equals(container.getMetadata().get(MARK))) {
                    listed.add(container.getName());
                }
            }
            // Somebody may have deleted one.
            ours.removeIf(name -> name.startsWith(prefix) && !listed.contains(name));
            ours.addAll(listed);
            seen.keySet().removeIf(name -> name.startsWith(prefix) && !present.contains(name));
            return List.copyOf(listed);
        });
    }

    /// The account is asked with that signature, as it alone can tell whether it holds.
    @Override
    public void deleteThrough(URI uri) {
        if (opened(uri, Set.of(SasPermission.DELETE)).orElse(null) instanceof StorageResource.Blob(String container, String name)) {
            asked(() -> account.blobs(uri.getRawQuery()).getBlobContainerClient(container).getBlobClient(name).deleteIfExists());
        }
    }

    @Override
    public void delete(StorageResource.Blob blob) {
        asked(() -> account.blobs().getBlobContainerClient(blob.container()).getBlobClient(blob.name()).deleteIfExists());
    }

    @Override
    public Listing list(String container, String marker) {
        return asked(() -> {
            var pages = account.blobs().getBlobContainerClient(container)
                    .listBlobs(new ListBlobsOptions().setMaxResultsPerPage(PAGE), marker.isEmpty() ? null : marker, null).iterableByPage().iterator();
            if (!pages.hasNext()) {
                return new Listing(List.of(), Optional.empty());
            }
            try (var page = pages.next()) {
                return new Listing(page.getValue().stream().map(blob -> new Listed(blob.getName(), blob.getProperties().getLastModified().toInstant())).toList(),
                        Optional.ofNullable(page.getContinuationToken()).filter(next -> !next.isEmpty()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private void asked(Runnable question) {
        asked(() -> {
            question.run();
            return true;
        });
    }

    /// Whatever keeps the account from an answer passes: none of it is a fault of whoever sent a request, nor is it that one's connection that ended.
    private <T> T asked(Supplier<T> question) {
        try {
            return question.get();
        } catch (StorageException e) {
            throw e;
        } catch (RuntimeException e) {
            throw unavailable("The storage account " + account + " cannot be used now (" + reason(e) + "). Repeat the request when it answers.", e);
        }
    }

    private static KustoException unavailable(String message, RuntimeException cause) {
        return new KustoException(new ServiceError(503, "ServiceUnavailable", "Kusto.Data.Exceptions.KustoServiceException", message, false,
                Optional.empty()), cause);
    }

    private QueueClient queue(String name) {
        return queues.computeIfAbsent(name, account.queues()::getQueueClient);
    }

    private HeldMessages held(String queue) {
        return held.computeIfAbsent(queue, name -> new HeldMessages(queue(name)));
    }

    @Override
    public void close() {
        held.values().forEach(HeldMessages::close);
    }
}
