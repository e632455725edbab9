package io.conshelf.server.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.azure.core.util.BinaryData;
import com.azure.core.util.Context;
import com.azure.storage.blob.BlobClient;
import com.azure.storage.blob.BlobContainerClient;
import com.azure.storage.blob.models.BlobErrorCode;
import com.azure.storage.blob.models.BlobHttpHeaders;
import com.azure.storage.blob.models.BlobItem;
import com.azure.storage.blob.models.BlobRange;
import com.azure.storage.blob.models.BlobRequestConditions;
import com.azure.storage.blob.models.BlobStorageException;
import com.azure.storage.blob.models.BlockListType;
import com.azure.storage.blob.models.ListBlobsOptions;
import com.azure.storage.blob.models.ParallelTransferOptions;
import com.azure.storage.blob.options.BlobParallelUploadOptions;
import com.azure.storage.blob.specialized.BlockBlobClient;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobEndpointTest {
    @TempDir Path folder;

    private StorageServer server;
    private BlobContainerClient container;

    @BeforeEach void start() throws Exception {
        server = StorageServer.inMemory(folder);
        container = server.blobs().createBlobContainer("temp-0");
    }

    @AfterEach void stop() {
        server.close();
    }

    @Test void whatIsPutIsRead() {
        BlobClient blob = container.getBlobClient("Lab__Readings__1.csv");
        blob.upload(BinaryData.fromString("pump-1,1.5\n"));

        assertThat(blob.downloadContent().toString()).isEqualTo("pump-1,1.5\n");
        assertThat(blob.getProperties().getBlobSize()).isEqualTo(11);
        assertThat(blob.getProperties().getContentType()).isEqualTo("application/octet-stream");
    }

    @Test void anEmptyBlobIsRead() {
        BlobClient blob = container.getBlobClient("empty");
        blob.upload(BinaryData.fromBytes(new byte[0]));

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        blob.downloadStream(out);
        assertThat(out.size()).isZero();
        assertThat(blob.downloadContent().toBytes()).isEmpty();
    }

    @Test void headersAndMetadataComeBack() {
        BlobClient blob = container.getBlobClient("a.csv.gz");
        blob.uploadWithResponse(new BlobParallelUploadOptions(BinaryData.fromString("x"))
                .setHeaders(new BlobHttpHeaders().setContentType("text/csv").setContentEncoding("gzip").setCacheControl("no-store"))
                .setMetadata(Map.of("source", "pump", "rows", "1")), Duration.ofMinutes(5), Context.NONE);

        var properties = blob.getProperties();
        assertThat(properties.getContentType()).isEqualTo("text/csv");
        assertThat(properties.getContentEncoding()).isEqualTo("gzip");
        assertThat(properties.getCacheControl()).isEqualTo("no-store");
        assertThat(properties.getMetadata()).containsExactlyInAnyOrderEntriesOf(Map.of("source", "pump", "rows", "1"));

        blob.setMetadata(Map.of("rows", "2"));
        blob.setHttpHeaders(new BlobHttpHeaders().setContentType("text/plain"));
        assertThat(blob.getProperties().getMetadata()).containsExactly(Map.entry("rows", "2"));
        assertThat(blob.getProperties().getContentType()).isEqualTo("text/plain");
        assertThat(blob.getProperties().getETag()).isNotEqualTo(properties.getETag());
    }

    @Test void withoutOverwriteAnExistingBlobIsRefused() {
        BlobClient blob = container.getBlobClient("once");
        blob.upload(BinaryData.fromString("1"), false);

        assertThatThrownBy(() -> blob.upload(BinaryData.fromString("2"), false)).satisfies(refused(409, BlobErrorCode.BLOB_ALREADY_EXISTS));
        blob.upload(BinaryData.fromString("3"), true);
        assertThat(blob.downloadContent().toString()).isEqualTo("3");
    }

    @Test void conditionsHoldWritesBack() {
        BlobClient blob = container.getBlobClient("a");
        blob.upload(BinaryData.fromString("1"));
        String first = blob.getProperties().getETag();
        blob.upload(BinaryData.fromString("2"), true);

        assertThatThrownBy(() -> blob.deleteWithResponse(null, new BlobRequestConditions().setIfMatch(first), null, Context.NONE))
                .satisfies(refused(412, BlobErrorCode.CONDITION_NOT_MET));
        assertThatThrownBy(() -> blob.downloadContentWithResponse(
                null, new BlobRequestConditions().setIfNoneMatch(blob.getProperties().getETag()), null, Context.NONE))
                .satisfies(e -> assertThat(((BlobStorageException) e).getStatusCode()).isEqualTo(304));
        blob.deleteWithResponse(null, new BlobRequestConditions().setIfMatch(blob.getProperties().getETag()), null, Context.NONE);
        assertThat(blob.exists()).isFalse();
    }

    @Test void whatIsNotThereIs404() {
        assertThatThrownBy(() -> container.getBlobClient("none").downloadContent()).satisfies(refused(404, BlobErrorCode.BLOB_NOT_FOUND));
        assertThatThrownBy(() -> container.getBlobClient("none").getProperties()).satisfies(refused(404, BlobErrorCode.BLOB_NOT_FOUND));
        assertThatThrownBy(() -> container.getBlobClient("none").delete()).satisfies(refused(404, BlobErrorCode.BLOB_NOT_FOUND));
        assertThatThrownBy(() -> server.blobs().getBlobContainerClient("other").getBlobClient("a").upload(BinaryData.fromString("1")))
                .satisfies(refused(404, BlobErrorCode.CONTAINER_NOT_FOUND));
    }

    @Test void rangesAreCutOutOfTheContent() {
        BlobClient blob = container.getBlobClient("a");
        blob.upload(BinaryData.fromString("0123456789"));

        assertThat(read(blob, new BlobRange(2, 3L))).isEqualTo("234");
        assertThat(read(blob, new BlobRange(7))).isEqualTo("789");
        assertThat(read(blob, new BlobRange(8, 100L))).isEqualTo("89");
        assertThatThrownBy(() -> read(blob, new BlobRange(10))).satisfies(refused(416, BlobErrorCode.INVALID_RANGE));
    }

    private static String read(BlobClient blob, BlobRange range) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        blob.downloadStreamWithResponse(out, range, null, null, false, null, Context.NONE);
        return out.toString(StandardCharsets.UTF_8);
    }

    @Test void blocksBecomeABlobInTheOrderOfTheList() {
        BlockBlobClient blob = container.getBlobClient("blocks").getBlockBlobClient();
        String a = id("a");
        String b = id("b");
        blob.stageBlock(b, BinaryData.fromString("world"));
        blob.stageBlock(a, BinaryData.fromString("hello "));
        assertThat(blob.listBlocks(BlockListType.UNCOMMITTED).getUncommittedBlocks()).hasSize(2);
        assertThat(blob.exists()).isFalse();

        blob.commitBlockList(List.of(a, b));
        assertThat(blob.downloadContent().toString()).isEqualTo("hello world");
        assertThat(blob.listBlocks(BlockListType.ALL).getCommittedBlocks()).extracting("name").containsExactly(a, b);
        assertThat(blob.listBlocks(BlockListType.ALL).getUncommittedBlocks()).isEmpty();

        blob.stageBlock(id("c"), BinaryData.fromString("!"));
        blob.commitBlockList(List.of(b, id("c")), true);
        assertThat(blob.downloadContent().toString()).isEqualTo("world!");
    }

    @Test void aSingleBlockBecomesABlob() {
        BlockBlobClient blob = container.getBlobClient("block").getBlockBlobClient();
        blob.stageBlock(id("a"), BinaryData.fromString("8 bytes!"));
        blob.commitBlockList(List.of(id("a")));

        assertThat(blob.downloadContent().toString()).isEqualTo("8 bytes!");
    }

    @Test void aListWithAnUnknownBlockIsRefused() {
        BlockBlobClient blob = container.getBlobClient("blocks").getBlockBlobClient();
        blob.stageBlock(id("a"), BinaryData.fromString("1"));

        assertThatThrownBy(() -> blob.commitBlockList(List.of(id("a"), id("z")))).satisfies(refused(400, BlobErrorCode.INVALID_BLOCK_LIST));
        assertThatThrownBy(() -> blob.stageBlock(id("longer"), BinaryData.fromString("1"))).satisfies(refused(400, BlobErrorCode.fromString("InvalidBlockId")));
    }

    @Test void aBlockMayBePutAnewWhileAListTakesIt() throws Exception {
        BlockBlobClient blob = container.getBlobClient("contended").getBlockBlobClient();
        blob.stageBlock(id("a"), BinaryData.fromString("0"));
        try (var threads = Executors.newFixedThreadPool(2)) {
            Future<?> staging = threads.submit(() -> {
                for (int time = 0; time < 200; time++) {
                    blob.stageBlock(id("a"), BinaryData.fromString("1"));
                }
            });
            Future<?> committing = threads.submit(() -> {
                for (int time = 0; time < 200; time++) {
                    try {
                        blob.commitBlockList(List.of(id("a")), true);
                    } catch (BlobStorageException none) {
                        assertThat(none.getErrorCode()).isEqualTo(BlobErrorCode.INVALID_BLOCK_LIST);
                    }
                }
            });
            staging.get();
            committing.get();
        }
        blob.stageBlock(id("a"), BinaryData.fromString("2"));
        blob.commitBlockList(List.of(id("a")), true);
        assertThat(blob.downloadContent().toString()).isEqualTo("2");
    }

    @Test void largeUploadsInParallelBlocksKeepEveryByte() throws Exception {
        byte[] bytes = new byte[9_000_001];
        new Random(1).nextBytes(bytes);
        BlobClient blob = container.getBlobClient("large");
        blob.uploadWithResponse(new BlobParallelUploadOptions(new ByteArrayInputStream(bytes))
                .setParallelTransferOptions(new ParallelTransferOptions().setBlockSizeLong(1_000_000L).setMaxSingleUploadSizeLong(1_000_000L)
                        .setMaxConcurrency(4)), Duration.ofMinutes(5), Context.NONE);

        Path file = folder.resolve("down");
        blob.downloadToFileWithResponse(file.toString(), null,
                new ParallelTransferOptions().setBlockSizeLong(700_000L).setMaxConcurrency(4), null, null, false, Duration.ofMinutes(5), Context.NONE);
        assertThat(sha(Files.readAllBytes(file))).isEqualTo(sha(bytes));
    }

    @Test void aBodyThatIsNotItsMd5IsRefused() {
        BlockBlobClient blob = container.getBlobClient("md5").getBlockBlobClient();
        byte[] wrong = new byte[16];

        assertThatThrownBy(() -> blob.stageBlockWithResponse(id("a"), new ByteArrayInputStream(new byte[] {1, 2}), 2, wrong, null, null, Context.NONE))
                .satisfies(refused(400, BlobErrorCode.MD5MISMATCH));
    }

    @Test void listingFoldsByDelimiterAndPagesByMarker() {
        for (String name : List.of("a/1", "a/2", "b", "c/1", "d & <e>", "ü")) {
            container.getBlobClient(name).upload(BinaryData.fromString("x"));
        }
        assertThat(container.listBlobs()).extracting(BlobItem::getName).containsExactly("a/1", "a/2", "b", "c/1", "d & <e>", "ü");
        assertThat(container.listBlobs(new ListBlobsOptions().setPrefix("a/"), null)).extracting(BlobItem::getName).containsExactly("a/1", "a/2");
        assertThat(container.listBlobs(new ListBlobsOptions().setMaxResultsPerPage(2), null)).hasSize(6);
        assertThat(container.listBlobsByHierarchy("/", new ListBlobsOptions(), null)).extracting(BlobItem::getName)
                .containsExactlyInAnyOrder("a/", "b", "c/", "d & <e>", "ü");
        assertThat(container.listBlobsByHierarchy("/", new ListBlobsOptions().setMaxResultsPerPage(1), null)).hasSize(5);
    }

    @Test void containersAreListedDescribedAndDropped() {
        server.blobs().createBlobContainer("another");
        assertThat(server.blobs().listBlobContainers()).extracting("name").containsExactly("another", "temp-0");
        assertThatThrownBy(() -> server.blobs().createBlobContainer("another")).satisfies(refused(409, BlobErrorCode.CONTAINER_ALREADY_EXISTS));

        container.setMetadata(Map.of("use", "ingestion"));
        assertThat(container.getProperties().getMetadata()).containsExactly(Map.entry("use", "ingestion"));
        container.getBlobClient("a").upload(BinaryData.fromString("x"));
        container.delete();
        assertThat(container.exists()).isFalse();
        assertThat(contents()).isEmpty();
    }

    @Test void copiesAreMadeAtOnce() {
        BlobClient source = container.getBlobClient("source");
        source.upload(BinaryData.fromString("content"));
        BlobClient target = container.getBlobClient("target");

        target.beginCopy(source.getBlobUrl(), Duration.ofMillis(10)).waitForCompletion(Duration.ofMinutes(2));
        assertThat(target.downloadContent().toString()).isEqualTo("content");
    }

    @Test void whatIsOverwrittenOrDeletedLeavesNoFile() {
        BlobClient blob = container.getBlobClient("a");
        for (int i = 0; i < 5; i++) {
            blob.upload(BinaryData.fromString("version " + i), true);
        }
        assertThat(contents()).hasSize(1);
        blob.delete();
        assertThat(contents()).isEmpty();
    }

    @Test void concurrentPutsLeaveOneWholeBlob() throws Exception {
        BlobClient blob = container.getBlobClient("contended");
        List<Callable<Void>> writers = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            String text = Integer.toString(i % 10).repeat(100_000);
            writers.add(() -> {
                blob.upload(BinaryData.fromString(text), true);
                return null;
            });
            writers.add(() -> {
                if (blob.exists()) {
                    String read = blob.downloadContent().toString();
                    assertThat(read).isEqualTo(read.substring(0, 1).repeat(100_000));
                }
                return null;
            });
        }
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Void> done : threads.invokeAll(writers)) {
                done.get();
            }
        }
        assertThat(contents()).hasSize(1);
    }

    @Test void onlyOneOfManyMayCreate() throws Exception {
        BlobClient blob = container.getBlobClient("first-wins");
        List<Callable<Integer>> writers = IntStream.range(0, 12).<Callable<Integer>>mapToObj(i -> () -> {
            try {
                blob.upload(BinaryData.fromString("writer " + i), false);
                return 1;
            } catch (BlobStorageException e) {
                assertThat(e.getStatusCode()).isEqualTo(409);
                return 0;
            }
        }).toList();
        int created = 0;
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Integer> done : threads.invokeAll(writers)) {
                created += done.get();
            }
        }
        assertThat(created).isEqualTo(1);
    }

    @Test void otherKindsOfBlobsAreRefusedByName() {
        assertThatThrownBy(() -> container.getBlobClient("log").getAppendBlobClient().create())
                .satisfies(refused(501, BlobErrorCode.fromString("NotImplemented")))
                .hasMessageContaining("AppendBlob");
    }

    private List<Path> contents() {
        try (var files = Files.list(server.storage.blobs().contentFolder())) {
            return files.toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Consumer<Throwable> refused(int status, BlobErrorCode code) {
        return thrown -> {
            assertThat(thrown).isInstanceOf(BlobStorageException.class);
            BlobStorageException refusal = (BlobStorageException) thrown;
            assertThat(refusal.getErrorCode()).isEqualTo(code);
            assertThat(refusal.getStatusCode()).isEqualTo(status);
        };
    }

    private static String id(String id) {
        return Base64.getEncoder().encodeToString(id.getBytes(StandardCharsets.UTF_8));
    }

    private static String sha(byte[] bytes) throws Exception {
        return Base64.getEncoder().encodeToString(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
