package io.conshelf.engine.fault;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// A file system of its own in memory, so small that it is soon full. Making one takes the rights of root; where they are missing
/// the test is named as not run, which fails under `CI=true`.
final class SmallDisk implements AutoCloseable {
    private final Path folder;

    private SmallDisk(Path folder) {
        this.folder = folder;
    }

    static SmallDisk mount(Path folder, int megabytes) throws IOException, InterruptedException {
        Files.createDirectories(folder);
        String said = run(List.of("mount", "-t", "tmpfs", "-o", "size=" + megabytes + "m", "tmpfs", folder.toString()));
        if (!said.isEmpty()) {
            notRun(said);
        }
        return new SmallDisk(folder);
    }

    private static void notRun(String said) {
        String why = "a small disk for tests cannot be mounted: " + said + " (it takes root with the capability CAP_SYS_ADMIN)";
        if ("true".equals(System.getenv("CI"))) {
            fail("not run: " + why);
        }
        System.out.println("not run: " + why);
        assumeTrue(false, why);
    }

    /// Takes all the room there is but so much.
    void fillBut(long bytesLeft) throws IOException {
        try (OutputStream out = Files.newOutputStream(folder.resolve("ballast"))) {
            byte[] block = new byte[64 << 10];
            while (free() > bytesLeft) {
                out.write(block, 0, (int) Math.min(block.length, free() - bytesLeft));
            }
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left")) {
                throw e;
            }
        }
    }

    long free() throws IOException {
        return Files.getFileStore(folder).getUsableSpace();
    }

    void empty() throws IOException {
        Files.delete(folder.resolve("ballast"));
    }

    void remount(String option) throws IOException, InterruptedException {
        String said = run(List.of("mount", "-o", "remount," + option, folder.toString()));
        if (!said.isEmpty()) {
            throw new IOException(said);
        }
    }

    /// @return what it complained of; empty if it succeeded
    private static String run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes()).strip();
        return process.waitFor() == 0 ? "" : said.isEmpty() ? command.getFirst() + " failed" : said;
    }

    @Override
    public void close() throws IOException {
        try {
            // Lazily: what a failed test left open does not keep it.
            run(List.of("umount", "-l", folder.toString()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
