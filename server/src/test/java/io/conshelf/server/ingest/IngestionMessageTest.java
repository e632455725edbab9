package io.conshelf.server.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.BatchIngestion.Mapping;
import io.conshelf.engine.BatchIngestion.Validation;
import io.conshelf.server.ingest.IngestionMessage.CorruptedException;
import io.conshelf.server.ingest.IngestionMessage.ReportLevel;
import io.conshelf.server.ingest.IngestionMessage.ReportMethod;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.junit.jupiter.api.Test;

class IngestionMessageTest {
    private static final String JAVA = """
            {"id":"0b7f6a3e-0000-4000-8000-000000000000","blobPath":"http://127.0.0.1:1/conshelfblob/temp-0/Lab__T__x.csv.gz?sv=1&sig=s",
             "rawDataSize":2048,"databaseName":"Lab","tableName":"T","retainBlobOnSuccess":true,"flushImmediately":true,
             "reportLevel":"FailuresAndSuccesses","reportMethod":"Table","sourceMessageCreationTime":"2026-11-20T07:12:19.905197652",
             "validationPolicy":{"validationOptions":"DoNotValidate","validationPolicyType":"BestEffort"},
             "ingestionStatusInTable":{"tableConnectionString":"http://127.0.0.1:1/conshelftable/s?sig=t","partitionKey":"p","rowKey":"r"},
             "additionalProperties":{"authorizationContext":"tok","format":"csv","ignoreFirstRecord":"true","tags":"[\\"drop-by:day1\\"]"}}
            """;
    private static final String GO = """
            {"Id":"0b7f","BlobPath":"http://h/conshelfblob/temp-0/x.json?sig=s","DatabaseName":"Lab","TableName":"T",
             "RetainBlobOnSuccess":true,"ReportLevel":2,"ReportMethod":1,"SourceMessageCreationTime":"2026-03-01T10:00:00Z",
             "IngestionStatusInTable":{},
             "AdditionalProperties":{"authorizationContext":"tok","format":"MultiJson","ingestionMappingReference":"m",
               "creationTime":"0001-01-01T00:00:00Z","ignoreFirstRecord":false}}
            """;

    @Test
    void readsWhatJavaSends() throws Exception {
        var message = parsed(JAVA);
        assertThat(message.database()).isEqualTo("Lab");
        assertThat(message.rawBytes()).isEqualTo(OptionalLong.of(2048));
        assertThat(message.flushesImmediately()).isTrue();
        assertThat(message.reportLevel()).isEqualTo(ReportLevel.FAILURES_AND_SUCCESSES);
        assertThat(message.reportMethod()).isEqualTo(ReportMethod.TABLE);
        assertThat(message.statusEntity()).hasValueSatisfying(entity -> assertThat(entity.rowKey()).isEqualTo("r"));
        var properties = IngestionProperties.of(message);
        assertThat(properties.format()).isEqualTo("csv");
        assertThat(properties.ignoresFirstRecord()).isTrue();
        assertThat(properties.tags()).isEqualTo(Set.of("drop-by:day1"));
        assertThat(properties.validation()).isEqualTo(new Validation(Validation.Check.NONE, true));
    }

    @Test
    void readsWhatGoSends() throws Exception {
        var message = parsed(GO);
        assertThat(message.rawBytes()).isEmpty();
        assertThat(message.statusEntity()).isEmpty();
        var properties = IngestionProperties.of(message);
        assertThat(properties.format()).isEqualTo("multijson");
        assertThat(properties.mapping()).isEqualTo(new Mapping.Named("m"));
        assertThat(properties.creationTime()).isEmpty();
    }

    @Test
    void readsJsonThatIsNotEncoded() throws Exception {
        assertThat(IngestionMessage.parse(GO).table()).isEqualTo("T");
    }

    @Test
    void theFormatComesFromTheNameWhenTheMessageHasNone() throws Exception {
        assertThat(IngestionProperties.of(parsed("{\"BlobPath\":\"http://h/a/b/x.psv.gz?sig=s\"}")).format())
                .isEqualTo("psv");
    }

    @Test
    void aTimeWithoutZoneIsUtc() throws Exception {
        assertThat(IngestionProperties.of(parsed(
                                "{\"BlobPath\":\"b\",\"AdditionalProperties\":{\"creationTime\":\"2026-03-01T10:00:00\"}}"))
                        .creationTime())
                .isEqualTo(Optional.of(Instant.parse("2026-03-01T10:00:00Z")));
    }

    @Test
    void twoMappingsAreRefused() {
        assertThatThrownBy(() -> IngestionProperties.of(parsed(
                        "{\"BlobPath\":\"b\",\"AdditionalProperties\":{\"ingestionMapping\":\"[]\",\"ingestionMappingReference\":\"m\"}}")))
                .isInstanceOfSatisfying(IngestionProperties.Refusal.class, refusal ->
                        assertThat(refusal.failure().code()).isEqualTo("BadRequest_DuplicateMapping"));
    }

    @Test
    void tagsMustBeAnArray() {
        assertThatThrownBy(() -> IngestionProperties.of(parsed("{\"BlobPath\":\"b\",\"AdditionalProperties\":{\"tags\":\"x\"}}")))
                .hasMessageContaining("'tags' is not valid JSON");
    }

    @Test
    void whatIsNoMessageIsCorruptedAndItsTextNotRepeated() {
        for (String text : new String[] {"", "!!!", "bm9uc2Vuc2U=", "{\"BlobPath\":", "[1]", "{}"}) {
            assertThatThrownBy(() -> IngestionMessage.parse(text)).isInstanceOf(CorruptedException.class);
        }
    }

    @Test
    void signaturesAreNotPrinted() throws Exception {
        assertThat(parsed(JAVA).toString()).doesNotContain("sig=");
        assertThat(BlobName.withoutSignature("http://h/c/b.csv?sig=s")).isEqualTo("http://h/c/b.csv");
    }

    private static IngestionMessage parsed(String json) throws CorruptedException {
        return IngestionMessage.parse(Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8)));
    }
}
