package io.conshelf.streams.plan;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.job.JobDefinition.InputType;
import io.conshelf.streams.query.QueryParser;
import io.conshelf.streams.value.Compatibility;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Any text ends in a plan or in diagnostics, on a stack of the usual size.
class HostileQueryTest {
    private static final QueryContext CONTEXT = new QueryContext(Map.of("A", InputType.STREAM, "B", InputType.STREAM, "R", InputType.REFERENCE),
            Set.of("f"), Set.of("g"), Compatibility.V1_2);

    @Test
    void deepNestingIsADiagnostic() {
        for (String query : List.of(
                "SELECT " + "(".repeat(50_000) + "x" + ")".repeat(50_000) + " FROM A",
                "SELECT " + "(".repeat(50_000),
                "SELECT " + "CASE WHEN ".repeat(20_000) + " FROM A",
                "SELECT " + "ABS(".repeat(10_000) + "x" + ")".repeat(10_000) + " FROM A",
                "SELECT x FROM A WHERE " + "NOT ".repeat(50_000) + "x = 1",
                "SELECT " + "~".repeat(50_000) + "x FROM A",
                "SELECT x" + ".y".repeat(50_000) + " FROM A",
                "SELECT x" + " + 1".repeat(50_000) + " FROM A",
                "SELECT x" + " * 2".repeat(50_000) + " FROM A",
                "SELECT x FROM A WHERE x" + " IS NULL".repeat(20_000),
                "SELECT " + "LAG(".repeat(90) + "x" + ") OVER (LIMIT DURATION(minute, 1))".repeat(90) + " FROM A",
                "SELECT " + "CASE (".repeat(45) + "x" + ") WHEN 1 THEN 1 WHEN 2 THEN 2 END".repeat(45) + " AS y FROM A",
                "SELECT " + many(100_000, i -> "x", ",") + " FROM A",
                "SELECT A.x FROM A " + many(5_000, i -> "JOIN R AS r" + i + " ON A.x = r" + i + ".x", " "),
                "WITH s AS (" + "SELECT x FROM (".repeat(5_000),
                "SELECT x FROM " + "(".repeat(50_000) + "A" + ")".repeat(50_000),
                "SELECT x FROM " + "(".repeat(30),
                "SELECT x FROM " + "(SELECT x FROM ".repeat(60) + "A" + ")".repeat(60),
                "SELECT x FROM " + "((SELECT x FROM ".repeat(40) + "A" + "))".repeat(40),
                "(".repeat(50_000) + "SELECT x FROM A" + ")".repeat(50_000),
                "SELECT x FROM A JOIN B ON " + "(".repeat(2_000) + "DATEDIFF(minute, A, B) BETWEEN 0 AND 1" + ")".repeat(2_000))) {
            Compiled compiled = Queries.compile(query, CONTEXT);
            assertThat(compiled.errors()).as(query.substring(0, 40)).isNotEmpty();
            assertThat(compiled.plan()).isEmpty();
        }
    }

    @Test
    void longListsAreRead() {
        for (String query : List.of(
                "SELECT x FROM A WHERE " + many(5_000, i -> "x = " + i, " OR "),
                "SELECT x FROM A WHERE x IN (" + many(20_000, i -> "" + i, ", ") + ")",
                "SELECT " + many(2_000, i -> "x + " + i + " AS c" + i, ", ") + " FROM A",
                many(500, i -> "SELECT x INTO o" + i + " FROM A", "; "),
                many(300, i -> "SELECT x FROM A", " UNION "),
                "SELECT x FROM A UNION " + "(SELECT x FROM A UNION ".repeat(60) + "SELECT x FROM A" + ")".repeat(60),
                "WITH s0 AS (SELECT x FROM A)" + many(500, i -> ", s" + (i + 1) + " AS (SELECT x FROM s" + i + ")", "") + " SELECT x FROM s500")) {
            Compiled compiled = Queries.compile(query, CONTEXT);
            assertThat(compiled.errors()).isEmpty();
            assertThat(compiled.plan().orElseThrow().text()).isNotEmpty();
        }
    }

    private static String many(int count, java.util.function.IntFunction<String> part, String between) {
        return IntStream.range(0, count).mapToObj(part).collect(Collectors.joining(between));
    }

    @Test
    void hugeTextsAreRefused() {
        Compiled compiled = Queries.compile("SELECT x FROM A -- " + "x".repeat(2_000_000), CONTEXT);
        assertThat(compiled.errors()).singleElement().asString().contains("characters");
        assertThat(compiled.answer().errors()).singleElement().matches(Compiled.Answer.Error::isGlobal);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", ";", "-- nothing", "/*", "'", "\"", "[", "\u0000", "\uD800", "SELECT", "\uFEFFSELECT x FROM A", "GROUP BY", "SELECT * FROM A WHERE"})
    void oddTextsAreRead(String query) {
        Compiled compiled = Queries.compile(query, CONTEXT);
        assertThat(compiled.plan().isPresent()).as("%s", compiled.diagnostics()).isEqualTo(compiled.errors().isEmpty());
    }

    @Test
    void anySequenceOfTokensEndsInAnAnswer() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        String[] words = ("SELECT FROM WHERE GROUP BY HAVING UNION WITH AS OVER PARTITION LIMIT DURATION WHEN JOIN LEFT CROSS APPLY ON AND OR NOT IN IS NULL LIKE "
                + "BETWEEN CASE THEN ELSE END CAST TIMESTAMP INTO CREATE TABLE MATCH_RECOGNIZE MEASURES PATTERN DEFINE ( ) ( ) , . ; * + - / % & | ^ ~ = <> < >= "
                + "A B R s x y [a b] \"q\" 'text' 1 2.5 COUNT SUM LAG TumblingWindow minute DATEDIFF System Timestamp udf f uda g TopOne Windows ISFIRST").split(" ");
        for (int i = 0; i < 3_000; i++) {
            List<String> tokens = new ArrayList<>();
            for (int j = random.nextInt(40); j >= 0; j--) {
                tokens.add(words[random.nextInt(words.length)]);
            }
            String query = (i % 2 == 0 ? "SELECT x FROM A " : "") + String.join(" ", tokens);
            Compiled compiled = Queries.compile(query, CONTEXT);
            assertThat(compiled.plan().isPresent()).as("seed %d: %s", seed, query).isEqualTo(compiled.errors().isEmpty());
        }
    }

    /// Queries that are almost right reach deeper than random words.
    @Test
    void anyQueryWithWordsLostOrSwappedEndsInAnAnswer() {
        long seed = new Random().nextLong();
        Random random = new Random(seed);
        List<String> queries = List.of(
                "WITH s AS ( SELECT k , SUM ( v ) AS v , LAG ( k ) OVER ( PARTITION BY k LIMIT DURATION ( minute , 1 ) WHEN x > 1 ) AS l FROM A TIMESTAMP BY t "
                        + "GROUP BY k , TumblingWindow ( minute , 1 ) HAVING SUM ( v ) > 1 ) SELECT s . k , R . x FROM s LEFT JOIN R ON s . k = R . k",
                "SELECT A . x , e . ArrayValue FROM A JOIN B ON DATEDIFF ( minute , A , B ) BETWEEN 0 AND 5 AND A . k = B . k CROSS APPLY GetArrayElements ( A . l ) AS e",
                "SELECT * FROM A MATCH_RECOGNIZE ( LIMIT DURATION ( minute , 1 ) PARTITION BY k MEASURES Last ( X . a ) AS a PATTERN ( X + Y * ) "
                        + "DEFINE X AS X . a = 1 , Y AS Max ( Y . b ) > 2 ) AS T",
                "SELECT System . Window ( ) . Id , TopOne ( ) OVER ( ORDER BY x DESC ) . y , COUNT ( DISTINCT z ) FROM A TIMESTAMP BY t OVER k "
                        + "GROUP BY k , Windows ( Window ( 'a' , Hopping ( second , 10 , 5 ) ) , Window ( 'b' , Session ( minute , 1 , 5 ) OVER ( PARTITION BY k ) ) )");
        for (int i = 0; i < 4_000; i++) {
            List<String> tokens = new ArrayList<>(List.of(queries.get(i % queries.size()).split(" ")));
            for (int change = random.nextInt(3); change >= 0; change--) {
                int at = random.nextInt(tokens.size());
                switch (random.nextInt(3)) {
                    case 0 -> tokens.remove(at);
                    case 1 -> tokens.add(at, tokens.get(random.nextInt(tokens.size())));
                    default -> tokens.set(at, tokens.get(random.nextInt(tokens.size())));
                }
            }
            String query = String.join(" ", tokens);
            Compiled compiled = Queries.compile(query, CONTEXT);
            assertThat(compiled.plan().isPresent()).as("seed %d: %s", seed, query).isEqualTo(compiled.errors().isEmpty());
            compiled.plan().ifPresent(plan -> assertThat(plan.text()).contains("output "));
        }
    }

    @Test
    void placesOfErrorsAreInsideTheText() {
        String query = "SELECT x,\n  NOSUCH(y),\n  'text\n over lines' AS z\nFROM Nothing";
        assertThat(QueryParser.parse(query).script()).isPresent();
        assertThat(Queries.compile(query, CONTEXT).answer().errors()).containsExactly(
                new Compiled.Answer.Error("there is no function 'NOSUCH'", 2, 3, 2, 12, false),
                new Compiled.Answer.Error("there is no input and no step 'Nothing'; there are A, B, R", 5, 6, 5, 13, false));
    }
}
