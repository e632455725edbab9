package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.Principal;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class BatcherTest {
    private static final Instant NOW = Instant.parse("2026-03-01T10:00:00Z");
    private static final BatchingPolicy POLICY = new BatchingPolicy(Duration.ofSeconds(30), 3, 100);

    private final Batcher batcher = new Batcher();

    @Test
    void aBatchIsClosedByCount() throws Exception {
        assertThat(batcher.add(source("a", "{}", 1), POLICY, NOW)).isEmpty();
        assertThat(batcher.add(source("b", "{}", 1), POLICY, NOW)).isEmpty();
        var closed = batcher.add(source("c", "{}", 1), POLICY, NOW);
        assertThat(closed).singleElement().satisfies(batch -> {
            assertThat(batch.sources()).extracting(source -> source.receipt().messageId()).containsExactly("a", "b", "c");
            assertThat(batch.reason()).isEqualTo(Batch.Reason.COUNT);
        });
        assertThat(batcher.waiting()).isZero();
    }

    @Test
    void aBatchIsClosedBySize() throws Exception {
        assertThat(batcher.add(source("a", "{}", 99), POLICY, NOW)).isEmpty();
        assertThat(batcher.add(source("b", "{}", 1), POLICY, NOW))
                .singleElement()
                .satisfies(batch -> assertThat(batch.reason()).isEqualTo(Batch.Reason.SIZE));
    }

    @Test
    void aBatchIsClosedByTheTimeSinceItsFirstSource() throws Exception {
        batcher.add(source("a", "{}", 1), POLICY, NOW);
        batcher.add(source("b", "{}", 1), POLICY, NOW.plusSeconds(20));
        assertThat(batcher.untilDue(NOW.plusSeconds(20), Duration.ofMinutes(1))).isEqualTo(Duration.ofSeconds(10));
        assertThat(batcher.due(NOW.plusSeconds(29))).isEmpty();
        assertThat(batcher.due(NOW.plusSeconds(30)))
                .singleElement()
                .satisfies(batch -> assertThat(batch.reason()).isEqualTo(Batch.Reason.TIME));
    }

    @Test
    void otherPropertiesMakeAnotherBatch() throws Exception {
        batcher.add(source("a", "{}", 1), POLICY, NOW);
        batcher.add(source("b", "{\"ignoreFirstRecord\":\"true\"}", 1), POLICY, NOW);
        assertThat(batcher.due(NOW.plusSeconds(30))).hasSize(2);
    }

    @Test
    void ingestIfNotExistsGoesAloneAfterWhatCameBefore() throws Exception {
        batcher.add(source("a", "{}", 1), POLICY, NOW);
        assertThat(batcher.add(source("b", "{\"ingestIfNotExists\":\"[\\\"x\\\"]\"}", 1), POLICY, NOW))
                .extracting(Batch::reason)
                .containsExactly(Batch.Reason.SYSTEM, Batch.Reason.INGEST_IF_NOT_EXISTS);
        assertThat(batcher.waiting()).isZero();
    }

    @Test
    void ingestIfNotExistsMayBeOneTagAsItIs() throws Exception {
        assertThat(batcher.add(source("a", "{\"ingestIfNotExists\":\"x\"}", 1), POLICY, NOW))
                .extracting(Batch::reason)
                .containsExactly(Batch.Reason.INGEST_IF_NOT_EXISTS);
    }

    @Test
    void aTagThatNamesASourceKeepsItAlone() throws Exception {
        assertThat(batcher.add(source("a", "{\"tags\":\"[\\\"ingest-by:x\\\"]\"}", 1), POLICY, NOW))
                .extracting(Batch::reason)
                .containsExactly(Batch.Reason.INGEST_BY_TAG);
        assertThat(batcher.add(source("b", "{\"tags\":\"[\\\"drop-by:x\\\"]\"}", 1), POLICY, NOW)).isEmpty();
    }

    @Test
    void policiesAreReadWithTheirDefaults() {
        assertThat(BatchingPolicy.of("{\"MaximumBatchingTimeSpan\":\"00:00:30\",\"MaximumNumberOfItems\":7}"))
                .isEqualTo(new BatchingPolicy(Duration.ofSeconds(30), 7, 1024L << 20));
        assertThat(BatchingPolicy.of("null")).isEqualTo(BatchingPolicy.DEFAULT);
    }

    private static Source source(String id, String properties, long rawBytes) throws Exception {
        var message = IngestionMessage.parse("{\"BlobPath\":\"http://h/c/" + id
                + ".csv\",\"DatabaseName\":\"Lab\",\"TableName\":\"T\",\"AdditionalProperties\":" + properties + "}");
        return new Source(
                new Source.Receipt(id, "receipt", 1), message, Principal.LOCAL_ADMINISTRATOR, IngestionProperties.of(message),
                new Source.Content.Here(Path.of(id)), rawBytes, false);
    }
}
