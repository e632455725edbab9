package io.conshelf.cli.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.ToolProvider;

/// JVMs in processes of their own. But for clusters they live for seconds, so they compile little and collect plainly: a start then costs a third.
final class JavaProcess {
    private static final List<String> SHORT_LIVED = List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
    private static final Map<Path, Path> COMPILED = new HashMap<>();

    private JavaProcess() {}

    /// The `conshelf` command: as its launcher starts it where `./conshelf test` has built it, else from the classes of this test.
    static List<String> conshelf(List<String> arguments) {
        // A cluster hashes and signs, which only the better compiler does by the processor's own instructions.
        List<String> options = new ArrayList<>(arguments.getFirst().equals("up") ? List.of() : SHORT_LIVED);
        options.addAll(List.of("-Xmx512m", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"));
        if (!Boolean.getBoolean("conshelf.built")) {
            return java(options, System.getProperty("java.class.path"), "io.conshelf.cli.Main", arguments);
        }
        Path root = Surroundings.root();
        options.addAll(List.of("-XX:AOTCache=" + root.resolve(".conshelf/classes.aot"), "-Xlog:disable", "-Xlog:all=error:stderr", "-Dconshelf.home=" + root));
        return java(options, root.resolve(".conshelf/native.jar") + ":" + root.resolve("cli/target/cli.jar") + ":" + root.resolve("cli/target/lib/*"),
                "io.conshelf.cli.Main", arguments);
    }

    /// A class of the tests or of a library.
    static List<String> of(List<String> options, String main, List<String> arguments) {
        return java(shortLived(options), System.getProperty("java.class.path"), main, arguments);
    }

    /// A program over the official clients, with the classes beside it; compiled once, however often it runs.
    static List<String> program(Path source, List<String> options, List<String> arguments) {
        return java(shortLived(options), compiled(source) + ":" + System.getProperty("java.class.path"), source.getFileName().toString().replace(".java", ""), arguments);
    }

    private static List<String> shortLived(List<String> options) {
        return Stream.concat(SHORT_LIVED.stream(), options.stream()).toList();
    }

    private static List<String> java(List<String> options, String classPath, String main, List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString()));
        command.addAll(options);
        command.addAll(List.of("-cp", classPath, main));
        command.addAll(arguments);
        return command;
    }

    private static synchronized Path compiled(Path source) {
        return COMPILED.computeIfAbsent(source, _ -> {
            try {
                // one a process of tests, as they run beside one another
                Path classes = Files.createDirectories(Surroundings.root().resolve("cli/target/programs/" + ProcessHandle.current().pid()));
                int exit = ToolProvider.getSystemJavaCompiler().run(null, null, null, "-proc:none", "-d", classes.toString(),
                        "-sourcepath", source.toAbsolutePath().getParent().toString(), source.toString());
                assertThat(exit).as("javac %s", source).isZero();
                return classes;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }
}
