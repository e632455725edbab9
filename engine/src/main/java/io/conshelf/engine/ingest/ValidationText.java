package io.conshelf.engine.ingest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.BatchIngestion.Validation;
import io.conshelf.engine.KustoException;
import java.util.Locale;
import java.util.Optional;

/// The ingestion property `validationPolicy`: `{"ValidationOptions":1,"ValidationImplications":1}`.
public final class ValidationText {
    private static final ObjectMapper JSON = new ObjectMapper();

    private ValidationText() {}

    /// Without a policy field counts are checked and a wrong one fails the source, as the service is documented to do.
    ///
    /// @throws KustoException when it is no policy
    public static Validation parse(Optional<String> text) {
        if (text.isEmpty()) {
            return new Validation(Validation.Check.CONSTANT_COLUMNS, false);
        }
        String options = "";
        String implications = "";
        for (var field : object(text.get()).properties()) {
            switch (field.getKey().toLowerCase(Locale.ROOT)) {
                case "validationoptions" -> options = field.getValue().asText();
                case "validationimplications", "validationpolicytype" -> implications = field.getValue().asText();
                default -> throw malformed("has the unknown field '" + field.getKey() + "'");
            }
        }
        var check = switch (options.toLowerCase(Locale.ROOT)) {
            case "0", "donotvalidate" -> Validation.Check.NONE;
            case "", "1", "validatecsvinputconstantcolumns" -> Validation.Check.CONSTANT_COLUMNS;
            case "2", "validatecsvinputcolumnlevelonly" -> Validation.Check.COLUMN_LEVEL_ONLY;
            default -> throw malformed("has the unknown ValidationOptions '" + options + "'");
        };
        boolean isBestEffort = switch (implications.toLowerCase(Locale.ROOT)) {
            case "", "0", "fail" -> false;
            case "1", "besteffort" -> true;
            default -> throw malformed("has the unknown ValidationImplications '" + implications + "'");
        };
        return new Validation(check, isBestEffort);
    }

    private static JsonNode object(String text) {
        try {
            JsonNode policy = JSON.readTree(text);
            if (!policy.isObject()) {
                throw malformed("must be a JSON object");
            }
            return policy;
        } catch (JsonProcessingException e) {
            throw malformed("is not valid JSON");
        }
    }

    private static KustoException malformed(String what) {
        return new KustoException(IngestionErrors.malformedProperty("validationPolicy", what));
    }
}
