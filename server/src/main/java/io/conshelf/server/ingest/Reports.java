package io.conshelf.server.ingest;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.server.ingest.IngestionMessage.ReportLevel;
import io.conshelf.server.ingest.IngestionMessage.StatusEntity;
import io.conshelf.server.storage.EdmValue;
import io.conshelf.server.storage.EntityKey;
import io.conshelf.server.storage.SasPermission;
import io.conshelf.server.storage.Storage;
import io.conshelf.server.storage.StorageAccount;
import io.conshelf.server.storage.StorageResource;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// Tells clients what became of their sources: in the status table, and in the queues of successes and failures. A report
/// that cannot be written is logged and holds nothing up.
final class Reports {
    private static final Logger LOG = LoggerFactory.getLogger(Reports.class);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Pattern SIGNED_TABLE = Pattern.compile("(?:^|&)tn=([A-Za-z0-9]+)");

    private final Storage storage;
    private final LentStorage lent;
    private final InstantSource clock;

    Reports(Storage storage, LentStorage lent, InstantSource clock) {
        this.storage = storage;
        this.lent = lent;
        this.clock = clock;
    }

    void succeeded(IngestionMessage message, UUID operation) {
        table(message, "Succeeded", operation, Optional.empty());
        if (message.reportLevel() == ReportLevel.FAILURES_AND_SUCCESSES && message.reportMethod().usesQueue()) {
            ObjectNode report = common(message, operation);
            report.put("SucceededOn", clock.instant().toString());
            put(Resources.SUCCEEDED_QUEUE, report);
        }
    }

    /// Nothing had to be done: the table has what the source would have brought.
    void skipped(IngestionMessage message, UUID operation, String why) {
        table(message, "Skipped", operation, Optional.of(IngestionFailure.permanent("Skipped_IngestByTagAlreadyExists", why)));
    }

    void failed(IngestionMessage message, UUID operation, IngestionFailure failure) {
        LOG.warn(
                "Source {} into table '{}' of database '{}' failed: {} ({}): {}",
                message.sourceId(), message.table(), message.database(), failure.code(), failure.status().text(),
                failure.details());
        table(message, "Failed", operation, Optional.of(failure));
        if (message.reportLevel() != ReportLevel.NONE && message.reportMethod().usesQueue()) {
            put(Resources.FAILED_QUEUE, failure(common(message, operation), failure));
        }
    }

    /// A message that nobody can read has no reader to report to but the queue of failures.
    void corrupted(String queueMessageId, String why) {
        LOG.warn("Message {} of the ready queue is not an ingestion message: {}", queueMessageId, why);
        ObjectNode report = JSON.createObjectNode();
        report.put("OperationId", UUID.randomUUID().toString());
        put(
                Resources.FAILED_QUEUE,
                failure(report, IngestionFailure.permanent("BadRequest_CorruptedMessage", "The ingestion message cannot be read: " + why)));
    }

    private ObjectNode failure(ObjectNode report, IngestionFailure failure) {
        report.put("FailedOn", clock.instant().toString());
        report.put("Details", failure.details());
        report.put("ErrorCode", failure.code());
        report.put("FailureStatus", failure.status().text());
        report.put("OriginatesFromUpdatePolicy", false);
        report.put("ShouldRetry", failure.isTransient());
        return report;
    }

    private static ObjectNode common(IngestionMessage message, UUID operation) {
        ObjectNode report = JSON.createObjectNode();
        report.put("OperationId", operation.toString());
        report.put("Database", message.database());
        report.put("Table", message.table());
        report.put("IngestionSourceId", message.sourceId());
        report.put("IngestionSourcePath", BlobName.withoutSignature(message.blobUri()));
        report.put("RootActivityId", operation.toString());
        return report;
    }

    private void put(String queue, ObjectNode report) {
        try {
            lent.tell(queue, Base64.getEncoder().encodeToString(report.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (RuntimeException e) {
            LOG.warn("A report could not be put into queue '{}': {}", queue, e.getMessage());
        }
    }

    private void table(IngestionMessage message, String status, UUID operation, Optional<IngestionFailure> failure) {
        if (!message.reportMethod().usesTable() || message.reportLevel() == ReportLevel.NONE || message.statusEntity().isEmpty()) {
            return;
        }
        StatusEntity entity = message.statusEntity().get();
        Instant now = clock.instant();
        Map<String, EdmValue> properties = new LinkedHashMap<>();
        properties.put("Status", EdmValue.of(status));
        properties.put("IngestionSourceId", sourceId(message.sourceId()));
        properties.put("IngestionSourcePath", EdmValue.of(BlobName.withoutSignature(message.blobUri())));
        properties.put("Database", EdmValue.of(message.database()));
        properties.put("Table", EdmValue.of(message.table()));
        // A date-time where clients wrote text: the Java client casts what it reads.
        properties.put("UpdatedOn", EdmValue.of(now));
        properties.put("OperationId", EdmValue.of(operation));
        properties.put("ActivityId", EdmValue.of(operation));
        properties.put("OriginatesFromUpdatePolicy", EdmValue.of(false));
        properties.put("ErrorCode", EdmValue.of(failure.map(IngestionFailure::code).orElse("Unknown")));
        properties.put("FailureStatus", EdmValue.of(failure.map(f -> f.status().text()).orElse("Unknown")));
        properties.put("Details", EdmValue.of(failure.map(IngestionFailure::details).orElse("")));
        try {
            Optional<StorageResource> table = storage.sas().resource(address(entity), Set.of(SasPermission.UPDATE));
            if (table.isPresent() && table.get() instanceof StorageResource.Table(String name)) {
                storage.tables().insertOrMerge(name, new EntityKey(entity.partitionKey(), entity.rowKey()), properties);
            } else {
                LOG.warn("Source {} wants its status in a table that is not of this server", message.sourceId());
            }
        } catch (RuntimeException e) {
            LOG.warn("The status of source {} could not be written: {}", message.sourceId(), e.getMessage());
        }
    }

    /// Node's client leaves the table out of the address that it was given; the signature still names it.
    private URI address(StatusEntity entity) {
        URI uri = URI.create(entity.tableUri());
        Matcher signed = SIGNED_TABLE.matcher(String.valueOf(uri.getRawQuery()));
        if (String.valueOf(uri.getRawPath()).length() > 1 || !signed.find()) {
            return uri;
        }
        String account = uri.getHost() != null && storage.hosts().accounts().names().contains(uri.getHost()) ? "" : "/" + StorageAccount.TABLE.account();
        return URI.create(uri.getScheme() + "://" + uri.getRawAuthority() + account + "/" + signed.group(1) + "?" + uri.getRawQuery());
    }

    private static EdmValue sourceId(String id) {
        try {
            return EdmValue.of(UUID.fromString(id));
        } catch (IllegalArgumentException e) {
            return EdmValue.of(id);
        }
    }
}
