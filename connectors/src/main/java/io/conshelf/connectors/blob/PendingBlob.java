package io.conshelf.connectors.blob;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.models.BlobHttpHeaders;
import com.azure.storage.blob.models.BlockBlobItem;
import com.azure.storage.blob.options.BlockBlobCommitBlockListOptions;
import com.azure.storage.blob.specialized.BlockBlobClient;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.file.FileStore;
import io.conshelf.connectors.file.StoredFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/// A blob that is written block by block. Its blocks are no blob until they are committed; the account forgets those that never are.
final class PendingBlob implements FileStore.PendingFile {
    private static final int BLOCKS_MAX = 50_000;

    private final BlockBlobClient blob;
    private final String name;
    private final int blockBytes;
    private final BlobHttpHeaders headers;
    private final Map<String, String> metadata;
    private final MessageDigest digest;
    private final List<String> blocks = new ArrayList<>();
    private final Stream stream = new Stream();
    private long bytes;

    PendingBlob(BlockBlobClient blob, String name, int blockBytes, BlobHttpHeaders headers, Map<String, String> metadata) {
        this.blob = blob;
        this.name = name;
        this.blockBytes = blockBytes;
        this.headers = headers;
        this.metadata = metadata;
        try {
            this.digest = MessageDigest.getInstance("MD5");
        } catch (NoSuchAlgorithmException missing) {
            throw new AssertionError("every Java has MD5", missing);
        }
    }

    @Override
    public OutputStream stream() {
        return stream;
    }

    /// Grows to one block, so that small files take little memory.
    private final class Stream extends OutputStream {
        private final ByteArrayOutputStream block = new ByteArrayOutputStream(1 << 16);

        @Override
        public void write(int value) throws IOException {
            write(new byte[] {(byte) value}, 0, 1);
        }

        @Override
        public void write(byte[] from, int offset, int length) throws IOException {
            digest.update(from, offset, length);
            bytes += length;
            int at = offset;
            int left = length;
            while (left > 0) {
                int count = Math.min(left, blockBytes - block.size());
                block.write(from, at, count);
                at += count;
                left -= count;
                if (block.size() == blockBytes) {
                    stage();
                }
            }
        }

        private void stage() throws IOException {
            if (block.size() == 0) {
                return;
            }
            if (blocks.size() >= BLOCKS_MAX) {
                throw new IOException("'" + name + "' needs more than " + BLOCKS_MAX + " blocks; set a larger blockSizeInMB");
            }
            String id = Base64.getEncoder().encodeToString("%010d".formatted(blocks.size()).getBytes(StandardCharsets.US_ASCII));
            try {
                blob.stageBlock(id, BinaryData.fromBytes(block.toByteArray()));
            } catch (RuntimeException failure) {
                throw new IOException(BlobFiles.failed("Writing '" + name + "'", failure).getMessage(), failure);
            }
            blocks.add(id);
            block.reset();
        }
    }

    @Override
    public StoredFile commit() throws StoreException {
        try {
            stream.stage();
            headers.setContentMd5(digest.digest());
            BlockBlobItem item = blob.commitBlockListWithResponse(
                    new BlockBlobCommitBlockListOptions(blocks).setHeaders(headers).setMetadata(metadata), null, null).getValue();
            return new StoredFile(name, bytes, item.getLastModified().toInstant());
        } catch (IOException failure) {
            throw StoreException.system("UserErrorFileWriteFailure", failure.getMessage(), failure);
        } catch (RuntimeException failure) {
            throw BlobFiles.failed("Writing '" + name + "'", failure);
        }
    }

    @Override
    public void close() {
        // What was not committed is no blob.
    }
}
