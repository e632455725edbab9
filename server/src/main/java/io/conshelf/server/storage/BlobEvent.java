package io.conshelf.server.storage;

import java.util.ArrayList;
import java.util.List;

/// What can happen to blobs. Kinds are letters in the journal: a letter once used keeps its meaning.
sealed interface BlobEvent {
    /// A new container, or new metadata of an existing one.
    record ContainerKept(BlobContainer container) implements BlobEvent {}

    record ContainerDropped(String container) implements BlobEvent {}

    /// New content; blocks that wait for a block list are gone.
    record Written(String container, StoredBlob blob) implements BlobEvent {}

    /// New properties of the same content.
    record Described(String container, StoredBlob blob) implements BlobEvent {}

    record Deleted(String container, String blob) implements BlobEvent {}

    record BlockStaged(String container, String blob, StagedBlock block) implements BlobEvent {}

    record BlockForgotten(String container, String blob, String id) implements BlobEvent {}

    default byte[] bytes() {
        return switch (this) {
            case ContainerKept(BlobContainer container) -> new EventWriter('c').text(container.name()).text(container.etag())
                    .instant(container.lastModified()).map(container.metadata()).bytes();
            case ContainerDropped(String container) -> new EventWriter('d').text(container).bytes();
            case Written(String container, StoredBlob blob) -> write(new EventWriter('w').text(container), blob).bytes();
            case Described(String container, StoredBlob blob) -> write(new EventWriter('m').text(container), blob).bytes();
            case Deleted(String container, String blob) -> new EventWriter('x').text(container).text(blob).bytes();
            case BlockStaged(String container, String blob, StagedBlock block) -> new EventWriter('b').text(container).text(blob)
                    .text(block.id()).number(block.sizeBytes()).text(block.content()).bytes();
            case BlockForgotten(String container, String blob, String id) ->
                new EventWriter('f').text(container).text(blob).text(id).bytes();
        };
    }

    static BlobEvent read(byte[] event) {
        EventReader in = new EventReader(event);
        char kind = in.kind();
        String container = in.text();
        return switch (kind) {
            case 'c' -> new ContainerKept(new BlobContainer(container, in.text(), in.instant(), in.map()));
            case 'd' -> new ContainerDropped(container);
            case 'w' -> new Written(container, blob(in));
            case 'm' -> new Described(container, blob(in));
            case 'x' -> new Deleted(container, in.text());
            case 'b' -> new BlockStaged(container, in.text(), new StagedBlock(in.text(), in.number(), in.text()));
            case 'f' -> new BlockForgotten(container, in.text(), in.text());
            default -> throw new IllegalStateException("The blob journal has an event '%s' of a later version.".formatted(kind));
        };
    }

    private static EventWriter write(EventWriter out, StoredBlob blob) {
        out.text(blob.name()).number(blob.sizeBytes()).text(blob.etag()).instant(blob.createdOn()).instant(blob.lastModified())
                .map(blob.properties().headers()).map(blob.properties().metadata()).text(blob.content()).number(blob.blocks().size());
        blob.blocks().forEach(block -> out.text(block.id()).number(block.sizeBytes()));
        return out;
    }

    private static StoredBlob blob(EventReader in) {
        return new StoredBlob(in.text(), in.number(), in.text(), in.instant(), in.instant(),
                new BlobProperties(in.map(), in.map()), in.text(), blocks(in));
    }

    private static List<StoredBlob.Block> blocks(EventReader in) {
        List<StoredBlob.Block> blocks = new ArrayList<>();
        for (long left = in.number(); left > 0; left--) {
            blocks.add(new StoredBlob.Block(in.text(), in.number()));
        }
        return blocks;
    }
}
