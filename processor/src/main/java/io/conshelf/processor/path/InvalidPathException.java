package io.conshelf.processor.path;

/// A path that is none, with what is wrong and where in it.
public final class InvalidPathException extends Exception {
    private static final long serialVersionUID = 1;

    InvalidPathException(String path, int at, String problem) {
        super("'" + path + "': " + problem + " (character " + (at + 1) + ")");
    }
}
