package io.conshelf.streams.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.expression.RuntimeFault;
import io.conshelf.streams.plan.MatchPattern;
import io.conshelf.streams.plan.MatchPattern.Node;
import io.conshelf.streams.plan.MatchPattern.Read;
import io.conshelf.streams.plan.MatchPattern.ReadFunction;
import io.conshelf.streams.query.Span;
import io.conshelf.streams.value.JsonPrint;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Attempts that go on as one give what each gives by itself.
class MatchRunsTest {
    private static final List<String> NAMES = List.of("A", "B", "C");
    private static final Shape SHAPE = Shape.of(List.of("v"));

    private static Node node(Random random, int depth) {
        return switch (depth == 0 ? random.nextInt(2) : random.nextInt(7)) {
            case 0 -> new Node.Name(NAMES.get(random.nextInt(3)));
            case 1 -> random.nextInt(4) == 0 ? new Node.AnyRow() : new Node.Name(NAMES.get(random.nextInt(3)));
            case 2, 3 -> new Node.Sequence(nodes(random, depth));
            case 4 -> new Node.Either(nodes(random, depth));
            default -> {
                int min = random.nextInt(3);
                yield new Node.Repeat(node(random, depth - 1), min, random.nextBoolean() ? MatchPattern.Count.NONE : new MatchPattern.Count(min + 1 + random.nextInt(2)));
            }
        };
    }

    private static List<Node> nodes(Random random, int depth) {
        return IntStream.range(0, 2 + random.nextInt(2)).mapToObj(_ -> node(random, depth - 1)).toList();
    }

    private static MatchPattern pattern(Random random) {
        List<Read> reads = IntStream.range(0, 1 + random.nextInt(4)).mapToObj(_ -> {
            ReadFunction function = ReadFunction.values()[random.nextInt(ReadFunction.values().length)];
            return new Read(function, function == ReadFunction.CLASSIFIER ? "" : NAMES.get(random.nextInt(3)), RandomSteps.VALUE);
        }).toList();
        List<MatchPattern.Definition> definitions = new ArrayList<>();
        for (String name : NAMES) {
            // one that is not defined may be any row
            if (random.nextInt(5) > 0) {
                int slot = 1 + random.nextInt(reads.size());
                boolean isOfBefore = random.nextInt(4) == 0 && reads.get(slot - 1).function() != ReadFunction.CLASSIFIER;
                definitions.add(new MatchPattern.Definition(name, new Expression.Binary(random.nextBoolean() ? Expression.BinaryOperator.LESS : Expression.BinaryOperator.GREATER,
                        RandomSteps.VALUE, isOfBefore ? new Expression.Slot(slot, Span.NONE) : RandomSteps.number(random.nextInt(10)), Span.NONE)));
            }
        }
        List<MatchPattern.Measure> measures = new ArrayList<>(List.of(new MatchPattern.Measure("at", RandomSteps.VALUE)));
        for (int slot = 1; slot <= reads.size(); slot++) {
            measures.add(new MatchPattern.Measure("r" + slot, new Expression.Slot(slot, Span.NONE)));
        }
        return new MatchPattern((1 + random.nextInt(40)) * RandomSteps.SECOND, List.of(), node(random, 3), definitions, reads, measures);
    }

    private static String text(Row row) {
        return row.ticks() + " " + JsonPrint.text(row.event());
    }

    /// Numbers of both kinds, texts, and nothing.
    private static Value value(Random random, int others) {
        return switch (random.nextInt(100) < others ? random.nextInt(4) : 9) {
            case 0 -> Value.Null.NULL;
            case 1 -> new Value.FloatingPoint(random.nextInt(20) / 2.0);
            case 2 -> new Value.FloatingPoint(Double.NaN);
            case 3 -> new Value.Text("t" + random.nextInt(3));
            default -> Value.of(random.nextInt(10));
        };
    }

    private static List<Row> rows(Random random) {
        int others = random.nextInt(3) * 20;
        long ticks = RandomSteps.BEGIN;
        List<Row> rows = new ArrayList<>();
        for (int i = random.nextInt(20, 80); i > 0; i--) {
            ticks += random.nextInt(3) * RandomSteps.SECOND;
            rows.add(Row.event(ticks, new Value.Record(SHAPE, new Value[] {value(random, others)})));
        }
        return rows;
    }

    /// What comes of it, in its order, with what is lost and what ends the job.
    private static <S> List<String> run(Operator<S> operator, List<Row> rows, List<String> told, int[] writtenAt) throws IOException {
        S state = operator.create();
        try {
            for (int i = 0; i < rows.size(); i++) {
                operator.row(state, 0, rows.get(i), row -> told.add(text(row)));
                // in which order a row's losses are told is nobody's concern; its matches keep theirs
                int begin = told.stream().map(one -> one.startsWith("next ")).toList().lastIndexOf(true) + 1;
                told.subList(begin, told.size()).sort(Comparator.comparing((String one) -> one.contains("{")).thenComparing(one -> one.contains("{") ? "" : one));
                told.add("next " + operator.next(state));
                if (Arrays.binarySearch(writtenAt, i) >= 0) {
                    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
                    operator.write(state, new DataOutputStream(bytes));
                    state = operator.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
                }
            }
            operator.time(state, Long.MAX_VALUE - 1, row -> told.add(text(row)));
        } catch (RuntimeFault fault) {
            // what else the row gave depends on who was asked first
            while (!told.isEmpty() && !told.getLast().startsWith("next ")) {
                told.removeLast();
            }
            told.add("ended");
        }
        return told;
    }

    @Test
    void theyGiveWhatEachGivesByItself() throws Exception {
        int matches = 0;
        for (int seed = 1; seed <= 3_000; seed++) {
            Random random = new Random(seed);
            MatchPattern pattern = pattern(random);
            List<Row> rows = rows(random);
            MatchOperator.Limits limits = random.nextInt(4) > 0 ? MatchOperator.Limits.DEFAULT
                    : new MatchOperator.Limits(1 + random.nextInt(4), 1 + random.nextInt(10), 5 + random.nextInt(30));
            int[] writtenAt = random.ints(random.nextInt(4), 0, rows.size()).sorted().toArray();
            List<String> expected = new ArrayList<>();
            List<String> told = new ArrayList<>();
            run(new NaiveMatchOperator(pattern, Evaluation.in(Context.DEFAULT), limits, (loss, _) -> expected.add(loss.toString())), rows, expected, new int[0]);
            run(new MatchOperator(pattern, Evaluation.in(Context.DEFAULT), limits, (loss, _) -> told.add(loss.toString())), rows, told, writtenAt);
            assertThat(told).as("seed %d: %s", seed, pattern).isEqualTo(expected);
            matches += expected.stream().filter(one -> one.contains("{")).toList().size();
        }
        assertThat(matches).isGreaterThan(5_000);
    }

    /// Were each asked by itself, the conditions and the reads of 10,000 attempts would be 50 million steps.
    @Test
    void whatARowDoesToAttemptsThatAreAlikeIsDoneOnce() {
        int[] asked = new int[1];
        Expression value = RandomSteps.VALUE;
        MatchPattern pattern = new MatchPattern(1_000_000 * RandomSteps.SECOND, List.of(),
                new Node.Sequence(List.of(new Node.Repeat(new Node.Name("A"), 1, MatchPattern.Count.NONE), new Node.Name("B"))),
                List.of(new MatchPattern.Definition("B", new Expression.Binary(Expression.BinaryOperator.GREATER, value, RandomSteps.number(99), Span.NONE))),
                List.of(new Read(ReadFunction.FIRST, "A", value), new Read(ReadFunction.MAX, "A", value), new Read(ReadFunction.LAST, "B", value)),
                List.of(new MatchPattern.Measure("first", new Expression.Slot(1, Span.NONE)), new MatchPattern.Measure("most", new Expression.Slot(2, Span.NONE)),
                        new MatchPattern.Measure("b", new Expression.Slot(3, Span.NONE))));
        MatchOperator operator = new MatchOperator(pattern, Evaluation.in(Context.DEFAULT), new MatchOperator.Limits(10, 20_000, 100_000), (loss, _) -> {
            throw new AssertionError(loss.message());
        });
        MatchOperator.Attempts state = operator.create();
        for (int i = 0; i < 10_000; i++) {
            operator.row(state, 0, Row.event(RandomSteps.BEGIN + i * RandomSteps.SECOND, new Value.Record(SHAPE, new Value[] {Value.of(i % 97)})), _ -> asked[0]++);
            assertThat(state.runs()).as("runs after %d rows", i + 1).isLessThanOrEqualTo(2);
        }
        List<String> given = new ArrayList<>();
        operator.row(state, 0, Row.event(RandomSteps.BEGIN + 10_000 * RandomSteps.SECOND, new Value.Record(SHAPE, new Value[] {Value.of(100)})),
                _ -> asked[0]++);
        assertThat(asked[0]).as("the next row may be an A, too").isZero();
        operator.time(state, Long.MAX_VALUE - 1, row -> given.add(text(row)));
        assertThat(given).hasSize(10_000);
        assertThat(given.getFirst()).contains("\"first\":0,\"most\":96,\"b\":100");
        assertThat(given.get(9_999)).contains("\"first\":" + 9_999 % 97 + ",\"most\":" + 9_999 % 97 + ",\"b\":100");
    }
}
