package io.conshelf.engine.store;

/// A function kept in a database.
///
/// @param parameters with its parentheses: `(x:long, T:(a:string))`
/// @param body       with its braces
public record StoredFunction(String name, String parameters, String body, String folder, String docString) {}
