package io.conshelf.connectors.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WildcardTest {
    @ParameterizedTest
    @CsvSource({
        "*, a.csv, true", "*, '', true", "*, a/b, false", "*.csv, a.csv, true", "*.csv, a.csv.gz, false", "a?.csv, a.csv, true", "a?.csv, ab.csv, true",
        "a?.csv, abc.csv, false", "a?b, a/b, false", "^*.csv, *.csv, true", "^*.csv, a.csv, false", "a^, a^, true", "y=*/m=*, y=1/m=2, true",
        "y=*/m=*, y=1/m=2/d=3, false", "a*b*c, aXbYbZc, true", "?, 😀, true", "A, a, false", "[a], [a], true"})
    void namesAreMatched(String pattern, String name, boolean isMatched) {
        assertThat(Wildcard.of(pattern).matches(name)).isEqualTo(isMatched);
    }

    @Test
    void manyWaysThroughAPatternTakeNoLonger() {
        assertThat(Wildcard.of("?".repeat(200) + "x").matches("a".repeat(200))).isFalse();
        assertThat(Wildcard.of("*a".repeat(50) + "x").matches("a".repeat(1_000))).isFalse();
    }
}
