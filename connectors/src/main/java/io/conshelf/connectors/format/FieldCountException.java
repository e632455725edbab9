package io.conshelf.connectors.format;

import io.conshelf.connectors.StoreException;
import java.util.List;

/// A record of delimited text that has more or fewer fields than the file has columns. The next record can be read.
public final class FieldCountException extends StoreException {
    private final transient List<String> fields;

    FieldCountException(List<String> fields, int expected, String where) {
        super(fields.size() > expected ? "DelimitedTextMoreColumnsThanDefined" : "DelimitedTextColumnCountMismatch", Fault.USER,
                "Found " + fields.size() + " columns, expected " + expected + ", " + where);
        this.fields = List.copyOf(fields);
    }

    /// The record's fields, unquoted.
    public List<String> fields() {
        return fields;
    }
}
