package io.conshelf.streams.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.expression.Evaluator;
import io.conshelf.streams.expression.Expression;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Row;
import io.conshelf.streams.value.Shape;
import io.conshelf.streams.value.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Joins of random streams are all pairs that meet the conditions, and the rows of the left that are in none.
class JoinsTest {
    private static final int ROUNDS = 200;

    @ParameterizedTest
    @ValueSource(longs = {21, 22, 23, 24})
    void joinsAreAsDefined(long seed) {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            Step.StreamJoin join = RandomSteps.join(random);
            List<Row> left = RandomSteps.rows(random, random.nextInt(1, 60));
            List<Row> right = RandomSteps.rows(random, random.nextInt(1, 60));
            assertThat(LocalSteps.rows(join, left, right)).as("seed %d, round %d: %s over%n%s%n%s", seed, round, join, left, right)
                    .containsExactlyInAnyOrderElementsOf(expected(join, left, right));
        }
    }

    private static List<String> expected(Step.StreamJoin join, List<Row> left, List<Row> right) {
        Evaluator residual = Evaluation.in(Context.DEFAULT).of(join.residual());
        List<String> expected = new ArrayList<>();
        for (Row one : left) {
            boolean found = false;
            for (Row other : right) {
                Row joined = new Row(Math.max(one.ticks(), other.ticks()), one.with(other.slots()).slots());
                boolean matches = join.bounds().stream().allMatch(bound -> isWithin(bound, one.ticks(), other.ticks()))
                        && (join.equal().isEmpty() || one.event().field("k").equals(other.event().field("k"))) && residual.holds(joined);
                if (matches) {
                    found = true;
                    expected.add(AnyHostTest.text(joined));
                }
            }
            if (!found && join.kind() == Step.JoinKind.LEFT) {
                long upper = join.bounds().stream().mapToLong(bound -> bound.high() * bound.unit().ticks()).min().orElseThrow();
                expected.add(AnyHostTest.text(new Row(one.ticks() + Math.max(0, upper), one.with(Value.Null.NULL).slots())));
            }
        }
        return expected;
    }

    /// Snapshots of one record each, which says which it is.
    private static ReferenceLookup loaded(ReferenceLookup.Room room, int snapshots) {
        ReferenceLookup lookup = new ReferenceLookup(new Step.ReferenceJoin(0, 1, Step.JoinKind.INNER, List.of(), Expression.TRUE, 1), Evaluation.in(Context.DEFAULT), room);
        for (int i = 0; i < snapshots; i++) {
            // the further on, the longer each lasts
            lookup.load((long) i * i, numbered(i));
        }
        return lookup;
    }

    private static List<Row> numbered(int n) {
        return List.of(Row.event(0, new Value.Record(Shape.of("n"), new Value[] {Value.of(n)})));
    }

    private static long met(ReferenceLookup lookup, long ticks) {
        List<Row> joined = new ArrayList<>();
        lookup.row(Row.event(ticks, Value.Record.EMPTY), joined::add);
        return ((Value.BigInt) ((Value.Record) joined.getFirst().slots()[1]).field("n")).value();
    }

    @Test
    void snapshotsThatWaitForRowsAreBoundedAndTheFirstAndTheNewestStay() {
        ReferenceLookup all = loaded(ReferenceLookup.Room.ANY, 50);
        assertThat(all.held()).isEqualTo(50);
        assertThat(met(all, 10)).isEqualTo(3);
        ReferenceLookup few = loaded(new ReferenceLookup.Room(10, Long.MAX_VALUE), 50);
        assertThat(few.held()).isEqualTo(10);
        assertThat(met(few, 0)).isZero();
        assertThat(met(few, 49 * 49)).isEqualTo(49);
        assertThat(met(few, 48 * 48)).isEqualTo(48);
        ReferenceLookup small = loaded(new ReferenceLookup.Room(100, 1), 50);
        assertThat(small.held()).isEqualTo(2);
        small.forget(49 * 49);
        assertThat(small.held()).isEqualTo(1);
        assertThat(met(small, 49 * 49 + 1)).isEqualTo(49);
    }

    @Test
    void snapshotsThatCanBeLoadedAgainAreNotLeftOut() {
        ReferenceLookup lookup = loaded(new ReferenceLookup.Room(10, Long.MAX_VALUE, 1_000), 50);
        assertThat(lookup.held()).isEqualTo(50);
        int again = 0;
        for (int round = 0; round < 3; round++) {
            for (int i = 0; i < 50; i++) {
                OptionalLong missing = lookup.missing((long) i * i);
                if (missing.isPresent()) {
                    assertThat(missing).hasValue((long) i * i);
                    assertThat(lookup.load((long) i * i, numbered(i))).isZero();
                    again++;
                }
                assertThat(met(lookup, (long) i * i)).isEqualTo(i);
                assertThat(lookup.missing((long) i * i)).as("rows of one time meet what is in memory").isEmpty();
            }
        }
        assertThat(again).as("10 of 50 are in memory").isGreaterThanOrEqualTo(3 * 40);
        lookup.leaveOut(20 * 20);
        assertThat(lookup.missing(20 * 20)).as("the one before").hasValue(19L * 19);
        assertThat(lookup.forget(30 * 30)).isEqualTo(30 * 30);
        assertThat(lookup.held()).isEqualTo(20);
        assertThat(lookup.missing(0)).as("the first is the one of what was before").hasValue(30L * 30);
        ReferenceLookup many = loaded(new ReferenceLookup.Room(10, Long.MAX_VALUE, 40), 50);
        assertThat(many.held()).as("also of times there are not endlessly many").isEqualTo(40);
    }

    private static boolean isWithin(Step.TimeBound bound, long left, long right) {
        long difference = right / bound.unit().ticks() - left / bound.unit().ticks();
        return difference >= bound.low() && difference <= bound.high();
    }
}
