package io.conshelf.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.conshelf.engine.KustoException;
import io.conshelf.engine.Principal;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/// One principal leaves places to the others.
class PrincipalLimitsTest {
    private static final Principal ANNA = new Principal("aaduser=anna@contoso.com;t", "Anna", false);
    private static final Principal BERT = new Principal("aaduser=bert@contoso.com;t", "Bert", false);

    private final AtomicLong nanos = new AtomicLong();

    @Test
    void aPrincipalHasSoManyRequestsAtOnceAndTheOthersTheirOwn() {
        var limits = new PrincipalLimits(2, 1_000, nanos::get);
        limits.enter(ANNA);
        limits.enter(ANNA);
        assertThatThrownBy(() -> limits.enter(new Principal("AADUSER=Anna@contoso.com;t", "Anna", false))).isInstanceOfSatisfying(KustoException.class, e -> {
            assertThat(e.error().httpStatus()).isEqualTo(429);
            assertThat(e.error().message()).contains("Limit: 2 at once");
        });
        limits.enter(BERT);
        limits.leave(ANNA);
        limits.enter(ANNA);
    }

    @Test
    void aPrincipalHasSoManyRequestsInAMinute() {
        var limits = new PrincipalLimits(10, 6, nanos::get);
        for (int request = 0; request < 6; request++) {
            ask(limits, ANNA);
        }
        assertThatThrownBy(() -> ask(limits, ANNA)).hasMessageContaining("Limit: 6 a minute");
        ask(limits, BERT);
        nanos.addAndGet(TimeUnit.SECONDS.toNanos(10));
        ask(limits, ANNA);
        assertThatThrownBy(() -> ask(limits, ANNA)).isInstanceOf(KustoException.class);
    }

    @Test
    void inOpenModeWhereAllAreOnePrincipalNobodyIsLimited() {
        var limits = new PrincipalLimits(1, 1, nanos::get);
        for (int request = 0; request < 10; request++) {
            limits.enter(Principal.LOCAL_ADMINISTRATOR);
        }
    }

    private static void ask(PrincipalLimits limits, Principal principal) {
        limits.enter(principal);
        limits.leave(principal);
    }
}
