package io.conshelf.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.engine.spec.ResultText;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Short lists of a large table, beside what is computed of all its rows, have as many of its values as they are to have.
class ListOfLargeTableTest {
    @TempDir
    private Path folder;

    private Engine engine;

    @BeforeEach
    void open() {
        engine = Engine.open(EngineConfig.inMemory(folder));
        run(".set T <| range i from 1 to 1100000 step 1 | extend x = iff(i % 3 == 0, real(null), 0.5 * i), s = strcat('s', i), b = i % 2 == 0,"
                + " t = datetime(2026-01-01) + i * 1s, p = i * 1s, g = guid(74be27de-1e4e-49d9-b579-fe0b331d3642), c = todecimal(i), k = toint(i),"
                + " d = pack_array(i, i)");
    }

    @AfterEach
    void close() {
        engine.close();
    }

    private List<String> run(String text) {
        var request = new Request(Principal.LOCAL_ADMINISTRATOR, "NetDefaultDB", "test", UUID.randomUUID(), Map.of(), Map.of(), "test", "test",
                Instant.parse("2026-03-01T10:00:00Z"), Duration.ofMinutes(5), false);
        try (var answer = text.startsWith(".") ? engine.command(request, text) : engine.query(request, text)) {
            return ResultText.of(answer);
        }
    }

    @Test
    void haveTheirNumberOfValues() {
        assertThat(run("T | summarize l = make_list(i, 3), m = make_list(x, 1000), f = make_list_if(i, i > 1099990, 20), e = make_list_if(i, i < 0, 5),"
                + " z = make_list(i, 0), n = count(), q = max(i)"
                + " | mv-apply i = l to typeof(long) on (summarize a = dcount(i), low = min(i))"
                + " | mv-apply x = m to typeof(real) on (summarize y = count_distinct(x), least = min(x))"
                + " | project a, low >= 1, y, least > 0, array_sort_asc(f), e, z, n, q").getLast())
                .isEqualTo("3 | true | 1000 | true | [1099991,1099992,1099993,1099994,1099995,1099996,1099997,1099998,1099999,1100000] | [] | [] | 1100000 | 1100000");
    }

    @Test
    void haveValuesOfAllTypes() {
        assertThat(run("T | where i > 7 | summarize s = make_list(s, 2), b = make_list(b, 2), t = make_list(t, 2), p = make_list(p, 2), g = make_list(g, 2),"
                + " c = make_list(c, 2), k = make_list(k, 2), d = make_list(d, 2), n = count()"
                + " | project tostring(s[0]) startswith 's' and tostring(s[0]) != tostring(s[1]), gettype(b[1]), todatetime(t[0]) > datetime(2026-01-01), totimespan(p[0]) > 7s, toguid(g[0]),"
                + " gettype(c[0]), tolong(k[1]) > 7, array_length(d), n").getLast())
                .isEqualTo("true | bool | true | true | 74be27de-1e4e-49d9-b579-fe0b331d3642 | decimal | true | 2 | 1099993");
    }
}
