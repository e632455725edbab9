package io.conshelf.kql.function;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.kql.value.DynamicParts;
import io.conshelf.kql.value.DynamicText;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// A list is found as its terms are, each for itself.
class TermListTest {
    private static final int ROUNDS = 2_000;
    private static final int TEXTS_A_ROUND = 20;
    private static final int TERMS_MAX = 40;
    private static final List<String> PARTS = List.of(
            "a", "B", "ab", "x1", "é", "É", "ß", "Σ", "σ", "ς", "я", "Я", "-", ".", " ", "_", "::", "½", "Ⅷ", "ⅷ", "𐐀", "𐐨", "e\u0301",
            "10", "#", "7", "\"", "\\");

    private final long seed = new Random().nextLong();
    private final Random random = new Random(seed);

    @Test
    void aListIsFoundAsItsTermsAre() {
        int found = 0;
        for (int round = 0; round < ROUNDS; round++) {
            List<String> terms = texts(random.nextInt(TERMS_MAX), 3);
            TermList list = list(terms);
            for (String text : texts(TEXTS_A_ROUND, 8)) {
                var places = IntStream.range(0, terms.size()).filter(i -> StringKernels.hasTerm(text, terms.get(i), true, true, true));
                int first = places.findFirst().orElse(-1);
                assertThat(list.firstIn(text)).as("the first of %s in '%s', seed %d", terms, text, seed).isEqualTo(first);
                assertThat(list.isAnyIn(text)).as("any of %s in '%s', seed %d", terms, text, seed).isEqualTo(first >= 0);
                boolean all = terms.stream().allMatch(term -> StringKernels.hasTerm(text, term, true, true, true));
                assertThat(list.areAllIn(text)).as("all of %s in '%s', seed %d", terms, text, seed).isEqualTo(all);
                found += first >= 0 ? 1 : 0;
            }
        }
        assertThat(found).as("texts with a term").isBetween(1, ROUNDS * TEXTS_A_ROUND - 1);
    }

    @Test
    void allTermsThatATextIsMadeOfAreInIt() {
        for (int round = 0; round < ROUNDS; round++) {
            List<String> terms = new ArrayList<>(texts(TERMS_MAX, 3));
            String text = " " + String.join(" ", terms) + " ";
            assertThat(list(terms).areAllIn(text)).as("all of %s, seed %d", terms, seed).isTrue();
            terms.add("zz");
            assertThat(list(terms).areAllIn(text)).as("all of %s, seed %d", terms, seed).isFalse();
        }
    }

    private static TermList list(List<String> terms) {
        return new TermList(DynamicParts.array(terms.stream().map(DynamicText::ofString).toList()));
    }

    private List<String> texts(int count, int partsMax) {
        return IntStream.range(0, count)
                .mapToObj(_ -> {
                    var text = new StringBuilder();
                    for (int parts = random.nextInt(1, partsMax + 1); parts > 0; parts--) {
                        text.append(PARTS.get(random.nextInt(PARTS.size())));
                    }
                    return text.toString();
                })
                .toList();
    }
}
