package io.conshelf.processor.destination;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.processor.definition.Batch;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.path.FileTemplate;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Files of a store, one for each batch. A checkpoint writes the batch beside the pipeline's state; when the checkpoint is complete the file goes to its place,
/// where a second time puts the same file under the same name.
public final class FilesDestination implements Destination {
    /// A batch that is larger does not wait for its time.
    private static final long BATCH_BYTES_MAX = 32L << 20;

    private final Batch batch;
    private final MessageFormat format;
    private final FileTemplate template;
    private final Place place;
    private final Store store;
    private final List<Value> records = new ArrayList<>();
    private long bytes;
    private Instant first = Instant.MIN;

    /// @param folder where batches wait for their checkpoint
    public record Place(String instance, String pipeline, int partition, Path folder) {
        private Path file(long checkpoint) {
            return folder.resolve("batch-" + partition + "-" + checkpoint);
        }
    }

    /// Where the files go; asked each time, so that a secret that was changed is seen.
    @FunctionalInterface
    public interface Store {
        FileStore open() throws StoreException;

        /// Called when a file is there.
        default void written(String name) throws StoreException {}
    }

    public FilesDestination(Batch batch, MessageFormat format, FileTemplate template, Place place, Store store) {
        this.batch = batch;
        this.format = format;
        this.template = template;
        this.place = place;
        this.store = store;
    }

    @Override
    public void accept(Message message) throws StageException {
        Value record = batch.path().read(message.content()).orElseThrow(() -> new StageException("MissingRecord", "the message has nothing at the batch's path"));
        try {
            // so that a record that cannot be written costs itself alone
            bytes += format.encode(record).length;
        } catch (FormatException e) {
            throw new StageException("FormatError", e.getMessage());
        }
        if (records.isEmpty()) {
            first = message.received();
        }
        records.add(record);
    }

    @Override
    public Optional<Instant> due() {
        return records.isEmpty() ? Optional.empty() : Optional.of(bytes >= BATCH_BYTES_MAX ? Instant.MIN : first.plus(batch.time()));
    }

    @Override
    public byte[] prepare(long checkpoint) throws DestinationException {
        if (records.isEmpty()) {
            return new byte[0];
        }
        try {
            Files.createDirectories(place.folder());
            try (FileChannel file = FileChannel.open(place.file(checkpoint), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                ByteBuffer content = ByteBuffer.wrap(format.encode(records));
                while (content.hasRemaining()) {
                    file.write(content);
                }
                file.force(true);
            }
            try (FileChannel folder = FileChannel.open(place.folder(), StandardOpenOption.READ)) {
                folder.force(true);
            }
        } catch (IOException | FormatException e) {
            throw new DestinationException(Lasting.HERE, "a batch cannot be kept on this machine: " + e.getMessage(), e);
        }
        String name = template.file(new FileTemplate.Names(place.instance(), place.pipeline(), place.partition(), first, checkpoint));
        records.clear();
        bytes = 0;
        return (checkpoint + "\n" + name).getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void commit(byte[] prepared) throws DestinationException, InterruptedException {
        String[] told = new String(prepared, StandardCharsets.UTF_8).split("\n", 2);
        long checkpoint = Long.parseLong(told[0]);
        Path file = place.file(checkpoint);
        try {
            // without it, it went to its place before
            if (Files.exists(file)) {
                try (FileStore.PendingFile pending = store.open().create(told[1])) {
                    Files.copy(file, pending.stream());
                    pending.commit();
                }
                store.written(told[1]);
            }
            deleteUpTo(checkpoint);
        } catch (StoreException e) {
            if (Thread.interrupted()) {
                throw new InterruptedException(e.getMessage());
            }
            throw MessagePart.failure(e);
        } catch (IOException e) {
            throw new DestinationException(Lasting.TRANSIENT, "the file '" + told[1] + "' cannot be written: " + e.getMessage(), e);
        }
    }

    /// The file keeps the name that it has, and what is in it.
    @Override
    public Optional<byte[]> adopt(byte[] prepared) {
        return Optional.of(prepared);
    }

    @Override
    public List<Value> leave(byte[] prepared) throws DestinationException {
        String[] told = new String(prepared, StandardCharsets.UTF_8).split("\n", 2);
        Path file = place.file(Long.parseLong(told[0]));
        if (!Files.exists(file)) {
            return List.of();
        }
        Path left = file.resolveSibling("left-" + file.getFileName());
        try {
            Files.copy(file, left, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw new DestinationException(Lasting.HERE, "a batch cannot be kept on this machine: " + e.getMessage(), e);
        }
        SequencedMap<String, Value> members = new LinkedHashMap<>();
        members.put("batch", Value.of(left.toString()));
        members.put("file", Value.of(told[1]));
        return List.of(new Value.Members(members));
    }

    /// Also what never was part of a checkpoint: its messages have come again.
    private void deleteUpTo(long checkpoint) throws IOException {
        String prefix = "batch-" + place.partition() + "-";
        try (DirectoryStream<Path> kept = Files.newDirectoryStream(place.folder(), prefix + "*")) {
            for (Path file : kept) {
                if (Long.parseLong(file.getFileName().toString().substring(prefix.length())) <= checkpoint) {
                    Files.deleteIfExists(file);
                }
            }
        }
    }

    @Override
    public void close() {}
}
