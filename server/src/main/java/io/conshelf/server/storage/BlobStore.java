package io.conshelf.server.storage;

import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/// The blobs of the process. Contents are files; which blob has which content is in memory, every change of it in a journal
/// first. A write becomes visible all at once, and, when the store is durable, has reached the disk when it returns.
///
/// Failures are [StorageException]s: `ContainerNotFound`, `BlobNotFound`, …
public final class BlobStore implements AutoCloseable {
    /// How often a read or a block list starts again because a concurrent write took a file away.
    private static final int ATTEMPTS_MAX = 20;
    private static final int BLOCK_ID_BYTES_MAX = 64;
    /// Blocks that wait in all containers, in multiples of what one blob may have.
    private static final int STAGED_BLOBS_FULL = 2;
    private static final Duration BLOCK_LIFETIME = Duration.ofDays(7);
    private static final Duration FORGETTING_EVERY = Duration.ofHours(1);
    private static final int TICKS_PER_SECOND = 10_000_000;

    /// A blob with its content open for reading; a later write or delete doesn't disturb it.
    public record OpenBlob(StoredBlob blob, FileChannel channel) implements AutoCloseable {
        @Override public void close() throws IOException {
            channel.close();
        }
    }

    /// One page of a listing.
    ///
    /// @param prefixes names up to and with the delimiter, each for all the blobs that begin with it
    /// @param next     where the next page starts, if there is one
    public record Listing(List<StoredBlob> blobs, List<String> prefixes, Optional<String> next) {
        public Listing {
            blobs = List.copyOf(blobs);
            prefixes = List.copyOf(prefixes);
        }
    }

    /// A line of a block list.
    record BlockReference(Source source, String id) {
        enum Source { COMMITTED, UNCOMMITTED, LATEST }
    }

    private final BlobContent content;
    private final BlobIndex index;
    private final StorageLimits limits;
    private final InstantSource clock;
    private final StoreLog log;
    private long lastTick;
    private Instant nextForgetting = Instant.MIN;

    private volatile BlobListener listener = BlobListener.NOBODY;

    private BlobStore(BlobContent content, Journal journal, BlobIndex index, StorageLimits limits, InstantSource clock) {
        this.content = content;
        this.index = index;
        this.limits = limits;
        this.clock = clock;
        this.log = new StoreLog("blob", journal, index::journalBytes, index::snapshot);
    }

    static BlobStore open(BlobContent content, JournalSource source, StorageLimits limits, InstantSource clock) throws IOException {
        BlobIndex index = new BlobIndex();
        Journal journal = source.open(event -> index.apply(BlobEvent.read(event)));
        content.deleteAllBut(referred(index));
        BlobStore store = new BlobStore(content, journal, index, limits, clock);
        store.forgetOldBlocks();
        return store;
    }

    private static Set<String> referred(BlobIndex index) {
        Set<String> referred = new HashSet<>();
        index.containers().forEach(container -> referred.addAll(index.contents(container.name())));
        return referred;
    }

    /// The names of all contents. Called under the log's lock.
    Set<String> referred() {
        return referred(index);
    }

    StoreLog log() {
        return log;
    }

    /// Drops blocks whose block list never came, and those that a loss of power left incomplete.
    private void forgetOldBlocks() {
        Instant oldest = clock.instant().minus(BLOCK_LIFETIME);
        // Files are looked at while others go on.
        List<BlobEvent.BlockStaged> old = log.locked(index::staged).stream()
                .filter(staged -> !content.isWhole(staged.block().content(), staged.block().sizeBytes(), oldest)).toList();
        List<String> obsolete = new ArrayList<>();
        log.change(() -> {
            for (BlobEvent.BlockStaged staged : old) {
                StagedBlock block = staged.block();
                // It may be in a blob by now, or another in its place.
                if (index.container(staged.container()).isPresent() && block.equals(index.staged(staged.container(), staged.blob()).get(block.id()))) {
                    obsolete.add(block.content());
                    record(new BlobEvent.BlockForgotten(staged.container(), staged.blob(), block.id()));
                }
            }
            return true;
        });
        content.delete(obsolete);
    }

    private boolean isTimeToForget() {
        return log.locked(() -> {
            Instant now = clock.instant();
            if (now.isBefore(nextForgetting)) {
                return false;
            }
            nextForgetting = now.plus(FORGETTING_EVERY);
            return true;
        });
    }

    /// The folder of all contents, for an engine that must be allowed to read it.
    public Path contentFolder() {
        return content.folder();
    }

    /// The file with the blob's content. It is not changed; it goes when the blob is deleted or written anew.
    public Path file(StoredBlob blob) {
        return content.file(blob.content());
    }

    /// Returns whether the container was made now; false when it existed.
    public boolean createContainer(String container, Map<String, String> metadata) {
        Names.requireContainer(container);
        return log.change(() -> {
            if (index.container(container).isPresent()) {
                return false;
            }
            if (index.containerCount() >= limits.containersMax()) {
                throw new StorageException(StorageCode.SERVER_BUSY,
                        "There are %d containers, as many as this server keeps.".formatted(index.containerCount()));
            }
            Instant now = clock.instant();
            return record(new BlobEvent.ContainerKept(new BlobContainer(container, nextEtag(now), now, metadata)));
        });
    }

    public boolean createContainer(String container) {
        return createContainer(container, Map.of());
    }

    /// Returns whether there was such a container. Its blobs go with it.
    public boolean dropContainer(String container) {
        List<String> obsolete = new ArrayList<>();
        boolean existed = log.change(() -> {
            if (index.container(container).isEmpty()) {
                return false;
            }
            obsolete.addAll(index.contents(container));
            return record(new BlobEvent.ContainerDropped(container));
        });
        content.delete(obsolete);
        return existed;
    }

    public List<BlobContainer> containers() {
        return log.locked(index::containers);
    }

    public Optional<BlobContainer> container(String container) {
        return log.locked(() -> index.container(container));
    }

    public BlobContainer describeContainer(String container, Map<String, String> metadata) {
        return log.change(() -> {
            if (index.container(container).isEmpty()) {
                throw StorageException.noContainer(container);
            }
            Instant now = clock.instant();
            BlobContainer described = new BlobContainer(container, nextEtag(now), now, metadata);
            record(new BlobEvent.ContainerKept(described));
            return described;
        });
    }

    public Optional<StoredBlob> find(String container, String blob) {
        return log.locked(() -> index.blob(container, blob));
    }

    /// Opens the blob as it is now.
    public OpenBlob open(String container, String blob) {
        try {
            for (int attempt = 1; ; attempt++) {
                StoredBlob stored = find(container, blob).orElseThrow(() -> StorageException.noBlob(container, blob));
                try {
                    return new OpenBlob(stored, content.open(stored.content()));
                } catch (NoSuchFileException e) {
                    if (attempt == ATTEMPTS_MAX) {
                        throw e;
                    }
                }
            }
        } catch (IOException e) {
            throw StorageException.io("opening blob '%s'".formatted(blob), e);
        }
    }

    public InputStream read(String container, String blob) {
        return Channels.newInputStream(open(container, blob).channel());
    }

    public StoredBlob put(String container, String blob, InputStream in, BlobProperties properties) {
        return put(container, blob, in, properties, BlobCondition.ALWAYS);
    }

    /// Who is told of blobs that are made and deleted, from now on.
    public void tell(BlobListener newListener) {
        listener = newListener;
    }

    /// Writes a whole blob. The condition is asked before the content is read, and again when it becomes visible.
    public StoredBlob put(String container, String blob, InputStream in, BlobProperties properties, BlobCondition condition) {
        Names.requireBlob(blob, limits.blobNameLengthMax());
        log.locked(() -> {
            condition.check(index.blob(container, blob));
            return true;
        });
        String written = writing(blob, () -> content.write(in, limits.blobBytesMax(), limits.diskFreeBytesMin()));
        return writing(blob, () -> putInPlace(container, blob, written, List.of(), properties, condition, () -> true).orElseThrow());
    }

    /// Changes headers and metadata and leaves the content.
    StoredBlob describe(String container, String blob, UnaryOperator<BlobProperties> change, BlobCondition condition) {
        return log.change(() -> {
            StoredBlob current = index.blob(container, blob).orElseThrow(() -> StorageException.noBlob(container, blob));
            condition.check(Optional.of(current));
            Instant now = clock.instant();
            StoredBlob described = new StoredBlob(blob, current.sizeBytes(), nextEtag(now), current.createdOn(), now,
                    change.apply(current.properties()), current.content(), current.blocks());
            record(new BlobEvent.Described(container, described));
            return described;
        });
    }

    public void delete(String container, String blob) {
        delete(container, blob, BlobCondition.ALWAYS);
    }

    public void delete(String container, String blob, BlobCondition condition) {
        StoredBlob deleted = log.change(() -> {
            StoredBlob current = index.blob(container, blob).orElseThrow(() -> StorageException.noBlob(container, blob));
            condition.check(Optional.of(current));
            record(new BlobEvent.Deleted(container, blob));
            return current;
        });
        content.delete(List.of(deleted.content()));
        listener.deleted(container, blob);
    }

    /// @param delimiter empty for a flat listing
    /// @param marker    where to start; empty for the beginning
    public Listing list(String container, String prefix, String delimiter, String marker, int max) {
        return log.locked(() -> {
            List<StoredBlob> blobs = new ArrayList<>();
            LinkedHashSet<String> prefixes = new LinkedHashSet<>();
            SortedMap<String, StoredBlob> rest = index.blobs(container).tailMap(marker.compareTo(prefix) > 0 ? marker : prefix);
            while (!rest.isEmpty()) {
                String name = rest.firstKey();
                if (!name.startsWith(prefix)) {
                    break;
                }
                if (blobs.size() + prefixes.size() == max) {
                    return new Listing(blobs, List.copyOf(prefixes), Optional.of(name));
                }
                int end = delimiter.isEmpty() ? -1 : name.indexOf(delimiter, prefix.length());
                if (end < 0) {
                    blobs.add(rest.get(name));
                    rest = rest.tailMap(name + "\0");
                } else {
                    String group = name.substring(0, end + delimiter.length());
                    prefixes.add(group);
                    rest = rest.tailMap(group + Character.MAX_VALUE);
                }
            }
            return new Listing(blobs, List.copyOf(prefixes), Optional.empty());
        });
    }

    /// Keeps a block until a block list takes it. A crash may lose it before that; then the block list is refused.
    void stageBlock(String container, String blob, String id, InputStream in) {
        Names.requireBlob(blob, limits.blobNameLengthMax());
        int idBytes = requireBlockId(id);
        if (isTimeToForget()) {
            forgetOldBlocks();
        }
        log.locked(() -> {
            Map<String, StagedBlock> staged = index.staged(container, blob);
            if (staged.size() >= limits.uncommittedBlocksMax()) {
                throw new StorageException(StorageCode.BLOCK_COUNT_EXCEEDS_LIMIT,
                        "Blob '%s' has %d blocks that wait for a block list, as many as are allowed.".formatted(blob, staged.size()));
            }
            if (!staged.containsKey(id)) {
                requirePlaceForABlock(container, blob);
            }
            staged.values().stream().findFirst().filter(other -> blockIdBytes(other.id()) != idBytes).ifPresent(other -> {
                throw new StorageException(StorageCode.INVALID_BLOCK_ID,
                        "Block ids of one blob have one length: '%s' differs from '%s'.".formatted(id, other.id()));
            });
            return true;
        });
        String written = writing(blob, () -> content.write(in, limits.blockBytesMax(), limits.diskFreeBytesMin()));
        List<String> obsolete = new ArrayList<>();
        try {
            log.locked(() -> {
                long size = sizeOf(written);
                StagedBlock former = index.staged(container, blob).get(id);
                if (former == null) {
                    requirePlaceForABlock(container, blob);
                }
                record(new BlobEvent.BlockStaged(container, blob, new StagedBlock(id, size, written)));
                if (former != null) {
                    obsolete.add(former.content());
                }
                return true;
            });
        } catch (RuntimeException e) {
            content.delete(List.of(written));
            throw e;
        }
        content.delete(obsolete);
    }

    /// Blocks that wait are in memory. A container is left as many as are free, so that those of one leave places to all others.
    private void requirePlaceForABlock(String container, String blob) {
        requirePlaceForABlob(container, blob);
        int free = STAGED_BLOBS_FULL * limits.uncommittedBlocksMax() - index.stagedBlockCount();
        if (index.stagedBlockCount(container) >= free) {
            throw new StorageException(StorageCode.SERVER_BUSY,
                    "%d blocks of container '%s' wait for a block list, as many as this server keeps for it beside %d of others; they are forgotten after a week."
                            .formatted(index.stagedBlockCount(container), container, index.stagedBlockCount() - index.stagedBlockCount(container)));
        }
    }

    private void requirePlaceForABlob(String container, String blob) {
        if (!index.isThere(container, blob) && index.blobCount() >= limits.blobsMax()) {
            throw new StorageException(StorageCode.SERVER_BUSY,
                    "There are %d blobs, as many as this server keeps.".formatted(index.blobCount()));
        }
    }

    List<StagedBlock> stagedBlocks(String container, String blob) {
        return log.locked(() -> List.copyOf(index.staged(container, blob).values()));
    }

    /// Makes the blob out of blocks: waiting ones, and ones it already has.
    StoredBlob commitBlocks(
            String container, String blob, List<BlockReference> references, BlobProperties properties, BlobCondition condition) {
        Names.requireBlob(blob, limits.blobNameLengthMax());
        if (references.size() > limits.blocksMax()) {
            throw new StorageException(StorageCode.BLOCK_LIST_TOO_LONG,
                    "The list has %d blocks; up to %d are allowed.".formatted(references.size(), limits.blocksMax()));
        }
        for (int attempt = 1; ; attempt++) {
            List<BlobContent.Slice> slices = log.locked(() -> {
                condition.check(index.blob(container, blob));
                return slices(container, blob, references);
            });
            // Each is only so large, but one may be named again and again.
            long bytes = slices.stream().mapToLong(BlobContent.Slice::sizeBytes).sum();
            if (bytes > limits.blobBytesMax()) {
                throw new StorageException(StorageCode.REQUEST_BODY_TOO_LARGE,
                        "The blocks of the list have %d bytes together; up to %d are allowed.".formatted(bytes, limits.blobBytesMax()));
            }
            List<StoredBlob.Block> blocks = new ArrayList<>();
            for (int i = 0; i < slices.size(); i++) {
                blocks.add(new StoredBlob.Block(references.get(i).id(), slices.get(i).sizeBytes()));
            }
            Optional<StoredBlob> committed = Optional.empty();
            try {
                String joined = isOneStagedBlock(references, slices) ? slices.getFirst().content() : content.join(slices, limits.diskFreeBytesMin());
                committed = putInPlace(container, blob, joined, blocks, properties, condition,
                        () -> slices.equals(slices(container, blob, references)));
            } catch (NoSuchFileException e) {
                if (attempt == ATTEMPTS_MAX) {
                    throw StorageException.io("joining the blocks of blob '%s'".formatted(blob), e);
                }
            } catch (IOException e) {
                throw StorageException.io("joining the blocks of blob '%s'".formatted(blob), e);
            }
            if (committed.isPresent()) {
                return committed.get();
            }
        }
    }

    /// A single waiting block already is the blob's content.
    private static boolean isOneStagedBlock(List<BlockReference> references, List<BlobContent.Slice> slices) {
        return slices.size() == 1 && references.getFirst().source() == BlockReference.Source.UNCOMMITTED;
    }

    private List<BlobContent.Slice> slices(String container, String blob, List<BlockReference> references) {
        Map<String, StagedBlock> staged = index.staged(container, blob);
        Map<String, BlobContent.Slice> committed = committedSlices(index.blob(container, blob));
        List<BlobContent.Slice> slices = new ArrayList<>();
        for (BlockReference reference : references) {
            StagedBlock waiting = staged.get(reference.id());
            BlobContent.Slice fromStaged = waiting == null ? null : new BlobContent.Slice(waiting.content(), 0, waiting.sizeBytes());
            BlobContent.Slice fromCommitted = committed.get(reference.id());
            BlobContent.Slice slice = switch (reference.source()) {
                case COMMITTED -> fromCommitted;
                case UNCOMMITTED -> fromStaged;
                case LATEST -> fromStaged == null ? fromCommitted : fromStaged;
            };
            if (slice == null) {
                throw new StorageException(StorageCode.INVALID_BLOCK_LIST,
                        "The list names block '%s' (%s), which blob '%s' doesn't have.".formatted(reference.id(), reference.source(), blob));
            }
            slices.add(slice);
        }
        return slices;
    }

    private static Map<String, BlobContent.Slice> committedSlices(Optional<StoredBlob> blob) {
        Map<String, BlobContent.Slice> slices = new HashMap<>();
        long start = 0;
        for (StoredBlob.Block block : blob.map(StoredBlob::blocks).orElse(List.of())) {
            slices.putIfAbsent(block.id(), new BlobContent.Slice(blob.orElseThrow().content(), start, block.sizeBytes()));
            start += block.sizeBytes();
        }
        return slices;
    }

    /// Makes written content the blob's. Empty, with nothing done, when `stillHolds` says that it is built on what has changed.
    ///
    /// @throws NoSuchFileException where the content was a waiting block, and another was put in its place
    private Optional<StoredBlob> putInPlace(String container, String blob, String written, List<StoredBlob.Block> blocks,
            BlobProperties properties, BlobCondition condition, Supplier<Boolean> stillHolds) throws IOException {
        List<String> obsolete = new ArrayList<>();
        Optional<StoredBlob> stored = Optional.empty();
        boolean isOwn = true;
        try {
            content.keep(written);
            long size = Files.size(content.file(written));
            stored = log.change(() -> {
                Optional<StoredBlob> current = index.blob(container, blob);
                condition.check(current);
                if (!stillHolds.get()) {
                    return Optional.empty();
                }
                requirePlaceForABlob(container, blob);
                current.ifPresent(former -> obsolete.add(former.content()));
                index.staged(container, blob).values().forEach(block -> obsolete.add(block.content()));
                obsolete.remove(written);
                Instant now = clock.instant();
                StoredBlob next = new StoredBlob(blob, size, nextEtag(now),
                        current.map(StoredBlob::createdOn).orElse(now), now, properties, written, blocks);
                record(new BlobEvent.Written(container, next));
                return Optional.of(next);
            });
            isOwn = stored.isEmpty();
        } finally {
            if (isOwn && !isReferred(container, blob, written)) {
                content.delete(List.of(written));
            }
        }
        content.delete(obsolete);
        stored.ifPresent(now -> listener.created(container, blob, now.sizeBytes()));
        return stored;
    }

    /// Whether the content belongs to something after all: a waiting block, or a write whose flush failed after it was done.
    private boolean isReferred(String container, String blob, String written) {
        return log.locked(() -> index.container(container).isPresent()
                && (index.blob(container, blob).filter(stored -> stored.content().equals(written)).isPresent()
                    || index.staged(container, blob).values().stream().anyMatch(block -> block.content().equals(written))));
    }

    private interface Writing<T> {
        T write() throws IOException;
    }

    private static <T> T writing(String blob, Writing<T> writing) {
        try {
            return writing.write();
        } catch (IOException e) {
            throw StorageException.io("writing blob '%s'".formatted(blob), e);
        }
    }

    private long sizeOf(String written) {
        try {
            return Files.size(content.file(written));
        } catch (IOException e) {
            throw StorageException.io("reading the size of what was written", e);
        }
    }

    private static int requireBlockId(String id) {
        int bytes = blockIdBytes(id);
        if (bytes < 1 || bytes > BLOCK_ID_BYTES_MAX) {
            throw new StorageException(StorageCode.INVALID_QUERY_PARAMETER_VALUE,
                    "'%s' (blockid) is not base64 of 1 to 64 bytes.".formatted(id));
        }
        return bytes;
    }

    private static int blockIdBytes(String id) {
        try {
            return Base64.getDecoder().decode(id).length;
        } catch (IllegalArgumentException _) {
            return -1;
        }
    }

    private boolean record(BlobEvent event) {
        log.append(event.bytes());
        index.apply(event);
        return true;
    }

    /// Time in ticks, and later than every ETag before.
    private String nextEtag(Instant now) {
        lastTick = Math.max(lastTick + 1, now.getEpochSecond() * TICKS_PER_SECOND + now.getNano() / 100);
        return "\"0x%X\"".formatted(lastTick);
    }

    @Override public void close() throws IOException {
        log.close();
    }
}
