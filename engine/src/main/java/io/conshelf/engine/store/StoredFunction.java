package io.conshelf.engine.store;

/// A function kept in a database.
///
/// @param parameters with its parentheses: `(x:long, T:(a:string))`
/// @param body       with its braces
/// @param isView     whether names with stars, `search` and `find` read it as they read tables
public record StoredFunction(String name, String parameters, String body, String folder, String docString, boolean isView) {
    public StoredFunction withFolder(String changed) {
        return new StoredFunction(name, parameters, body, changed, docString, isView);
    }

    public StoredFunction withDocString(String changed) {
        return new StoredFunction(name, parameters, body, folder, changed, isView);
    }
}
