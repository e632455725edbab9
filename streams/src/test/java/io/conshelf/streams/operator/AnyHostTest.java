package io.conshelf.streams.operator;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.plan.Plan;
import io.conshelf.streams.plan.Step;
import io.conshelf.streams.value.Row;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever a host does within its promises (when it lets the watermark move, which keys it calls first, whether it is killed in the middle and goes on from
/// what it had written), an operator gives the same rows.
class AnyHostTest {
    private static final int ROUNDS = 150;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void everyHostGetsTheSameRows(long seed) throws IOException {
        Random random = new Random(seed);
        for (int round = 0; round < ROUNDS; round++) {
            Step step = RandomSteps.step(random);
            List<Row> left = RandomSteps.rows(random, random.nextInt(1, 60));
            List<Row> right = StepInputs.of(step).size() == 2 ? RandomSteps.rows(random, random.nextInt(1, 60)) : List.of();
            List<String> plain = run(step, left, right, new Random(0), Ways.PLAIN);
            List<String> other = run(step, left, right, random, Ways.ANY);
            assertThat(other).as("seed %d, round %d: %s over%n%s%n%s", seed, round, step, left, right).isEqualTo(plain);
        }
    }

    private enum Ways { PLAIN, ANY }

    private static <S> List<String> run(Step step, List<Row> left, List<Row> right, Random random, Ways ways) throws IOException {
        return new Host<S>(step, random, ways).run(left, right);
    }

    private static final class Host<S> {
        private final Random random;
        private final Ways ways;
        private final Plan plan;
        private final Step step;
        private Operator<S> operator;
        private StepKeys keys;
        private Map<Key, S> states = new HashMap<>();
        private OrderedRows waiting = new OrderedRows();
        private long watermark = Long.MIN_VALUE;
        private final List<Row> out = new ArrayList<>();

        Host(Step step, Random random, Ways ways) {
            this.step = step;
            this.plan = RandomSteps.plan(step);
            this.random = random;
            this.ways = ways;
            open();
        }

        @SuppressWarnings("unchecked")
        private void open() {
            Evaluation evaluation = Evaluation.in(Context.DEFAULT);
            operator = (Operator<S>) Operators.of(plan, 2, evaluation, (_, _) -> { });
            keys = StepKeys.of(step, evaluation);
        }

        List<String> run(List<Row> left, List<Row> right) throws IOException {
            List<Row> lefts = new ArrayList<>(left);
            List<Row> rights = new ArrayList<>(right);
            while (!lefts.isEmpty() || !rights.isEmpty()) {
                int input = rights.isEmpty() || !lefts.isEmpty() && isLeftNext(lefts, rights) ? 0 : 1;
                Row row = (input == 0 ? lefts : rights).removeFirst();
                if (ways == Ways.ANY && operator.order() == Operator.Order.ANY) {
                    row(input, row);
                } else {
                    waiting.add(input, row);
                }
                long next = Math.min(lefts.isEmpty() ? Long.MAX_VALUE : lefts.getFirst().ticks(),
                        rights.isEmpty() ? Long.MAX_VALUE : rights.getFirst().ticks());
                if (ways == Ways.PLAIN || random.nextInt(4) == 0) {
                    pass(next == Long.MAX_VALUE ? row.ticks() : next - 1);
                }
                if (ways == Ways.ANY && random.nextInt(10) == 0) {
                    restart();
                }
            }
            pass(Operator.NEVER - 1);
            assertThat(states).as("nothing is remembered at the end of time").isEmpty();
            return out.stream().map(AnyHostTest::text).sorted().toList();
        }

        /// Where times are equal the left comes first, so that hosts agree on what came first.
        private boolean isLeftNext(List<Row> lefts, List<Row> rights) {
            return lefts.getFirst().ticks() <= rights.getFirst().ticks();
        }

        private void row(int input, Row row) {
            Key key = keys.key(input, row);
            S state = states.computeIfAbsent(key, _ -> operator.create());
            operator.row(state, input, row, this::emit);
            if (operator.isEmpty(state)) {
                states.remove(key);
            }
        }

        private void emit(Row row) {
            if (watermark != Long.MIN_VALUE) {
                assertThat(row.ticks()).as("no row is behind the watermark by more than the lag").isGreaterThan(watermark - operator.lag() - 1);
            }
            out.add(row);
        }

        private void pass(long to) {
            waiting.release(to, this::row);
            List<Key> all = new ArrayList<>(states.keySet());
            Collections.shuffle(all, random);
            for (Key key : all) {
                S state = states.get(key);
                if (operator.next(state) <= to || random.nextInt(3) == 0) {
                    operator.time(state, to, this::emit);
                }
                if (operator.isEmpty(state)) {
                    states.remove(key);
                }
            }
            watermark = to;
        }

        private void restart() throws IOException {
            var bytes = new ByteArrayOutputStream();
            var data = new DataOutputStream(bytes);
            data.writeInt(states.size());
            for (Map.Entry<Key, S> entry : states.entrySet()) {
                entry.getKey().write(data);
                operator.write(entry.getValue(), data);
            }
            waiting.write(data);
            open();
            var in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
            states = new HashMap<>();
            for (int count = in.readInt(); count > 0; count--) {
                states.put(Key.read(in), operator.read(in));
            }
            waiting = OrderedRows.read(in);
            assertThat(in.available()).as("everything that was written is read").isZero();
        }
    }

    static String text(Row row) {
        return row.ticks() + " " + List.of(row.slots());
    }
}
