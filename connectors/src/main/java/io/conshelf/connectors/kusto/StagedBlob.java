package io.conshelf.connectors.kusto;

import com.azure.core.util.BinaryData;
import com.azure.storage.blob.options.BlockBlobSimpleUploadOptions;
import com.azure.storage.blob.options.BlockBlobStageBlockOptions;
import com.azure.storage.blob.specialized.BlockBlobAsyncClient;
import com.microsoft.azure.kusto.ingest.resources.ContainerWithSas;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// One blob in the storage that a cluster lends for ingestion, and the blocks it will consist of. One thread uses it.
final class StagedBlob {
    private static final Logger LOG = LoggerFactory.getLogger(StagedBlob.class);

    private final ContainerWithSas container;
    private final String name;
    private final BlockBlobAsyncClient client;
    private final List<String> blocks = new ArrayList<>();

    StagedBlob(ContainerWithSas container, String name) {
        this.container = container;
        this.name = name;
        this.client = container.getAsyncContainer().getBlobAsyncClient(name).getBlockBlobAsyncClient();
    }

    ContainerWithSas container() {
        return container;
    }

    /// With the signature that opens it.
    String uri() {
        return container.getAsyncContainer().getBlobContainerUrl() + "/" + name + container.getSas();
    }

    boolean isPacked() {
        return name.endsWith(".gz");
    }

    boolean hasBlocks() {
        return !blocks.isEmpty();
    }

    /// Sends a block, which will stand behind those before it.
    CompletableFuture<?> add(BinaryData content) {
        String id = Base64.getEncoder().encodeToString(ByteBuffer.allocate(Integer.BYTES).putInt(blocks.size()).array());
        blocks.add(id);
        return client.stageBlockWithResponse(new BlockBlobStageBlockOptions(id, content)).toFuture();
    }

    /// Makes a blob of the blocks.
    void commit() {
        client.commitBlockList(blocks, true).block();
    }

    /// Makes a blob of content that is one block.
    void put(BinaryData content) {
        client.uploadWithResponse(new BlockBlobSimpleUploadOptions(content)).block();
    }

    /// Takes away the blocks of a blob that is not to be: the storage would keep them for a week.
    void discard() {
        if (blocks.isEmpty()) {
            return;
        }
        try {
            client.commitBlockList(List.of(), true).block();
        } catch (RuntimeException failure) {
            LOG.debug("The blocks of blob '{}' stay until their storage clears them away", name, failure);
        }
    }
}
