package io.conshelf.streams.output.kusto;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.streams.job.ClusterAddress;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.output.OutputException;
import java.util.Locale;

/// Where an Azure Data Explorer output leads, and how its rows get there.
///
record KustoSettings(ClusterAddress address, String database, String table, Delivery delivery, Flush flush) {
    enum Delivery {
        /// Batches, exactly once where the cluster knows ingest-by tags.
        QUEUED,
        /// At once, at least once.
        STREAMING,
        /// Streaming where the table takes streams, queued where it does not.
        BY_POLICY
    }

    enum Flush { IMMEDIATELY, BY_BATCHING_POLICY }

    static KustoSettings of(Output output) throws OutputException {
        JsonNode settings = output.settings();
        String mode = settings.path("authenticationMode").asText("Msi");
        if (!mode.equalsIgnoreCase("Msi")) {
            throw new OutputException("authenticationMode is to be Msi, the only one there is for Azure Data Explorer, found '%s'"
                    .formatted(mode));
        }
        return new KustoSettings(address(required(output, "cluster")), required(output, "database"), required(output, "table"),
                delivery(settings.path("deliveryMode").asText("")),
                settings.path("flushImmediately").asBoolean() ? Flush.IMMEDIATELY : Flush.BY_BATCHING_POLICY);
    }

    private static String required(Output output, String setting) throws OutputException {
        String value = output.settings().path(setting).asText("").strip();
        if (value.isEmpty()) {
            throw new OutputException(setting + " is missing");
        }
        return value;
    }

    private static Delivery delivery(String stated) throws OutputException {
        return switch (stated.toLowerCase(Locale.ROOT)) {
            case "" -> Delivery.BY_POLICY;
            case "queued" -> Delivery.QUEUED;
            case "streaming" -> Delivery.STREAMING;
            default -> throw new OutputException("deliveryMode is Queued or Streaming, found '%s'".formatted(stated));
        };
    }

    private static ClusterAddress address(String cluster) throws OutputException {
        return ClusterAddress.of(cluster).orElseThrow(() -> new OutputException(ClusterAddress.refusal(cluster)));
    }
}
