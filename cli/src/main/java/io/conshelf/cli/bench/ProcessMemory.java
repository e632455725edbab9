package io.conshelf.cli.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;

/// The memory of another process.
final class ProcessMemory {
    private ProcessMemory() {}

    /// The most it has had, where the system tells.
    static OptionalLong peakMegabytes(long pid) {
        try {
            return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream().filter(line -> line.startsWith("VmHWM:"))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")) / 1024).findFirst();
        } catch (IOException gone) {
            return OptionalLong.empty();
        }
    }
}
