package io.conshelf.streams.service;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.streams.job.Datasources;

/// Tells the parts of jobs whose kind is known and not built: they are kept as they are, and refused by name when the job starts.
final class NotBuilt {
    private NotBuilt() {}

    static boolean names(PartKind kind, ObjectNode properties) {
        return switch (kind) {
            case INPUT, OUTPUT -> {
                String type = properties.path("datasource").path("type").asText();
                String format = properties.path("serialization").path("type").asText();
                yield Datasources.all().stream().anyMatch(known -> !known.isBuilt() && known.type().equalsIgnoreCase(type))
                        || io.conshelf.streams.job.Formats.all().stream().anyMatch(known -> !known.refusal().isEmpty() && known.type().equalsIgnoreCase(format));
            }
            case FUNCTION -> {
                String binding = properties.path("properties").path("binding").path("type").asText();
                yield !binding.isEmpty() && !binding.equalsIgnoreCase("Microsoft.StreamAnalytics/JavascriptUdf");
            }
            case TRANSFORMATION -> false;
        };
    }
}
