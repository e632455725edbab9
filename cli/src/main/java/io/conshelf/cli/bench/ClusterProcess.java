package io.conshelf.cli.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;

/// A cluster as its users start it, `conshelf up --data`, in a process of its own.
public final class ClusterProcess implements AutoCloseable {
    private static final String DATABASE = "NetDefaultDB";
    private static final String READY = "ready http://localhost:";
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final int port;

    private ClusterProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    public static ClusterProcess start(Path data) throws IOException {
        var home = Path.of(System.getProperty("conshelf.home", ".")).toAbsolutePath();
        var process = new ProcessBuilder(
                        home.resolve("conshelf").toString(), "up", "--port", "0", "--data", data.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var lines = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
        String line = lines.readLine();
        if (line == null || !line.startsWith(READY)) {
            process.destroy();
            throw new IOException("conshelf up did not become ready: " + line);
        }
        return new ClusterProcess(process, Integer.parseInt(line.substring(READY.length())));
    }

    public int port() {
        return port;
    }

    ProcessHandle process() {
        return process.toHandle();
    }

    public void command(String text) throws IOException {
        ask("/v1/rest/mgmt", text);
    }

    /// The number that a query answers with; -1 where it answers with none.
    public long number(String query) throws IOException {
        return JSON.readTree(ask("/v1/rest/query", query)).at("/Tables/0/Rows/0/0").asLong(-1);
    }

    long count(String table) throws IOException {
        return number(table + " | count");
    }

    private byte[] ask(String path, String text) throws IOException {
        byte[] body = JsonNodeFactory.instance.objectNode().put("db", DATABASE).put("csl", text).toString()
                .getBytes(StandardCharsets.UTF_8);
        try (var connection = new HttpConnection(port)) {
            return connection.send(HttpConnection.post(port, path, "application/json", body));
        }
    }

    /// The most memory the process has had, where the system tells.
    OptionalLong peakMemoryMegabytes() {
        return ProcessMemory.peakMegabytes(process.pid());
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
