package io.conshelf.server.storage;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// Which containers and blobs there are, in memory. Guarded by its store's lock.
final class BlobIndex {
    private static final int BLOB_EVENT_BYTES = 500;

    private static final class Held {
        private final TreeMap<String, StoredBlob> blobs = new TreeMap<>();
        private final Map<String, LinkedHashMap<String, StagedBlock>> staged = new TreeMap<>();
        private BlobContainer container;
        private int stagedBlocks;
    }

    private final TreeMap<String, Held> containers = new TreeMap<>();
    private int blobs;
    private long blocks;
    private int stagedBlocks;
    /// Blobs that are nothing but blocks that wait.
    private int stagedBlobs;

    int containerCount() {
        return containers.size();
    }

    /// With those of which there are only blocks that wait for a block list.
    int blobCount() {
        return blobs + stagedBlobs;
    }

    boolean isThere(String container, String blob) {
        Held held = existing(container);
        return held.blobs.containsKey(blob) || held.staged.containsKey(blob);
    }

    int stagedBlockCount() {
        return stagedBlocks;
    }

    int stagedBlockCount(String container) {
        return existing(container).stagedBlocks;
    }

    long journalBytes() {
        return (blobs + blocks) * BLOB_EVENT_BYTES;
    }

    List<BlobContainer> containers() {
        return containers.values().stream().map(held -> held.container).toList();
    }

    Optional<BlobContainer> container(String name) {
        return Optional.ofNullable(containers.get(name)).map(held -> held.container);
    }

    Optional<StoredBlob> blob(String container, String name) {
        return Optional.ofNullable(existing(container).blobs.get(name));
    }

    /// Blobs in the order of their names.
    TreeMap<String, StoredBlob> blobs(String container) {
        return existing(container).blobs;
    }

    /// Blocks that wait for a block list, in the order they came.
    Map<String, StagedBlock> staged(String container, String blob) {
        return existing(container).staged.getOrDefault(blob, new LinkedHashMap<>());
    }

    /// All blocks that wait for a block list.
    List<BlobEvent.BlockStaged> staged() {
        List<BlobEvent.BlockStaged> all = new ArrayList<>();
        containers.forEach((container, held) -> held.staged.forEach((blob, waiting) ->
                waiting.values().forEach(block -> all.add(new BlobEvent.BlockStaged(container, blob, block)))));
        return all;
    }

    /// Content files of everything in the container.
    List<String> contents(String container) {
        List<String> contents = new ArrayList<>();
        Held held = existing(container);
        held.blobs.values().forEach(blob -> contents.add(blob.content()));
        held.staged.values().forEach(blocks -> blocks.values().forEach(block -> contents.add(block.content())));
        return contents;
    }

    void apply(BlobEvent event) {
        switch (event) {
            case BlobEvent.ContainerKept(BlobContainer container) ->
                containers.computeIfAbsent(container.name(), _ -> new Held()).container = container;
            case BlobEvent.ContainerDropped(String container) -> {
                Held held = existing(container);
                List.copyOf(held.staged.keySet()).forEach(blob -> takeStaged(held, blob));
                held.blobs.values().forEach(blob -> count(blob, -1));
                containers.remove(container);
            }
            case BlobEvent.Written(String container, StoredBlob blob) -> {
                takeStaged(existing(container), blob.name());
                put(container, blob);
            }
            case BlobEvent.Described(String container, StoredBlob blob) -> put(container, blob);
            case BlobEvent.Deleted(String container, String name) -> {
                Held held = existing(container);
                StoredBlob blob = held.blobs.remove(name);
                if (blob != null) {
                    count(blob, -1);
                    stagedBlobs += held.staged.containsKey(name) ? 1 : 0;
                }
            }
            case BlobEvent.BlockStaged(String container, String blob, StagedBlock block) -> {
                Held held = existing(container);
                LinkedHashMap<String, StagedBlock> waiting = held.staged.computeIfAbsent(blob, _ -> {
                    stagedBlobs += held.blobs.containsKey(blob) ? 0 : 1;
                    return new LinkedHashMap<>();
                });
                if (waiting.put(block.id(), block) == null) {
                    countStaged(held, 1);
                }
            }
            case BlobEvent.BlockForgotten(String container, String blob, String id) -> {
                Held held = existing(container);
                Map<String, StagedBlock> waiting = staged(container, blob);
                if (waiting.remove(id) != null) {
                    countStaged(held, -1);
                }
                if (waiting.isEmpty()) {
                    takeStaged(held, blob);
                }
            }
        }
    }

    private void takeStaged(Held held, String blob) {
        LinkedHashMap<String, StagedBlock> waiting = held.staged.remove(blob);
        if (waiting != null) {
            countStaged(held, -waiting.size());
            stagedBlobs -= held.blobs.containsKey(blob) ? 0 : 1;
        }
    }

    private void countStaged(Held held, int more) {
        held.stagedBlocks += more;
        stagedBlocks += more;
        blocks += more;
    }

    void snapshot(Consumer<byte[]> events) {
        containers.forEach((name, held) -> {
            events.accept(new BlobEvent.ContainerKept(held.container).bytes());
            held.blobs.values().forEach(blob -> events.accept(new BlobEvent.Written(name, blob).bytes()));
            held.staged.forEach((blob, waiting) -> waiting.values().forEach(
                    block -> events.accept(new BlobEvent.BlockStaged(name, blob, block).bytes())));
        });
    }

    private void put(String container, StoredBlob blob) {
        StoredBlob former = existing(container).blobs.put(blob.name(), blob);
        if (former != null) {
            count(former, -1);
        }
        count(blob, 1);
    }

    private void count(StoredBlob blob, int sign) {
        blobs += sign;
        blocks += (long) sign * blob.blocks().size();
    }

    private Held existing(String container) {
        Held held = containers.get(container);
        if (held == null) {
            throw StorageException.noContainer(container);
        }
        return held;
    }
}
