package io.conshelf.connectors.definition;

/// How strictly the JSON of definitions is read.
public enum Reading {
    /// JSON, and nothing else.
    STRICT,
    /// JSON with comments, trailing commas and texts of several lines, as templates may have them, and editors write.
    COMMENTED,
    /// As articles print it: comments, trailing commas, `...`, placeholders, and fragments without their braces.
    LENIENT
}
