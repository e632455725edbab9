package io.conshelf.connectors.kusto;

import com.azure.core.util.BinaryData;
import com.microsoft.azure.kusto.ingest.IngestionProperties;
import com.microsoft.azure.kusto.ingest.resources.ContainerWithSas;
import com.microsoft.azure.kusto.ingest.source.BlobSourceInfo;
import com.microsoft.azure.kusto.ingest.source.CompressionType;
import com.microsoft.azure.kusto.ingest.source.StreamSourceInfo;
import io.conshelf.connectors.StoreException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;

/// Uploads into the containers that a cluster lends for ingestion. The client's own way packs all text, in memory and at 20 to 30 MB/s a core;
/// here what goes to a cluster on this machine goes as it is, and what goes over a network is packed while it is read.
final class Staging {
    private static final int ATTEMPTS_MAX = 3;
    /// One request each: larger ones cost less here, smaller ones are sent again sooner over a network.
    private static final long LOCAL_BLOCK_BYTES = 256L << 20;
    private static final long REMOTE_BLOCK_BYTES = 32L << 20;
    private static final int UNDERWAY_MAX = 3;

    private final KustoCluster cluster;
    private final String prefix;

    /// @param prefix of the blobs' names
    Staging(KustoCluster cluster, String prefix) {
        this.cluster = cluster;
        this.prefix = prefix;
    }

    BlobUpload begin(String format) throws StoreException {
        ContainerWithSas container = cluster.containers().getFirst();
        return isPacking(format) ? BlobUpload.packed(container, name(format)) : BlobUpload.of(container, name(format));
    }

    boolean takesRanges(String format) {
        return !isPacking(format);
    }

    private boolean isPacking(String format) {
        return !cluster.endpoint().isLoopback() && IngestionProperties.DataFormat.valueOf(format.toUpperCase(Locale.ROOT)).isCompressible();
    }

    private String name(String format) {
        return prefix + "__" + UUID.randomUUID() + "." + format;
    }

    /// Brings all of the content into a blob.
    BlobSourceInfo upload(BlobContent content, String format) throws StoreException, IOException {
        return switch (content) {
            case BlobUpload upload -> finish(upload);
            case BlobContent.Range range when takesRanges(format) -> send(range, format);
            case BlobContent.Range range -> {
                try (BlobUpload upload = begin(format)) {
                    range.copy(upload.stream());
                    yield finish(upload);
                }
            }
        };
    }

    private BlobSourceInfo finish(BlobUpload upload) throws StoreException, IOException {
        ContainerWithSas container = upload.container();
        boolean isThere = false;
        try {
            StagedBlob blob = upload.finish();
            isThere = true;
            return source(blob, upload.sizeBytes());
        } finally {
            cluster.report(container, isThere);
        }
    }

    /// A file can be sent again, into the next container.
    private BlobSourceInfo send(BlobContent.Range range, String format) throws StoreException, IOException {
        List<ContainerWithSas> containers = cluster.containers();
        for (int attempt = 1; ; attempt++) {
            ContainerWithSas container = containers.get((attempt - 1) % containers.size());
            StagedBlob blob = new StagedBlob(container, name(format));
            try {
                send(range, blob);
                cluster.report(container, true);
                return source(blob, range.sizeBytes());
            } catch (UncheckedIOException unreadable) {
                throw unreadable.getCause();
            } catch (RuntimeException failure) {
                boolean isStopped = Thread.interrupted();
                blob.discard();
                if (isStopped) {
                    Thread.currentThread().interrupt();
                    throw failure;
                }
                cluster.report(container, false);
                if (attempt >= Math.min(ATTEMPTS_MAX, containers.size())) {
                    throw failure;
                }
            }
        }
    }

    private void send(BlobContent.Range range, StagedBlob blob) {
        long blockBytes = cluster.endpoint().isLoopback() ? LOCAL_BLOCK_BYTES : REMOTE_BLOCK_BYTES;
        if (range.sizeBytes() <= blockBytes) {
            blob.put(BinaryData.fromFile(range.file(), range.from(), range.sizeBytes()));
            return;
        }
        var underway = new ArrayDeque<CompletableFuture<?>>();
        try {
            for (long from = range.from(); from < range.to(); from += blockBytes) {
                if (underway.size() == UNDERWAY_MAX) {
                    underway.removeFirst().get();
                }
                underway.add(blob.add(BinaryData.fromFile(range.file(), from, Math.min(blockBytes, range.to() - from))));
            }
            while (!underway.isEmpty()) {
                underway.removeFirst().get();
            }
        } catch (ExecutionException failure) {
            underway.forEach(block -> block.exceptionally(_ -> null).join());
            throw new CompletionException(failure.getCause());
        } catch (InterruptedException stopped) {
            underway.forEach(block -> block.cancel(true));
            Thread.currentThread().interrupt();
            throw new CompletionException(stopped);
        }
        blob.commit();
    }

    private static BlobSourceInfo source(StagedBlob blob, long rawBytes) {
        UUID id = UUID.randomUUID();
        CompressionType compression = blob.isPacked() ? CompressionType.gz : null;
        return rawBytes <= Integer.MAX_VALUE
                ? BlobSourceInfo.fromStream(blob.uri(), (int) rawBytes, new StreamSourceInfo(InputStream.nullInputStream(), false, id, compression))
                : new BlobSourceInfo(blob.uri(), compression, id);
    }
}
