package io.conshelf.processor.destination;

import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.processor.definition.Batch;
import io.conshelf.processor.destination.DestinationException.Lasting;
import io.conshelf.processor.format.FormatException;
import io.conshelf.processor.format.MessageFormat;
import io.conshelf.processor.format.MessageFormat.Frame;
import io.conshelf.processor.path.FileTemplate;
import io.conshelf.processor.stage.Message;
import io.conshelf.processor.stage.StageException;
import io.conshelf.processor.value.Value;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
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
    private final byte[] between;
    private final FileTemplate template;
    private final Place place;
    private final Store store;
    /// The records as the file will have them.
    private ByteArrayOutputStream gathered = new ByteArrayOutputStream();
    private int records;
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
        this.between = format.frame(0).between();
        this.template = template;
        this.place = place;
        this.store = store;
    }

    @Override
    public void accept(Message message) throws StageException {
        Value record = batch.path().read(message.content()).orElseThrow(() -> new StageException("MissingRecord", "the message has nothing at the batch's path"));
        byte[] part;
        try {
            part = format.part(record);
        } catch (FormatException e) {
            throw new StageException("FormatError", e.getMessage());
        }
        if (records == 0) {
            first = message.received();
        } else {
            gathered.writeBytes(between);
        }
        gathered.writeBytes(part);
        records++;
    }

    @Override
    public Optional<Instant> due() {
        return records == 0 ? Optional.empty() : Optional.of(gathered.size() >= BATCH_BYTES_MAX ? Instant.MIN : first.plus(batch.time()));
    }

    @Override
    public byte[] prepare(long checkpoint) throws DestinationException {
        if (records == 0) {
            return new byte[0];
        }
        try {
            Files.createDirectories(place.folder());
            try (FileChannel file = FileChannel.open(place.file(checkpoint), StandardOpenOption.CREATE, StandardOpenOption.WRITE, StandardOpenOption.TRUNCATE_EXISTING)) {
                try (OutputStream content = Channels.newOutputStream(file)) {
                    Frame frame = format.frame(records);
                    content.write(frame.before());
                    gathered.writeTo(content);
                    content.write(frame.after());
                    file.force(true);
                }
            }
            try (FileChannel folder = FileChannel.open(place.folder(), StandardOpenOption.READ)) {
                folder.force(true);
            }
        } catch (IOException e) {
            throw new DestinationException(Lasting.HERE, "a batch cannot be kept on this machine: " + e.getMessage(), e);
        }
        String name = template.file(new FileTemplate.Names(place.instance(), place.pipeline(), place.partition(), first, checkpoint));
        gathered = new ByteArrayOutputStream();
        records = 0;
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
