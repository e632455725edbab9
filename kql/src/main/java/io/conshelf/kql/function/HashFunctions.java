package io.conshelf.kql.function;

import static io.conshelf.kql.function.Declare.*;
import static io.conshelf.kql.function.ResultName.*;
import static io.conshelf.kql.type.Type.*;

import io.conshelf.kql.type.Type;
import java.util.ArrayList;
import java.util.List;

/// Hashes. `hash()` is xxHash64 over a value's bytes, the cryptographic ones are over its text: both on record.
final class HashFunctions {
    private static final Type[] HASHED = {BOOL, INT, LONG, REAL, DECIMAL, DATETIME, TIMESPAN, STRING, GUID};

    static final List<ScalarFunction> ALL = List.of(
            hash("hash"),
            hash("hash_xxhash64"),
            text("hash_md5", "md5", "The MD5 hash of a value's text, in hexadecimal digits."),
            text("hash_sha1", "sha1", "The SHA-1 hash of a value's text, in hexadecimal digits."),
            text("hash_sha256", "sha256", "The SHA-256 hash of a value's text, in hexadecimal digits."));

    private HashFunctions() {}

    private static ScalarFunction hash(String name) {
        List<Signature> all = new ArrayList<>();
        for (Type type : HASHED) {
            String hash = hash(type);
            all.add(takes(oneOf("source", type)).returns(LONG).sql(hash));
            all.add(takes(oneOf("source", type), integer("mod")).returns(LONG).sql("kql_modulo(" + hash + ", {1})"));
        }
        return scalar(name, NONE, "The xxHash64 of a value, or its remainder by a divisor.", all.toArray(Signature[]::new));
    }

    /// The hash of a value of a type.
    static String hash(Type type) {
        return switch (type) {
            case STRING -> "kql_hash_text({0})";
            case GUID -> "kql_hash_guid(CAST({0} AS VARCHAR))";
            case INT -> "kql_hash_int({0})";
            case REAL -> "kql_hash_real({0})";
            case DECIMAL -> "kql_hash_text(kql_decimal_text({0}))";
            case BOOL -> "kql_hash_bool({0})";
            case LONG, DATETIME, TIMESPAN -> "kql_hash_long({0})";
            case DYNAMIC -> throw new AssertionError("a dynamic has no hash");
        };
    }

    private static ScalarFunction text(String name, String function, String summary) {
        return scalar(name, NONE, summary, takes(oneOf("source", HASHED).as(STRING)).returns(STRING)
                // The empty text, which a null's is too, has no hash: on record.
                .sql("coalesce(" + function + "(nullif({0}, '')), '')"));
    }
}
