package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// One principal leaves places to the others.
class PrincipalLimitsTest {
    private static final Principal ANNA = new Principal("aaduser=anna@contoso.com;t", "Anna", false);
    private static final Principal BERT = new Principal("aaduser=bert@contoso.com;t", "Bert", false);

    private final AtomicLong nanos = new AtomicLong();
    private final List<Duration> again = new ArrayList<>();

    @Test
    void aPrincipalHasSoManyRequestsAtOnceAndTheOthersTheirOwn() {
        var limits = new PrincipalLimits(2, 1_000, nanos::get);
        limits.enter(ANNA, again::add);
        limits.enter(ANNA, again::add);
        assertThatThrownBy(() -> limits.enter(new Principal("AADUSER=Anna@contoso.com;t", "Anna", false), again::add)).isInstanceOfSatisfying(KustoException.class, e -> {
            assertThat(e.error().httpStatus()).isEqualTo(429);
            assertThat(e.error().message()).contains("Limit: 2 at once");
        });
        assertThat(again).containsExactly(Duration.ofSeconds(1));
        limits.enter(BERT, again::add);
        limits.leave(ANNA);
        limits.enter(ANNA, again::add);
    }

    @Test
    void aPrincipalHasSoManyRequestsInAMinute() {
        var limits = new PrincipalLimits(10, 6, nanos::get);
        for (int request = 0; request < 6; request++) {
            ask(limits, ANNA);
        }
        assertThatThrownBy(() -> ask(limits, ANNA)).hasMessageContaining("Limit: 6 a minute");
        assertThat(again).as("the next in ten seconds").containsExactly(Duration.ofSeconds(10));
        ask(limits, BERT);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
        ask(limits, ANNA);
        assertThatThrownBy(() -> ask(limits, ANNA)).isInstanceOf(KustoException.class);
    }

    @Test
    void inOpenModeWhereAllAreOnePrincipalNobodyIsLimited() {
        var limits = new PrincipalLimits(1, 1, nanos::get);
        for (int request = 0; request < 10; request++) {
            limits.enter(Principal.LOCAL_ADMINISTRATOR, again::add);
        }
        assertThat(again).isEmpty();
    }

    private void ask(PrincipalLimits limits, Principal principal) {
        limits.enter(principal, again::add);
        limits.leave(principal);
    }
}
