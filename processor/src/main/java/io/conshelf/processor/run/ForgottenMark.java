package io.conshelf.processor.run;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// Says beside a checkpoint that its sender has forgotten all deliveries that it covers. A small file, since the checkpoint itself may be large, and what it says
/// is soon out of date: a message that comes later under the number of another, and says the same, is not to be taken for it after a crash.
record ForgottenMark(Path file) {
    static ForgottenMark beside(Path checkpoint) {
        return new ForgottenMark(checkpoint.resolveSibling(checkpoint.getFileName() + ".forgotten"));
    }

    /// @return how many bytes it takes
    long write(long checkpoint) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.allocate(Long.BYTES).putLong(checkpoint).flip(), 0);
            channel.force(false);
        }
        return Long.BYTES;
    }

    boolean isOf(long checkpoint) throws IOException {
        // half of a number is no number
        return Files.exists(file) && Files.size(file) == Long.BYTES && ByteBuffer.wrap(Files.readAllBytes(file)).getLong() == checkpoint;
    }
}
