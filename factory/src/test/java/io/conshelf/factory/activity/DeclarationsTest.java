package io.conshelf.factory.activity;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.factory.activity.ActivityType.Property;
import io.conshelf.factory.activity.ActivityType.Treatment;
import io.conshelf.factory.copy.Parts;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/// Nothing is accepted and then ignored: what has no effect, or is refused, says why.
class DeclarationsTest {
    private static Map<String, List<Property>> declarations() {
        Map<String, List<Property>> all = new TreeMap<>();
        ActivityTypes.all().forEach(type -> all.put(type.name(), type.properties()));
        Parts.all().forEach(part -> all.put(part.type(), part.properties()));
        return all;
    }

    @Test
    void whatIsNotActedOnSaysWhy() {
        assertThat(declarations()).allSatisfy((type, properties) -> assertThat(properties)
                .filteredOn(property -> property.treatment() == Treatment.NO_EFFECT || property.treatment() == Treatment.REFUSED)
                .allSatisfy(property -> assertThat(property.note()).as("%s.%s", type, property.name()).isNotBlank()));
    }

    @Test
    void aPropertyIsDeclaredOnce() {
        assertThat(declarations()).allSatisfy((type, properties) -> assertThat(properties.stream().map(p -> p.name().toLowerCase(Locale.ROOT))
                .collect(Collectors.toList())).as(type).doesNotHaveDuplicates());
    }
}
