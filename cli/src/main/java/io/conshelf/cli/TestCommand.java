package io.conshelf.cli;

import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// `conshelf test`, as help and completion tell of it: the launcher itself runs it, as what it tests may not be built yet.
@Command(name = "test", mixinStandardHelpOptions = true, description = "Runs the tests that a change must pass, of all modules or of one.")
final class TestCommand implements Runnable {
    @Parameters(arity = "0..1", paramLabel = "MODULE", description = "one of ${COMPLETION-CANDIDATES}", completionCandidates = Modules.class)
    private Optional<String> module;

    @Option(names = "--full", description = "the long ones too: crashes, hostile input, soaks")
    private boolean isFull;

    @Option(names = "--spec", paramLabel = "FILE[:LINE]", description = "one file of specifications, or one case of it")
    private Optional<String> spec;

    @Option(names = "--complete", description = "write down what comes out as what is expected")
    private boolean isCompleted;

    static final class Modules implements Iterable<String> {
        @Override
        public Iterator<String> iterator() {
            return List.of("kql", "engine", "server", "connectors", "factory", "streams", "processor", "cli", "clients").iterator();
        }
    }

    @Override
    public void run() {
        throw new CommandFailure("tests are run from the source tree, by its launcher: ./conshelf test");
    }
}
