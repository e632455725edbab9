package io.conshelf.connectors.definition;

/// A mistake in a definition: the file, the path of the value in it, and what is wrong.
public record Problem(String file, String path, String message) {
    @Override
    public String toString() {
        return file + (path.isEmpty() ? "" : ": " + path) + ": " + message;
    }
}
