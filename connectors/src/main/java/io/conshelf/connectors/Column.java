package io.conshelf.connectors;

/// A column of rows that travel between stores.
public record Column(String name, ValueType type) {}
