package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.api.Test;

class MemoryPatienceTest {
    private static final SQLException SHORT = new SQLException("Out of Memory Error: failed to allocate data of size 256.0 KiB");
    private static final SQLException OTHER = new SQLException("Conversion Error: no number");

    private static final long LITTLE = 1 << 20;
    private static final long MUCH = 1 << 30;

    private int asked;

    private MemoryPatience.Attempt<String> failsWith(SQLException... failures) {
        Deque<SQLException> left = new ArrayDeque<>(List.of(failures));
        return () -> {
            asked++;
            if (!left.isEmpty()) {
                throw left.removeFirst();
            }
            return "answered";
        };
    }

    @Test
    void aBystanderAsksAgain() throws SQLException {
        assertThat(new MemoryPatience(() -> true, () -> LITTLE, () -> false).call(failsWith(SHORT, SHORT, SHORT))).isEqualTo("answered");
        assertThat(asked).isEqualTo(4);
    }

    @Test
    void whoIsAloneTookMuchOrWasStoppedDoesNot() {
        for (var patience : List.of(new MemoryPatience(() -> false, () -> LITTLE, () -> false),
                new MemoryPatience(() -> true, () -> MUCH, () -> false),
                new MemoryPatience(() -> true, () -> LITTLE, () -> true))) {
            asked = 0;
            assertThatThrownBy(() -> patience.call(failsWith(SHORT))).isSameAs(SHORT);
            assertThat(asked).isEqualTo(1);
        }
    }

    @Test
    void otherErrorsEndItAndWhatWasWrongFirstIsTold() {
        var patience = new MemoryPatience(() -> true, () -> LITTLE, () -> false);
        assertThatThrownBy(() -> patience.call(failsWith(OTHER))).isSameAs(OTHER);
        assertThatThrownBy(() -> patience.call(failsWith(SHORT, OTHER))).isSameAs(SHORT);
        assertThat(asked).isEqualTo(3);
    }
}
