package io.conshelf.kql.value;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What is taken as it stands is what taking it apart and putting it together again gives.
class WrittenJsonTest {
    private static final int TEXTS = 50_000;
    private static final int DEPTH_MAX = 3;
    private static final List<String> PIECES = List.of(
            "a", "b", " ", "é", "😀", "\u007f", "\u2028", "/", "\\/", "\\\"", "\\\\", "\\n", "\\b", "\\u001b", "\\u001B", "\\u0041", "\uF8F0", "\\uF8F0",
            "\t", "\u001b", "{", "]", ",", ":", "t5");
    private static final List<String> FRACTIONS = List.of("", "", "", ".0", ".00", ".5", ".50", ".000", ".0001", ".05", ".1234567890123", ".");
    private static final List<String> EXPONENTS = List.of("", "", "", "", "e2", "E-3", "e400", "e");
    private static final List<String> NUMBERS = List.of("0", "0", "1", "12", "00", "01", "123456789012345", "1234567890123456", "12345678901234567890123");

    @ParameterizedTest
    @ValueSource(strings = {"-0", "[-0]", "-0.0", "[-0.0]", "-0.00", "0.0", "-", "-.5", "{\"a\":1,\"a\":2}", "{\"a\":{\"b\":1,\"b\":[]},\"a\":null}", "{\"\":1,\"\":1}",
        "{\"\uF8F0\":1}", "\"\uF8F0\"", "[\"\",\"\uF8F0\"]", "[[],{}]", "[,]", "{,}", "{\"a\"}", "nul", "truefalse", "", " ", "1 2", "[1]]"})
    void isWhatTheParserGives(String json) {
        assertThat(DynamicText.parse(json)).isEqualTo(DynamicText.rewritten(json));
    }

    @Test
    void anyTextIsWhatTheParserGives() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        int taken = 0;
        for (int i = 0; i < TEXTS; i++) {
            String json = value(random, 0);
            if (random.nextInt(10) == 0) {
                int at = random.nextInt(json.length());
                json = json.substring(0, at) + json.substring(at + 1);
            }
            taken += WrittenJson.is(json) ? 1 : 0;
            assertThat(DynamicText.parse(json)).as("%s, of seed %d", json, seed).isEqualTo(DynamicText.rewritten(json));
        }
        assertThat(taken).as("texts that are taken as they stand").isBetween(1, TEXTS - 1);
    }

    private static String value(Random random, int depth) {
        return switch (random.nextInt(depth < DEPTH_MAX ? 6 : 4)) {
            case 0 -> List.of("true", "false", "null").get(random.nextInt(3));
            case 1 -> string(random);
            case 4 -> array(random, depth);
            case 5 -> bag(random, depth);
            default -> (random.nextInt(3) == 0 ? "-" : "") + of(random, NUMBERS) + of(random, FRACTIONS) + of(random, EXPONENTS);
        };
    }

    private static String array(Random random, int depth) {
        StringBuilder array = new StringBuilder("[");
        for (int i = random.nextInt(4); i > 0; i--) {
            array.append(blank(random)).append(value(random, depth + 1)).append(i > 1 ? "," : "");
        }
        return array.append(blank(random)).append(']').toString();
    }

    /// With few letters in the names, so that some are there twice.
    private static String bag(Random random, int depth) {
        StringBuilder bag = new StringBuilder("{");
        for (int i = random.nextInt(4); i > 0; i--) {
            String name = random.nextInt(3) == 0 ? string(random) : "\"" + (char) ('a' + random.nextInt(3)) + "\"";
            bag.append(name).append(blank(random)).append(':').append(value(random, depth + 1)).append(i > 1 ? "," : "");
        }
        return bag.append(blank(random)).append('}').toString();
    }

    private static String string(Random random) {
        StringBuilder string = new StringBuilder("\"");
        for (int i = random.nextInt(3); i > 0; i--) {
            string.append(of(random, PIECES));
        }
        return string.append('"').toString();
    }

    private static String blank(Random random) {
        return random.nextInt(20) == 0 ? " " : "";
    }

    private static String of(Random random, List<String> choices) {
        return choices.get(random.nextInt(choices.size()));
    }
}
