package io.conshelf.engine.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GraphModelTest {
    private static final int LONGEST = 1 << 20;

    private static GraphModel.Version version(String definition) {
        return new GraphModel.Version(UUID.randomUUID(), Instant.EPOCH, definition);
    }

    private static GraphModel model(String definition) {
        return new GraphModel("M", List.of(version(definition)), new TreeMap<>());
    }

    @Test
    void ofManyVersionsTheOldestAreForgotten() {
        var model = model("first");
        for (int i = 0; i < 200; i++) {
            model = model.with(version("v" + i));
        }
        assertThat(model.versions()).hasSize(100);
        assertThat(model.versions().getFirst().definition()).isEqualTo("v100");
        assertThat(model.newest().definition()).isEqualTo("v199");
    }

    @Test
    void ofLongVersionsTheOldestAreForgotten() {
        var model = model("first").with(version("a".repeat(LONGEST)));
        assertThat(model.versions()).hasSize(2);
        assertThat(model.with(version("b".repeat(LONGEST))).with(version("last")).versions()).extracting(v -> v.definition().charAt(0)).containsExactly('b', 'l');
    }

    @Test
    void whatSaysTheSameIsNoNewVersion() {
        var model = model("first");
        assertThat(model.with(version("first"))).isSameAs(model);
        assertThat(model.with(version("second")).with(version("first")).versions()).hasSize(3);
    }

    @Test
    void aDefinitionThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> GraphDefinition.oneLine("\"" + "a".repeat(LONGEST) + "\""))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("1048576 characters");
    }
}
