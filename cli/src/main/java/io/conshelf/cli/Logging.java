package io.conshelf.cli;

import java.util.logging.Level;
import java.util.logging.Logger;

/// Libraries log through java.util.logging; a command shows only what went wrong, on standard error.
final class Logging {
    // Loggers are held here: java.util.logging forgets the level of a logger nobody holds.
    private static final Logger ROOT = Logger.getLogger("");

    private Logging() {}

    static void quiet() {
        var level = Level.parse(System.getProperty("conshelf.log", "WARNING"));
        ROOT.setLevel(level);
        for (var handler : ROOT.getHandlers()) {
            handler.setLevel(level);
        }
    }
}
