package io.conshelf.processor.value;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Objects are maps that keep the order of their members, few or many.
final class MembersTest {
    @Test
    void membersAreThoseOfAMapInTheOrderTheyCame() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        for (int round = 0; round < 2_000; round++) {
            Map<String, Value> expected = new LinkedHashMap<>();
            MembersBuilder builder = new MembersBuilder(random.nextInt(1, 20));
            int names = random.nextInt(1, 30);
            for (int put = random.nextInt(40); put > 0; put--) {
                // two of one hash among them
                String name = random.nextInt(8) == 0 ? random.nextBoolean() ? "Aa" : "BB" : "name" + random.nextInt(names);
                Value value = Value.of(random.nextLong());
                expected.put(name, value);
                builder.put(name, value);
            }
            Value.Members members = builder.build();
            Map<String, Value> before = new LinkedHashMap<>(expected);
            String name = "name" + random.nextInt(30);
            Value.Members changed = members.with(name, Value.TRUE);
            expected.put(name, Value.TRUE);

            assertThat(members.members()).as("seed %d", seed).isEqualTo(before).hasSameSizeAs(before);
            assertThat(List.copyOf(members.members().entrySet())).as("seed %d", seed).isEqualTo(List.copyOf(before.entrySet()));
            assertThat(List.copyOf(changed.members().keySet())).as("seed %d", seed).isEqualTo(List.copyOf(expected.keySet()));
            assertThat(changed).as("seed %d", seed).isEqualTo(new Value.Members(new LinkedHashMap<>(expected))).hasSameHashCodeAs(new Value.Members(new LinkedHashMap<>(expected)));
            before.forEach((key, value) -> assertThat(members.member(key)).as("seed %d", seed).isEqualTo(value));
            assertThat(members.member("none")).isEqualTo(Value.NULL);
            assertThat(members.members().containsKey("none")).isFalse();
            assertThat(List.copyOf(members.members().reversed().keySet())).as("seed %d", seed).isEqualTo(List.copyOf(before.keySet()).reversed());
        }
    }

    @Test
    void aMemberMoreLeavesTheObjectBeforeAsItWas() {
        Value.Members one = Value.member("a", Value.TRUE);
        assertThat(one.with("b", Value.FALSE).members()).containsExactly(entry("a", Value.TRUE), entry("b", Value.FALSE));
        assertThat(one.with("a", Value.NULL).members()).containsExactly(entry("a", Value.NULL));
        assertThat(one.members()).containsExactly(entry("a", Value.TRUE));
    }
}
