package io.conshelf.kql.function;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class CapturedNumberTest {
    @Test
    void groupsAreCountedByTheirOpeningBrackets() {
        assertThat(CapturedNumber.group("a(b)(c(d))", 1)).contains("b");
        assertThat(CapturedNumber.group("a(b)(c(d))", 2)).contains("c(d)");
        assertThat(CapturedNumber.group("a(b)(c(d))", 3)).contains("d");
        assertThat(CapturedNumber.group("a(b)(c(d))", 4)).isEmpty();
        assertThat(CapturedNumber.group("(?:a)(?i:b)(?P<name>c)", 1)).contains("c");
    }

    @Test
    void bracketsThatAreLettersOpenNone() {
        assertThat(CapturedNumber.group("\\(a(b)", 1)).contains("b");
        assertThat(CapturedNumber.group("[(](b)", 1)).contains("b");
        assertThat(CapturedNumber.group("[])(](b)", 1)).contains("b");
        assertThat(CapturedNumber.group("[^])(](b)", 1)).contains("b");
        assertThat(CapturedNumber.group("[[:alpha:](](b)", 1)).contains("b");
        assertThat(CapturedNumber.group("[\\](](b)", 1)).contains("b");
        assertThat(CapturedNumber.group("(a\\)b)", 1)).contains("a\\)b");
    }

    @Test
    void groupsWithoutAnEndAreNone() {
        assertThat(CapturedNumber.group("(a", 1)).isEmpty();
        assertThat(CapturedNumber.group("(a[)", 1)).isEmpty();
        assertThat(CapturedNumber.group("(?P<name", 1)).isEmpty();
        assertThat(CapturedNumber.group("\\Q(\\E(a)", 1)).isEmpty();
        assertThat(CapturedNumber.group("a)(b)", 1)).contains("b");
    }
}
