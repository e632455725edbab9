package io.conshelf.processor.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.conshelf.processor.source.Source.Delivery;
import io.conshelf.processor.source.Source.Identity;
import io.conshelf.processor.source.Source.Session;
import java.util.List;
import org.junit.jupiter.api.Test;

/// A message is taken for a repeated one where it can be nothing else, so that none is lost.
class DeliveriesTest {
    private static final class Sent implements Delivery {
        private final Identity identity;
        private final boolean isRepeated;
        private boolean isForgotten;
        private int acknowledged;

        private Sent(int number, String says, boolean isRepeated) {
            this.identity = new Identity(number, says);
            this.isRepeated = isRepeated;
        }

        @Override
        public Identity identity() {
            return identity;
        }

        @Override
        public boolean isRepeated() {
            return isRepeated;
        }

        @Override
        public void acknowledge() {
            acknowledged++;
        }

        @Override
        public boolean isForgotten() {
            return isForgotten;
        }
    }

    private static Sent first(int number, String says) {
        return new Sent(number, says, false);
    }

    private static Sent again(int number, String says) {
        return new Sent(number, says, true);
    }

    private static void kept(Deliveries deliveries, Delivery delivery) {
        deliveries.acknowledge(List.of(deliveries.add(delivery, 0)));
    }

    @Test
    void whatIsRepeatedIsKnownAndAcknowledgedAgain() {
        Deliveries deliveries = new Deliveries(100, 1);
        deliveries.reached(Session.NEW);
        kept(deliveries, first(1, "x"));
        deliveries.reached(Session.RESUMED);
        Sent repeated = again(1, "x");
        assertThat(deliveries.isKnown(repeated)).isTrue();
        assertThat(repeated.acknowledged).isOne();
        assertThat(deliveries.isKnown(again(1, "y"))).as("it says something else").isFalse();
        assertThat(deliveries.isKnown(again(2, "x"))).as("it has another number").isFalse();
        assertThat(deliveries.isKnown(first(1, "x"))).as("its sender says that it is new").isFalse();
    }

    @Test
    void ofAMessageThatItsSenderHasForgottenAnotherOneMayHaveTheNumberAndSayTheSame() {
        Deliveries deliveries = new Deliveries(100, 1);
        deliveries.reached(Session.NEW);
        Sent sent = first(1, "x");
        kept(deliveries, sent);
        assertThat(deliveries.areForgotten(0)).isFalse();
        sent.isForgotten = true;
        assertThat(deliveries.isKnown(again(1, "x"))).isFalse();
        assertThat(deliveries.areForgotten(0)).isTrue();
        assertThat(deliveries.repeatable(0, List.of())).isEmpty();
    }

    @Test
    void inANewSessionNothingIsKnown() {
        Deliveries deliveries = new Deliveries(100, 1);
        deliveries.remember(0, List.of(new Identity(1, "x")));
        deliveries.reached(Session.RESUMED);
        Deliveries.Held underway = deliveries.add(first(2, "y"), 0);
        deliveries.reached(Session.NEW);
        assertThat(deliveries.isKnown(again(1, "x"))).isFalse();
        assertThat(deliveries.isKnown(again(2, "y"))).isFalse();
        assertThat(deliveries.repeatable(0, List.of(underway))).isEmpty();
        deliveries.acknowledge(List.of(underway));
        assertThat(deliveries.areForgotten(0)).isTrue();
        assertThat(deliveries.underway()).isZero();
    }

    @Test
    void whatASenderDoesNotRepeatBeforeItGoesOnItHasForgotten() {
        Deliveries deliveries = new Deliveries(100, 2);
        deliveries.remember(0, List.of(new Identity(1, "x"), new Identity(2, "y")));
        deliveries.remember(1, List.of(new Identity(3, "z")));
        deliveries.reached(Session.RESUMED);
        assertThat(deliveries.isKnown(again(3, "z"))).isTrue();
        assertThat(deliveries.isKnown(again(2, "y"))).isTrue();
        deliveries.add(first(4, "new"), 0);
        assertThat(deliveries.isKnown(again(1, "x"))).isFalse();
        assertThat(deliveries.isKnown(again(2, "y"))).isTrue();
        assertThat(deliveries.repeatable(0, List.of())).containsExactly(new Identity(2, "y"));
    }

    @Test
    void aNumberThatIsUsedAnewIsOfTheLaterMessage() {
        Deliveries deliveries = new Deliveries(100, 1);
        deliveries.reached(Session.NEW);
        kept(deliveries, first(1, "x"));
        kept(deliveries, first(1, "y"));
        assertThat(deliveries.isKnown(again(1, "x"))).isFalse();
        assertThat(deliveries.isKnown(again(1, "y"))).isTrue();
        assertThat(deliveries.repeatable(0, List.of())).containsExactly(new Identity(1, "y"));
    }

    @Test
    void checkpointsOfSeveralPartitionsMayKnowMessagesOfOneNumber() {
        for (String repeated : List.of("x", "y")) {
            Deliveries deliveries = new Deliveries(100, 2);
            deliveries.remember(0, List.of(new Identity(1, "x")));
            deliveries.remember(1, List.of(new Identity(1, "y")));
            deliveries.reached(Session.RESUMED);
            assertThat(deliveries.repeatable(0, List.of())).containsExactly(new Identity(1, "x"));
            assertThat(deliveries.isKnown(again(1, repeated))).as(repeated).isTrue();
            deliveries.add(first(1, "z"), 0);
            assertThat(deliveries.isKnown(again(1, repeated))).as(repeated).isFalse();
            assertThat(deliveries.repeatable(0, List.of())).isEmpty();
        }
    }

    @Test
    void noMoreIsRememberedThanASenderLetsBeUnderWay() {
        Deliveries deliveries = new Deliveries(100, 1);
        deliveries.reached(Session.NEW);
        for (int number = 0; number < 10_000; number++) {
            // of a connection that was lost nobody hears that acknowledgements were read
            if (number % 1_000 == 0) {
                deliveries.reached(Session.RESUMED);
            }
            kept(deliveries, first(number, "m"));
        }
        assertThat(deliveries.repeatable(0, List.of())).hasSizeLessThanOrEqualTo(101);
    }
}
