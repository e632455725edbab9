package io.conshelf.kql.syntax;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import io.conshelf.kql.spec.JsonLines;
import io.conshelf.kql.spec.SharedFiles;
import io.conshelf.kql.spec.SpecFile;
import java.util.List;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What holds for every text, right or wrong: parsing ends, throws nothing, and its tree and diagnostics lie in the text.
/// `-Dseed=` repeats a run, `-Drounds=` makes it longer.
class AnyTextTest {
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int ROUNDS = Integer.getInteger("rounds", 4000);

    private static final List<String> QUERIES = SpecFile.below("syntax").stream()
            .flatMap(file -> file.cases().stream()).map(SpecFile.SpecCase::query).toList();

    private static final String[] PIECES = {"|", "(", ")", "[", "]", "{", "}", ",", ";", "=", "==", "..", ".", "*", "-", "-->",
        "<-[", "]->", "'", "\"", "```", "h'", "@\"", "\\", "//", "\n", " ", "1", "1d", "0x", "1.", "datetime(", "dynamic(",
        "typeof(", "let ", "T", "a", "where ", "summarize ", "by ", "join ", "on ", "union ", "make-series ", "in ",
        "between ", "parse ", "with ", "scan ", "step ", "evaluate ", "kind=", "hint.strategy=", "$left", "é", "\uD83D",
        "\u0000", "#", "set ", "declare ", "pattern ", "datatable ", "externaldata ", "macro-expand ", "entity_group ",
        "graph-match ", "make-graph ", "top-nested ", "of ", "fork ", "facet ", "find ", "search ", "toscalar(", "print "};

    private final Random random = new Random(SEED);

    @Test
    void anyMutationOfAQueryGivesATree() {
        for (int round = 0; round < ROUNDS; round++) {
            String text = QUERIES.get(random.nextInt(QUERIES.size()));
            int changes = 1 + random.nextInt(4);
            for (int i = 0; i < changes; i++) {
                text = mutate(text);
            }
            check(text);
        }
    }

    @Test
    void aCallThatReadsAsALiteralWithoutItsBlankKeepsIt() {
        check("print bool (0), ['bool'](0), bool(0)");
    }

    @Test
    void theOldBinOfSummarizeKeepsItsFormWhateverFollowsItsNumber() {
        check("T | summarize count() by t bin=1.d");
    }

    @Test
    void anyTextOfPiecesGivesATree() {
        for (int round = 0; round < ROUNDS; round++) {
            StringBuilder text = new StringBuilder();
            int length = random.nextInt(40);
            for (int i = 0; i < length; i++) {
                text.append(piece());
            }
            check(text.toString());
        }
    }

    @Test
    void queriesOfTheConformanceSuitesPrintAndReadAgain() {
        for (String file : List.of("parser.jsonl", "cases.jsonl", "emulator-cases.jsonl")) {
            JsonLines.read(SharedFiles.require("conformance/kql/" + file)).forEach(line -> check(line.text("query")));
        }
    }

    private String mutate(String text) {
        int from = random.nextInt(text.length() + 1);
        int to = Math.min(text.length(), from + random.nextInt(8));
        return switch (random.nextInt(4)) {
            case 0 -> text.substring(0, from) + text.substring(to);
            case 1 -> text.substring(0, from) + piece() + text.substring(from);
            case 2 -> text.substring(0, from) + piece() + text.substring(to);
            default -> text.substring(0, from) + text.substring(from, to) + text.substring(from);
        };
    }

    private String piece() {
        return PIECES[random.nextInt(PIECES.length)];
    }

    private static void check(String text) {
        Parsed parsed = parse(text);
        assertThat(parsed.tree().span()).as("%s, seed %d", text, SEED).isEqualTo(new Span(0, text.length()));
        for (Diagnostic diagnostic : parsed.diagnostics()) {
            assertThat(parsed.tree().span().contains(diagnostic.span())).as("%s: %s, seed %d", text, diagnostic, SEED)
                    .isTrue();
        }
        for (Syntax node : TreeText.nodes(parsed.tree())) {
            assertThat(parsed.tree().span().contains(node.span())).as("%s: %s, seed %d", text, node, SEED).isTrue();
        }
        if (!parsed.hasErrors()) {
            checkRight(text, parsed);
        }
    }

    private static Parsed parse(String text) {
        try {
            return Parser.parse(text);
        } catch (RuntimeException | StackOverflowError e) {
            return fail("seed %d: parsing threw %s for:%n%s".formatted(SEED, e, text), e);
        }
    }

    /// A right query leaves no token out, holds its nodes within each other, and prints as text that reads the same.
    private static void checkRight(String text, Parsed parsed) {
        List<Statement> statements = parsed.tree().statements().stream().map(s -> new Statement(s.span())).toList();
        for (Token token : Lexer.lex(text, 0).tokens()) {
            boolean free = token.isEnd() || token.is(";") || token.kind() == Token.Kind.DIRECTIVE;
            assertThat(free || statements.stream().anyMatch(s -> s.span().contains(token.span())))
                    .as("%s: %s is in no statement, seed %d", text, token, SEED).isTrue();
        }
        for (Syntax node : TreeText.nodes(parsed.tree())) {
            for (Syntax child : TreeText.children(node)) {
                assertThat(node.span().contains(child.span()))
                        .as("%s: %s holds %s, seed %d", text, node, child, SEED).isTrue();
            }
        }
        String printed = Printer.print(parsed.tree(), Printer.Secrets.SHOWN);
        Parsed again = Parser.parse(printed);
        assertThat(again.diagnostics()).as("%s%nprinted: %s, seed %d", text, printed, SEED).isEmpty();
        assertThat(TreeText.of(again.tree())).as("%s%nprinted: %s, seed %d", text, printed, SEED)
                .isEqualTo(TreeText.of(parsed.tree()));
    }

    private record Statement(Span span) {}

    @ParameterizedTest
    @ValueSource(strings = {"(", "print (", "print f(", "print a[", "print dynamic([", "print dynamic({'a':", "print -",
        "T | join (", "T | fork (fork (", "T | facet by a with facet by a with ", "let f = () { ", "T | where a in (",
        "T | mv-apply a on (mv-apply a on (", "macro-expand X (", "print toscalar(", "T | where a between (",
        "print typeof(", "T | partition by a { T | partition by a {", "print a.", "print 1 + ", "print a == ",
        "T | where a and ", "T | where a or ", "T | take 1 ", "['", "print {", "union (union (", "find in (", "1..", "let a = "})
    void deepTextIsRefusedNotFollowed(String unit) {
        check(unit.repeat(100_000 / unit.length()));
    }

    @Test
    void theRefusalOfDepthNamesItsLimitAndPlace() {
        Parsed parsed = Parser.parse("print " + "(".repeat(100_000) + "1" + ")".repeat(100_000));
        assertThat(parsed.diagnostics()).singleElement().satisfies(diagnostic -> {
            assertThat(diagnostic.code()).isEqualTo("SYN0002");
            assertThat(diagnostic.message()).contains("nested too deeply: at most 200 levels");
            assertThat(diagnostic.span().start()).isEqualTo("print ".length() + 199);
        });
    }

    @Test
    void longRowsThatDoNotNestAreNoDepth() {
        String pipes = "T" + " | where a > 1".repeat(5_000);
        String or = "T | where " + String.join(" or ", Stream.generate(() -> "a == 1").limit(20_000).toList());
        String list = "T | where a in (" + String.join(", ", Stream.generate(() -> "'x'").limit(50_000).toList()) + ")";
        for (String text : List.of(pipes, or, list)) {
            assertThat(Parser.parse(text).diagnostics()).isEmpty();
        }
        Supplier<Integer> depth = () -> depth(Parser.parse(or).tree());
        assertThat(depth.get()).isLessThan(50);
    }

    private static int depth(Syntax node) {
        return 1 + TreeText.children(node).stream().mapToInt(AnyTextTest::depth).max().orElse(0);
    }
}
