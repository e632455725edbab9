package io.conshelf.connectors.blob;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.models.BlobHttpHeaders;
import com.azure.storage.blob.options.BlockBlobCommitBlockListOptions;
import com.azure.storage.blob.specialized.BlockBlobClient;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.GrowingFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/// A blob to which blocks are added: each time it is shown, its list of blocks is committed anew.
final class GrowingBlob implements GrowingFile {
    /// What the service allows.
    private static final int BLOCKS_MAX = 50_000;

    private final BlockBlobClient blob;
    private final String name;
    private final int blockBytes;
    private final List<String> blocks = new ArrayList<>();
    private final Stream stream = new Stream();
    private int shown = -1;

    GrowingBlob(BlockBlobClient blob, String name, int blockBytes) {
        this.blob = blob;
        this.name = name;
        this.blockBytes = blockBytes;
    }

    @Override
    public OutputStream stream() {
        return stream;
    }

    private final class Stream extends OutputStream {
        private final ByteArrayOutputStream block = new ByteArrayOutputStream(1 << 12);

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            block.write(from, offset, length);
            if (block.size() >= blockBytes) {
                try {
                    stage();
                } catch (RuntimeException failure) {
                    throw new IOException(BlobFiles.failed("Writing '" + name + "'", failure).getMessage(), failure);
                }
            }
        }

        private void stage() {
            if (block.size() == 0) {
                return;
            }
            String id = Base64.getEncoder().encodeToString("%010d".formatted(blocks.size()).getBytes(StandardCharsets.US_ASCII));
            blob.stageBlock(id, BinaryData.fromBytes(block.toByteArray()));
            blocks.add(id);
            block.reset();
        }
    }

    @Override
    public void show() throws StoreException {
        try {
            stream.stage();
            if (blocks.size() > shown) {
                blob.commitBlockListWithResponse(new BlockBlobCommitBlockListOptions(blocks)
                        .setHeaders(new BlobHttpHeaders().setContentType("application/octet-stream")), null, null);
                shown = blocks.size();
            }
        } catch (RuntimeException failure) {
            throw BlobFiles.failed("Writing '" + name + "'", failure);
        }
    }

    @Override
    public boolean isFull() {
        return blocks.size() >= BLOCKS_MAX - 1;
    }

    @Override
    public void close() {
        // What was not committed is no part of the blob.
    }
}
