package io.conshelf.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// A platform thread as the operating system counts it.
///
/// @param statistics the system's file about it; one that is not there where the system has none
record NativeThread(Path statistics) {
    private static final Path NONE = Path.of("");
    private static final Path SELF = Path.of("/proc/thread-self");
    private static final NativeThread ALL = new NativeThread(Path.of("/proc/self/stat"));
    private static final int MINOR_FAULTS = 7;

    static NativeThread current() {
        try {
            return new NativeThread(Path.of("/proc").resolve(Files.readSymbolicLink(SELF)).resolve("stat"));
        } catch (IOException | UnsupportedOperationException e) {
            return new NativeThread(NONE);
        }
    }

    /// All threads of the process, as if they were one.
    static NativeThread all() {
        return ALL;
    }

    /// Pages it was the first to touch; 0 where nobody counts them.
    long pagesTouched() {
        if (statistics.equals(NONE)) {
            return 0;
        }
        try {
            String line = Files.readString(statistics);
            // The second field is the thread's name, in parentheses, which may hold anything.
            return Long.parseLong(line.substring(line.lastIndexOf(')') + 2).split(" ", MINOR_FAULTS + 2)[MINOR_FAULTS]);
        } catch (IOException | RuntimeException e) {
            return 0;
        }
    }
}
