package io.conshelf.server.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.BatchIngestion.Mapping;
import io.conshelf.engine.BatchIngestion.Validation;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.ingest.Format;
import io.conshelf.engine.ingest.ValidationText;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/// What a message says about how its source is to be ingested. Sources with equal properties may share a batch.
record IngestionProperties(
        String format,
        Mapping mapping,
        Set<String> tags,
        Set<String> ingestIfNotExists,
        Optional<Instant> creationTime,
        boolean ignoresFirstRecord,
        Validation validation,
        Optional<String> zipPattern) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> NOT_SUPPORTED = List.of("extend_schema", "recreate_schema", "ignoreLastRecordIfInvalid");
    // What .NET and Go send for a time that was never set.
    private static final Instant UNSET = Instant.parse("0001-01-01T00:00:00Z");

    static IngestionProperties of(IngestionMessage message) throws Refusal {
        Set<String> ifNotExists = texts(message, "ingestifnotexists");
        String format = format(message);
        checkMappingKind(message, format);
        for (String name : NOT_SUPPORTED) {
            if (flag(message, name)) {
                throw new Refusal(
                        "BadRequest_IngestionPropertyNotSupportedInThisContext",
                        "The ingestion property '" + name + "' is not supported in queued ingestion");
            }
        }
        return new IngestionProperties(
                format,
                mapping(message),
                texts(message, "tags"),
                ifNotExists,
                creationTime(message),
                flag(message, "ignoreFirstRecord"),
                validation(message),
                message.property("zippattern"));
    }

    private static boolean flag(IngestionMessage message, String name) throws Refusal {
        Optional<String> text = message.property(name.toLowerCase(Locale.ROOT));
        return text.isPresent()
                && IngestionMessage.flag(text.get()).orElseThrow(() -> malformed(name, "must be true or false"));
    }

    /// A message that cannot be followed.
    static final class Refusal extends Exception {
        private final transient IngestionFailure failure;

        Refusal(String code, String details) {
            this(IngestionFailure.permanent(code, details));
        }

        Refusal(IngestionFailure failure) {
            super(failure.details());
            this.failure = failure;
        }

        IngestionFailure failure() {
            return failure;
        }
    }

    private static String format(IngestionMessage message) {
        return message.property("format")
                .map(format -> format.toLowerCase(Locale.ROOT))
                .orElseGet(() -> BlobName.of(message.blobUri()).extension().orElse("csv"));
    }

    private static Mapping mapping(IngestionMessage message) throws Refusal {
        Optional<String> inline = first(message, "ingestionmapping", "csvmapping", "jsonmapping", "avromapping");
        Optional<String> named = first(
                message, "ingestionmappingreference", "mappingreference", "csvmappingreference", "jsonmappingreference",
                "avromappingreference");
        if (inline.isPresent() && named.isPresent()) {
            throw new Refusal(
                    "BadRequest_DuplicateMapping",
                    "The message has both 'ingestionMapping' and 'ingestionMappingReference'; send one of them");
        }
        return inline.<Mapping>map(Mapping.Inline::new)
                .or(() -> named.map(Mapping.Named::new))
                .orElseGet(Mapping.Identity::new);
    }

    private static Optional<String> first(IngestionMessage message, String... names) {
        for (String name : names) {
            Optional<String> value = message.property(name);
            if (value.isPresent()) {
                return value;
            }
        }
        return Optional.empty();
    }

    private static Set<String> texts(IngestionMessage message, String name) throws Refusal {
        Optional<String> value = message.property(name);
        if (value.isEmpty()) {
            return Set.of();
        }
        if (name.equals("ingestifnotexists") && !value.get().strip().startsWith("[")) {
            // The Go client sends the one tag that it takes as it is.
            return Set.of(value.get());
        }
        JsonNode array = json(name, value.get());
        Set<String> texts = new LinkedHashSet<>();
        if (!array.isArray()) {
            throw malformed(name, "must be a JSON array of strings");
        }
        for (JsonNode element : array) {
            if (!element.isTextual()) {
                throw malformed(name, "must be a JSON array of strings");
            }
            texts.add(element.asText());
        }
        return texts;
    }

    private static Optional<Instant> creationTime(IngestionMessage message) throws Refusal {
        Optional<String> text = message.property("creationtime");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        Instant time = moment(text.get().strip().replace(' ', 'T'))
                .orElseThrow(() -> malformed("creationTime", "must be an ISO 8601 time"));
        return time.equals(UNSET) ? Optional.empty() : Optional.of(time);
    }

    private static Optional<Instant> moment(String text) {
        try {
            if (text.length() <= 10) {
                return Optional.of(LocalDate.parse(text).atStartOfDay().toInstant(ZoneOffset.UTC));
            }
            return Optional.of(
                    text.endsWith("Z") || text.indexOf('+') > 0 || text.lastIndexOf('-') > 10
                            ? OffsetDateTime.parse(text).toInstant()
                            : LocalDateTime.parse(text).toInstant(ZoneOffset.UTC));
        } catch (DateTimeException e) {
            return Optional.empty();
        }
    }

    private static Validation validation(IngestionMessage message) throws Refusal {
        try {
            return ValidationText.parse(message.property("validationpolicy"));
        } catch (KustoException e) {
            throw new Refusal(e.error().code(), e.error().message());
        }
    }

    private static void checkMappingKind(IngestionMessage message, String format) throws Refusal {
        Optional<String> kind = first(message, "ingestionmappingtype", "ingestionmappingkind");
        Optional<Format> known = Format.find(format);
        if (kind.isPresent() && known.isPresent()) {
            try {
                known.get().checkMappingKind(kind.get());
            } catch (KustoException e) {
                throw new Refusal(e.error().code(), e.error().message());
            }
        }
    }

    private static JsonNode json(String name, String text) throws Refusal {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw malformed(name, "is not valid JSON");
        }
    }

    private static Refusal malformed(String name, String what) {
        return new Refusal("BadRequest_MalformedIngestionProperty", "The ingestion property '" + name + "' " + what);
    }
}
