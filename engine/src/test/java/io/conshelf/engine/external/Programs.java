package io.conshelf.engine.external;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// Programs of the machine that tests run beside them.
final class Programs {
    static final int SECONDS_MAX = 60;

    private Programs() {}

    /// Runs one to its end, which is to be a good one.
    static void run(List<String> command) throws IOException {
        Path log = Files.createTempFile("conshelf-program-", ".log");
        // Not where the test is: a program that runs as another user may not look there.
        var process = new ProcessBuilder(command).directory(Path.of("/").toFile()).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        boolean isEnded = isEnded(process);
        String output = Files.readString(log);
        Files.delete(log);
        if (!isEnded || process.exitValue() != 0) {
            process.destroyForcibly();
            throw new AssertionError(command + " failed: " + output);
        }
    }

    /// Waits for it, but not for ever.
    static boolean isEnded(Process process) {
        try {
            return process.waitFor(SECONDS_MAX, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    static int freePort() throws IOException {
        try (var socket = new ServerSocket(0)) {
            return socket.getLocalPort();
        }
    }
}
