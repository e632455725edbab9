package io.conshelf.engine.orc;

import java.util.List;

/// A type of an ORC file's schema, with those it consists of.
///
/// @param column  its number, which streams and encodings go by
/// @param names   of the children, where it is a struct
/// @param scale   of a decimal
public record OrcType(int column, Kind kind, List<OrcType> children, List<String> names, int scale) {
    public OrcType {
        children = List.copyOf(children);
        names = List.copyOf(names);
    }

    /// In the order of their numbers in the file.
    public enum Kind {
        BOOLEAN, BYTE, SHORT, INT, LONG, FLOAT, DOUBLE, STRING, BINARY, TIMESTAMP, LIST, MAP, STRUCT, UNION, DECIMAL, DATE, VARCHAR,
        CHAR,
        /// A moment; the other timestamp is what a clock on a wall shows, which Kusto takes for UTC.
        TIMESTAMP_INSTANT
    }
}
