package io.conshelf.engine;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/// A process that says on standard output what it was told, and is killed while it goes on.
public final class KilledProcess {
    private KilledProcess() {}

    /// Runs a class and kills it.
    ///
    /// @param lines  how many of what it says to wait for before the kill
    /// @param moment returns when it is to be killed, after those lines
    /// @param said   is given each line, also those that came before the kill was felt
    static void run(Class<?> main, List<String> arguments, int lines, Runnable moment, Consumer<String> said) throws Exception {
        Process process = new ProcessBuilder(command(main, arguments)).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (var out = new BufferedInputStream(process.getInputStream())) {
            for (var line = line(out); line.isPresent(); line = line(out)) {
                said.accept(line.get());
                if (--lines == 0) {
                    Thread.ofVirtual().start(() -> {
                        try {
                            moment.run();
                        } finally {
                            process.toHandle().destroyForcibly();
                        }
                    });
                }
            }
        } finally {
            process.toHandle().destroyForcibly();
            process.waitFor();
        }
        if (lines > 0) {
            throw new AssertionError("the process ended by itself, " + lines + " lines too early");
        }
    }

    /// The command line of a process of these classes. It is short-lived: what would be won by compiling better is not won back.
    public static List<String> command(Class<?> main, List<String> arguments) {
        var command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED",
                "-cp", System.getProperty("java.class.path"), main.getName()));
        command.addAll(arguments);
        return command;
    }

    // What the kill cut off was not said.
    private static Optional<String> line(BufferedInputStream in) throws IOException {
        var line = new ByteArrayOutputStream();
        for (int next = in.read(); next != '\n'; next = in.read()) {
            if (next < 0) {
                return Optional.empty();
            }
            line.write(next);
        }
        return Optional.of(line.toString(StandardCharsets.UTF_8));
    }

    /// For the process itself: a line at once, whoever else speaks.
    static void say(String what) {
        synchronized (System.out) {
            System.out.print(what + "\n");
            System.out.flush();
        }
    }
}
