package io.conshelf.processor.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.conshelf.processor.destination.LineFile;
import io.conshelf.processor.value.JsonText;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/// Dead letters as JSON lines. A file that is full is kept as `.1`, in the place of the one before.
final class DeadLetterFile implements DeadLetters {
    private static final long BYTES_MAX = 64L << 20;
    private static final JsonFactory JSON = JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .streamWriteConstraints(StreamWriteConstraints.builder().maxNestingDepth(100_000).build()).build();

    private final Path path;
    private final long bytesMax;
    private Optional<LineFile> open = Optional.empty();
    private boolean isChanged;

    DeadLetterFile(Path path) {
        this(path, BYTES_MAX);
    }

    DeadLetterFile(Path path, long bytesMax) {
        this.path = path;
        this.bytesMax = bytesMax;
    }

    /// @param folder of the pipeline
    static Path in(Path folder, int partition) {
        return folder.resolve("dead-letters-" + partition + ".jsonl");
    }

    @Override
    public void begin(long kept) throws IOException {
        // a shorter one somebody else has emptied or turned
        open = Optional.of(LineFile.open(path, kept));
    }

    private LineFile open() throws IOException {
        if (open.isEmpty()) {
            begin(Long.MAX_VALUE);
        }
        return open.orElseThrow();
    }

    @Override
    public void add(DeadLetter letter) throws IOException {
        open().add(line(letter));
        isChanged = true;
    }

    /// With the end of the line.
    static byte[] line(DeadLetter letter) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream(512);
        try (JsonGenerator json = JSON.createGenerator(line)) {
            json.writeStartObject();
            json.writeStringField("time", letter.time().toString());
            json.writeNumberField("partition", letter.partition());
            json.writeStringField("stage", letter.stage());
            json.writeStringField("code", letter.code());
            json.writeStringField("reason", letter.reason());
            json.writeFieldName("message");
            JsonText.write(letter.message(), json);
            json.writeEndObject();
            json.writeRaw('\n');
        }
        return line.toByteArray();
    }

    @Override
    public long flush() throws IOException {
        if (isChanged) {
            open().force();
            isChanged = false;
        }
        if (open().bytes() >= bytesMax) {
            turn();
        }
        return open().bytes();
    }

    /// All that is in it is on the disk. Where a step fails, the next flush goes on with it.
    private void turn() throws IOException {
        if (Files.exists(path)) {
            Files.move(path, path.resolveSibling(path.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
        }
        LineFile turned = open();
        open = Optional.empty();
        turned.close();
    }

    @Override
    public void close() throws IOException {
        if (open.isPresent()) {
            open.get().close();
        }
    }
}
