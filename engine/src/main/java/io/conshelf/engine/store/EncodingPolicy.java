package io.conshelf.engine.store;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.kql.type.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// How large the values of a column may become when they are ingested. Storage chooses encodings by itself: nothing else of
/// the policy is acted on.
public final class EncodingPolicy {
    /// Of columns without a policy that says otherwise.
    public static final int VALUE_BYTES_USUAL = 1 << 20;
    public static final int VALUE_BYTES_MAX = 32 << 20;

    /// The SQL function that cuts a text to a number of bytes, without splitting a character.
    public static final String CUT = "conshelf_cut";

    private static final ObjectMapper JSON = new ObjectMapper();

    private EncodingPolicy() {}

    /// A set of choices that goes by one name.
    public enum Profile {
        IDENTIFIER("Identifier", VALUE_BYTES_USUAL),
        BIG_OBJECT("BigObject", 2 << 20),
        BIG_OBJECT_32("BigObject32", VALUE_BYTES_MAX),
        BIG_OBJECT_INDEXED_32("BigObjectIndexed32", VALUE_BYTES_MAX),
        VECTOR_16("Vector16", VALUE_BYTES_USUAL);

        private final String kustoName;
        private final int valueBytesMax;

        Profile(String kustoName, int valueBytesMax) {
            this.kustoName = kustoName;
            this.valueBytesMax = valueBytesMax;
        }

        public String kustoName() {
            return kustoName;
        }

        public int valueBytesMax() {
            return valueBytesMax;
        }

        public static Optional<Profile> named(String name) {
            return Arrays.stream(values()).filter(profile -> profile.kustoName.equalsIgnoreCase(name)).findFirst();
        }

        public static List<String> names() {
            return Arrays.stream(values()).map(Profile::kustoName).toList();
        }
    }

    /// In bytes of UTF-8. A column's policy stands before its table's, and that before the database's.
    public static int valueBytesMax(Database database, Table table, TableColumn column) {
        return database.rules(EntityId.column(table, column)).policy(PolicyKind.ENCODING)
                .or(() -> database.effectivePolicy(table, PolicyKind.ENCODING))
                .map(EncodingPolicy::valueBytesMax)
                .orElse(VALUE_BYTES_USUAL);
    }

    private static int valueBytesMax(String policy) {
        JsonNode json;
        try {
            json = JSON.readTree(policy);
        } catch (JacksonException e) {
            throw new IllegalStateException("a stored policy is not JSON: " + policy, e);
        }
        int ofProfile = Profile.named(json.path("Type").asText()).map(Profile::valueBytesMax).orElse(VALUE_BYTES_USUAL);
        return json.path("MaxValueSize").asInt(ofProfile);
    }

    /// A value of a type as a column may hold it: a longer string is cut, a longer dynamic value is null.
    ///
    /// @param value SQL, an identifier or the like: it is repeated
    public static String fitting(Type type, String value, int bytesMax) {
        return switch (type) {
            case STRING -> "CASE WHEN strlen(" + value + ") <= " + bytesMax + " THEN " + value + " ELSE "
                    + CUT + "(" + value + ", " + bytesMax + ") END";
            case DYNAMIC -> "CASE WHEN strlen(" + value + ") <= " + bytesMax + " THEN " + value + " END";
            case BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, GUID -> value;
        };
    }
}
