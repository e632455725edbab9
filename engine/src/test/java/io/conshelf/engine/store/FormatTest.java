package io.conshelf.engine.store;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

class FormatTest {
    @TempDir
    Path folder;

    /// `mvn -pl engine -am test -Dsurefire.failIfNoSpecifiedTests=false -Dtest=FormatTest -Dconshelf.sample=2`
    @Test
    @EnabledIfSystemProperty(named = "conshelf.sample", matches = "\\d+")
    void thisReleaseWritesItsSample() throws Exception {
        Path archive = Path.of("src/test/resources/formats", System.getProperty("conshelf.sample") + ".zip");
        Files.createDirectories(archive.getParent());
        FormatSample.write(folder, archive);
    }
}
