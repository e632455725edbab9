package io.conshelf.streams.output.kusto;

import com.fasterxml.jackson.databind.JsonNode;
import io.conshelf.streams.job.JobDefinition.Output;
import io.conshelf.streams.output.OutputException;
import java.util.Locale;

/// Where an Azure Data Explorer output leads, and how its rows get there.
///
/// @param address of the cluster, as a URI
record KustoSettings(String address, String database, String table, Delivery delivery, Flush flush) {
    private static final String DOMAIN = ".kusto.windows.net";

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

    /// A cluster is named by its URI, by `name.region`, or by its name alone, as the portal does.
    private static String address(String cluster) throws OutputException {
        if (cluster.contains("://")) {
            return cluster;
        }
        if (!cluster.matches("[A-Za-z0-9][A-Za-z0-9-]*(\\.[A-Za-z0-9][A-Za-z0-9-]*)*(:\\d{1,5})?/?")) {
            throw new OutputException("'%s' is no cluster; write its name, name.region, or https://name.region%s".formatted(cluster, DOMAIN));
        }
        // what has more than a region behind the name is a host
        return "https://" + (cluster.chars().filter(c -> c == '.').count() < 2 && !cluster.contains(":") ? cluster.replaceFirst("/$", "") + DOMAIN : cluster);
    }
}
