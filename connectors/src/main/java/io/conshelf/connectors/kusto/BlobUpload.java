package io.conshelf.connectors.kusto;

import com.azure.core.util.BinaryData;
import com.microsoft.azure.kusto.ingest.resources.ContainerWithSas;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/// A blob that is uploaded while it is written: blocks leave as they fill up, a few at a time, and nothing lies on the disk in between. One
/// thread at a time uses it.
public final class BlobUpload implements BlobContent {
    private static final int BLOCK_BYTES = 8 << 20;
    /// Blocks that may be on their way while the next one is filled.
    private static final int UNDERWAY_MAX = 2;
    private static final int PACKED_BUFFER_BYTES = 1 << 16;

    private final StagedBlob blob;
    private final OutputStream stream;
    private final LinkedBlockingQueue<byte[]> buffers = new LinkedBlockingQueue<>();
    private final List<CompletableFuture<?>> sent = new ArrayList<>();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private byte[] buffer = new byte[BLOCK_BYTES];
    private int filled;
    private long sizeBytes;
    private boolean isOver;

    private BlobUpload(StagedBlob blob, OutputStreamOf blocks) {
        this.blob = blob;
        this.stream = new Content(blocks.over(new Blocks()));
        // Made as they are needed.
        for (int i = 0; i < UNDERWAY_MAX; i++) {
            buffers.add(new byte[0]);
        }
    }

    private interface OutputStreamOf {
        OutputStream over(OutputStream blocks);
    }

    static BlobUpload of(ContainerWithSas container, String name) {
        return new BlobUpload(new StagedBlob(container, name), blocks -> blocks);
    }

    /// One that is packed on its way.
    static BlobUpload packed(ContainerWithSas container, String name) {
        return new BlobUpload(new StagedBlob(container, name + ".gz"), BlobUpload::packing);
    }

    private static OutputStream packing(OutputStream blocks) {
        try {
            return new GZIPOutputStream(blocks, PACKED_BUFFER_BYTES) {
                {
                    // A little more on the wire, in a third of the time.
                    def.setLevel(Deflater.BEST_SPEED);
                }
            };
        } catch (IOException impossible) {
            throw new UncheckedIOException("a gzip's first bytes fit into a block", impossible);
        }
    }

    /// Takes the content.
    public OutputStream stream() {
        return stream;
    }

    ContainerWithSas container() {
        return blob.container();
    }

    /// How much was written, before it is packed.
    public long sizeBytes() {
        return sizeBytes;
    }

    /// Waits until the blob is there with all its content.
    StagedBlob finish() throws IOException {
        stream.close();
        if (blob.hasBlocks()) {
            if (filled > 0) {
                send();
            }
            settle();
            check();
            blob.commit();
        } else {
            blob.put(BinaryData.fromByteBuffer(ByteBuffer.wrap(buffer, 0, filled)));
        }
        isOver = true;
        return blob;
    }

    @Override
    public void close() {
        if (!isOver) {
            isOver = true;
            settle();
            blob.discard();
        }
    }

    private void send() throws IOException {
        byte[] full = buffer;
        BinaryData content = BinaryData.fromByteBuffer(ByteBuffer.wrap(full, 0, filled));
        byte[] next = takeBuffer();
        check();
        sent.add(blob.add(content).whenComplete((_, thrown) -> {
            if (thrown != null) {
                failure.compareAndSet(null, thrown);
            }
            buffers.add(full);
        }));
        buffer = next.length == 0 ? new byte[BLOCK_BYTES] : next;
        filled = 0;
    }

    // A request ends by its own limits of time; who is cancelled finds out where he looks for it.
    private byte[] takeBuffer() {
        boolean wasInterrupted = false;
        try {
            while (true) {
                try {
                    return buffers.take();
                } catch (InterruptedException cancelled) {
                    wasInterrupted = true;
                }
            }
        } finally {
            if (wasInterrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void settle() {
        for (CompletableFuture<?> block : sent) {
            block.exceptionally(_ -> null).join();
        }
    }

    private void check() throws IOException {
        Throwable thrown = failure.get();
        if (thrown != null) {
            throw new IOException("the upload failed: " + thrown.getMessage(), thrown);
        }
    }

    /// Cuts into blocks.
    private final class Blocks extends OutputStream {
        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            for (int at = from, left = length; left > 0; ) {
                if (filled == buffer.length) {
                    send();
                }
                int count = Math.min(left, buffer.length - filled);
                System.arraycopy(bytes, at, buffer, filled, count);
                filled += count;
                at += count;
                left -= count;
            }
        }
    }

    /// Counts what is written, before it is packed. Who writes may close it.
    private final class Content extends OutputStream {
        private final OutputStream target;

        private Content(OutputStream target) {
            this.target = target;
        }

        @Override
        public void write(int value) throws IOException {
            target.write(value);
            sizeBytes++;
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            target.write(bytes, from, length);
            sizeBytes += length;
        }

        @Override
        public void close() throws IOException {
            target.close();
        }
    }
}
