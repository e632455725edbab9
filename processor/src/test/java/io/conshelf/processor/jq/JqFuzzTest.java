package io.conshelf.processor.jq;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.io.IOException;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// Programs that nobody would write: those of the cases, cut up and put together again. They end in a result or in an error that says what is wrong.
class JqFuzzTest {
    private static final int PROGRAMS = 6_000;
    private static final Budget SMALL = new Budget(20_000, 300, 1_000, 1 << 20, Duration.ofSeconds(60));

    @Test
    void programsEndInResultsOrInErrorsOfTheirOwn() throws IOException, URISyntaxException {
        List<JqCase> cases = JqCase.all();
        Random random = new Random(20240501);
        List<String> failures = new ArrayList<>();
        int ran = 0;
        for (int i = 0; i < PROGRAMS; i++) {
            String expression = mixed(cases, random);
            Value input = cases.get(random.nextInt(cases.size())).inputValue();
            try {
                Program.compile(expression, random.nextBoolean() ? Program.Mode.LENIENT : Program.Mode.STRICT).run(input, SMALL, JsonText::write);
                ran++;
            } catch (JqSyntaxException | JqException | Budget.Exceeded expected) {
                assertThat(expected.getMessage()).isNotNull();
            } catch (RuntimeException | Error failure) {
                failures.add(expression + " : " + failure);
            }
        }
        assertThat(failures).isEmpty();
        assertThat(ran).as("programs that came to their end").isGreaterThan(PROGRAMS / 20);
    }

    private static String mixed(List<JqCase> cases, Random random) {
        String one = cases.get(random.nextInt(cases.size())).expression();
        String other = cases.get(random.nextInt(cases.size())).expression();
        return switch (random.nextInt(7)) {
            case 0 -> one + " | " + other;
            case 1 -> "[" + one + "] | map(" + other + ")";
            case 2 -> "(" + one + ") as $x | (" + other + ")";
            case 3 -> "reduce (" + one + ") as $x (.; " + other + ")";
            case 4 -> "path(" + one + "), (try (" + other + ") catch .)";
            case 5 -> "(" + one + ") |= (" + other + ")";
            default -> cut(one, random) + cut(other, random);
        };
    }

    private static String cut(String text, Random random) {
        int a = random.nextInt(text.length() + 1);
        int b = random.nextInt(text.length() + 1);
        return text.substring(Math.min(a, b), Math.max(a, b));
    }
}
