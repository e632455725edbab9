package io.conshelf.server.crash;

import io.conshelf.engine.Limits;
import io.conshelf.server.Server;
import io.conshelf.server.ServerConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A server over a data folder in a process of its own, to be killed.
final class ServedFolder implements AutoCloseable {
    static final String DATABASE = "Lab";

    private final Process process;
    private final BufferedReader out;

    private ServedFolder(Process process) {
        this.process = process;
        this.out = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    }

    /// What runs in the process.
    ///
    /// @param arguments the data folder
    public static void main(String[] arguments) throws Exception {
        var server = inProcess(Path.of(arguments[0]));
        System.out.println(server.uri());
        System.out.flush();
        Thread.currentThread().join();
    }

    /// The same in this process.
    static Server inProcess(Path data) {
        return Server.start(ServerConfig.local().withData(data).withDatabases(List.of(DATABASE))
                .withEngineLimits(Limits.ofThisMachine().withMemoryBytes(512L << 20)));
    }

    static ServedFolder start(Path data) throws IOException {
        return new ServedFolder(new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx256m", "-XX:TieredStopAtLevel=1", "-Djava.util.concurrent.ForkJoinPool.common.parallelism=4",
                        "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
                        "-cp", System.getProperty("java.class.path"), ServedFolder.class.getName(), data.toString())
                .redirectError(ProcessBuilder.Redirect.to(log(data).toFile()))
                .start());
    }

    /// What the last one had to say.
    static Path log(Path data) {
        return data.resolveSibling("server.log");
    }

    /// Where it answers, once it does; empty when it ended before.
    Optional<URI> awaitReady() throws IOException {
        return Optional.ofNullable(out.readLine()).map(URI::create);
    }

    /// SIGKILL, some time from now.
    void killAfter(long milliseconds) throws InterruptedException {
        process.waitFor(milliseconds, TimeUnit.MILLISECONDS);
        close();
    }

    @Override
    public void close() {
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }
}
