package io.conshelf.kql.spec;

import static org.assertj.core.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

import java.nio.file.Files;
import java.nio.file.Path;

/// The reference files and conformance suites that stand beside the project: `shared/` in this folder or above it.
public final class SharedFiles {
    private SharedFiles() {}

    /// The file or folder `name` below `shared/`. Where it is not there the test is reported as not run; with CI=true
    /// that is a failure.
    public static Path require(String name) {
        for (Path folder = Path.of("").toAbsolutePath(); folder != null; folder = folder.getParent()) {
            Path file = folder.resolve("shared").resolve(name);
            if (Files.exists(file)) {
                return file;
            }
        }
        String notRun = "not run: shared/" + name + " is not beside the project";
        return "true".equals(System.getenv("CI")) ? fail(notRun) : abort(notRun);
    }
}
