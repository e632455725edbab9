package io.conshelf.streams.flink;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.streams.expression.Context;
import io.conshelf.streams.expression.Evaluation;
import io.conshelf.streams.operator.Operator;
import io.conshelf.streams.operator.Operators;
import io.conshelf.streams.operator.RandomSteps;
import io.conshelf.streams.value.Value;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.util.List;
import java.util.Random;
import org.apache.flink.runtime.state.KeyGroupRange;
import org.junit.jupiter.api.Test;

class BranchTimesTest {
    private final BranchTimes branches = branches();

    private static BranchTimes branches() {
        return new BranchTimes(Senders.together(List.of(Senders.ofInput(), Senders.ofTasks(2))));
    }

    @SuppressWarnings("unchecked")
    static Substream substream() {
        Operator<Object> operator = (Operator<Object>) Operators.of(SubstreamTest.plan(RandomSteps.analytics(new Random(1))), 1, Evaluation.in(Context.DEFAULT),
                (_, _) -> { });
        return new Substream(new Value.Array(List.of(new Value.Text("k"))), new KeyStates(operator, 128, KeyGroupRange.of(0, 127)));
    }

    @Test
    void aTimeIsKnownWhenEachBranchHasToldOneOrIsOver() {
        Substream substream = substream();
        substream.tells("0:p", 500, 1);
        substream.tells("1:0", 300, 1);
        assertThat(branches.least(substream.times)).isEqualTo(Long.MIN_VALUE);
        substream.tells("1:1", 400, 1);
        assertThat(branches.least(substream.times)).isEqualTo(300);
        branches.over("1:0");
        assertThat(branches.least(substream.times)).isEqualTo(300);
        branches.over("1:1");
        assertThat(branches.least(substream.times)).isEqualTo(500);
        branches.over("0:p");
        assertThat(branches.least(substream.times)).isEqualTo(Long.MAX_VALUE);
    }

    /// Its events have arrived, and some of them may wait for their order yet.
    @Test
    void whoIsSilentIsLeftBehindAndWhoStillHasEventsIsNot() {
        Substream substream = substream();
        substream.tells("0:silent", 100, 10);
        substream.tells("0:behind", 200, 80);
        substream.ahead(300, 20);
        assertThat(substream.aheadBy(19, branches.leastSince(19, substream.times))).isEqualTo(Long.MIN_VALUE);
        assertThat(substream.aheadBy(20, branches.leastSince(20, substream.times))).isEqualTo(200);
        assertThat(substream.aheadBy(79, branches.leastSince(79, substream.times))).isEqualTo(200);
        assertThat(substream.aheadBy(80, branches.leastSince(80, substream.times))).isEqualTo(300);
        assertThat(substream.waitsSince()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void whatWaitsIsKept() throws Exception {
        Substream substream = substream();
        substream.tells("0:behind", 200, 80);
        substream.tells("1:0", 400, 90);
        substream.ahead(400, 90);
        BranchTimes ended = branches();
        ended.over("0:ended");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        substream.writeTimes(branches.ofInputs(substream.times), out);
        substream.writeAhead(branches.ofInputs(substream.times), out);
        ended.write(out);

        DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes.toByteArray()));
        Substream restored = substream();
        restored.readTimes(in);
        restored.readAhead(in);
        // tasks tell their times again
        assertThat(restored.times).containsOnlyKeys("0:behind");
        assertThat(restored.waitsSince()).isEqualTo(90);
        assertThat(restored.aheadBy(90, branches.leastSince(79, restored.times))).isEqualTo(200);
        BranchTimes again = branches();
        again.read(in);
        assertThat(again.over("0:ended")).isFalse();
    }

    /// A branch whose tasks have all ended is not made again, by however many tasks; where one has not, all of them tell it again.
    @Test
    void aBranchThatIsOverStaysSoWithMoreTasks() throws Exception {
        for (boolean isWhole : new boolean[] {true, false}) {
            BranchTimes ended = branches();
            ended.over("1:0");
            if (isWhole) {
                ended.over("1:1");
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            ended.write(new DataOutputStream(bytes));
            BranchTimes again = new BranchTimes(Senders.together(List.of(Senders.ofInput(), Senders.ofTasks(3))));
            again.read(new DataInputStream(new ByteArrayInputStream(bytes.toByteArray())));
            Substream substream = substream();
            substream.tells("0:p", 500, 1);
            assertThat(again.least(substream.times)).isEqualTo(isWhole ? 500 : Long.MIN_VALUE);
        }
    }

    @Test
    void theWatermarkTellsTheArrivalAlsoWhereNothingIsLimited() {
        long arrival = RandomSteps.SECOND * 60_000_000_000L;
        assertThat(Frontier.isFar(Frontier.watermark(arrival))).isTrue();
        assertThat(Frontier.arrival(Frontier.watermark(arrival), Long.MAX_VALUE)).isEqualTo(arrival);
        assertThat(Frontier.arrival(arrival - 500, 500)).isEqualTo(arrival);
        assertThat(Frontier.isFar(arrival - 500)).isFalse();
        assertThat(Frontier.watermark(Long.MAX_VALUE)).isEqualTo(Long.MAX_VALUE);
    }
}
