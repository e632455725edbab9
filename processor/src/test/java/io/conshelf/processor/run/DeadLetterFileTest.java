package io.conshelf.processor.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DeadLetterFileTest {
    @TempDir
    private Path folder;

    private static DeadLetter letter(int number) {
        return new DeadLetter(Instant.EPOCH, 0, "shape", "ExpressionError", "it is number " + number, Value.of(number));
    }

    @Test
    void aFullFileIsKeptAsideAndTheNextOneBegins() throws Exception {
        Path file = folder.resolve("letters.jsonl");
        try (DeadLetterFile letters = new DeadLetterFile(file, 200)) {
            letters.begin(0);
            letters.add(letter(1));
            assertThat(letters.flush()).isPositive();
            letters.add(letter(2));
            assertThat(letters.flush()).as("a new file").isZero();
            letters.add(letter(3));
            letters.flush();
        }
        assertThat(folder.resolve("letters.jsonl.1")).content().contains("number 1", "number 2").doesNotContain("number 3");
        assertThat(file).content().contains("number 3").doesNotContain("number 2");
    }

    @Test
    void aTurnThatFailsLosesNoLetterAndIsMadeUpFor() throws Exception {
        Path file = folder.resolve("letters.jsonl");
        // nothing can be moved there
        Path blocked = Files.createDirectories(folder.resolve("letters.jsonl.1").resolve("in the way"));
        try (DeadLetterFile letters = new DeadLetterFile(file, 200)) {
            letters.begin(0);
            letters.add(letter(1));
            letters.add(letter(2));
            assertThatThrownBy(letters::flush).isInstanceOf(IOException.class);
            letters.add(letter(3));
            Files.delete(blocked);
            Files.delete(blocked.getParent());
            letters.flush();
            letters.add(letter(4));
            letters.flush();
        }
        assertThat(folder.resolve("letters.jsonl.1")).content().contains("number 1", "number 2", "number 3");
        assertThat(file).content().contains("number 4");
    }
}
