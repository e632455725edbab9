package io.conshelf.processor.run;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteConstraints;
import com.fasterxml.jackson.core.StreamWriteFeature;
import io.conshelf.processor.value.JsonText;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

/// Dead letters as JSON lines. A file that is full is kept as `.1`, in the place of the one before.
final class DeadLetterFile implements DeadLetters {
    private static final long BYTES_MAX = 64L << 20;
    private static final JsonFactory JSON = JsonFactory.builder().disable(StreamWriteFeature.AUTO_CLOSE_TARGET)
            .disable(StreamWriteFeature.FLUSH_PASSED_TO_STREAM)
            .streamWriteConstraints(StreamWriteConstraints.builder().maxNestingDepth(100_000).build()).build();

    private final Path file;
    private FileChannel channel;
    private OutputStream out;
    private boolean isChanged;

    DeadLetterFile(Path file) {
        this.file = file;
    }

    @Override
    public void begin(long kept) throws IOException {
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        // a shorter one somebody else has emptied or turned
        if (channel.size() > kept) {
            channel.truncate(kept);
        }
        append();
    }

    private void append() throws IOException {
        channel.position(channel.size());
        out = new BufferedOutputStream(Channels.newOutputStream(channel), 1 << 13);
    }

    @Override
    public void add(DeadLetter letter) throws IOException {
        try (JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            json.writeStringField("time", letter.time().toString());
            json.writeNumberField("partition", letter.partition());
            json.writeStringField("stage", letter.stage());
            json.writeStringField("code", letter.code());
            json.writeStringField("reason", letter.reason());
            json.writeFieldName("message");
            JsonText.write(letter.message(), json);
            json.writeEndObject();
        }
        out.write('\n');
        isChanged = true;
    }

    @Override
    public long flush() throws IOException {
        if (isChanged) {
            out.flush();
            channel.force(true);
            isChanged = false;
            if (channel.size() >= BYTES_MAX) {
                turn();
            }
        }
        return channel.size();
    }

    private void turn() throws IOException {
        channel.close();
        Files.move(file, file.resolveSibling(file.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
        channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        append();
    }

    @Override
    public void close() throws IOException {
        if (channel != null) {
            channel.close();
        }
    }
}
