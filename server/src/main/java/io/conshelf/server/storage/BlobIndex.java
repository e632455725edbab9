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
    }

    private final TreeMap<String, Held> containers = new TreeMap<>();
    private int blobs;
    private long blocks;

    int containerCount() {
        return containers.size();
    }

    int blobCount() {
        return blobs;
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
                Held held = containers.remove(container);
                held.blobs.values().forEach(blob -> count(blob, -1));
                held.staged.values().forEach(waiting -> blocks -= waiting.size());
            }
            case BlobEvent.Written(String container, StoredBlob blob) -> {
                put(container, blob);
                LinkedHashMap<String, StagedBlock> waiting = existing(container).staged.remove(blob.name());
                blocks -= waiting == null ? 0 : waiting.size();
            }
            case BlobEvent.Described(String container, StoredBlob blob) -> put(container, blob);
            case BlobEvent.Deleted(String container, String name) -> {
                StoredBlob blob = existing(container).blobs.remove(name);
                if (blob != null) {
                    count(blob, -1);
                }
            }
            case BlobEvent.BlockStaged(String container, String blob, StagedBlock block) -> {
                StagedBlock former = existing(container).staged.computeIfAbsent(blob, _ -> new LinkedHashMap<>()).put(block.id(), block);
                blocks += former == null ? 1 : 0;
            }
            case BlobEvent.BlockForgotten(String container, String blob, String id) ->
                blocks -= existing(container).staged.get(blob).remove(id) == null ? 0 : 1;
        }
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
