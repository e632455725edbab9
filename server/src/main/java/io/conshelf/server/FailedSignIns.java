package io.conshelf.server;

import io.conshelf.server.identity.SecretChecks;
import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/// How often it may turn out that a secret or password is wrong: by the address that it comes from, and by the account that it is to open. One address
/// alone does not use up what an account has, so that it keeps nobody else from signing in.
final class FailedSignIns implements SecretChecks.Brake {
    static final int PER_MINUTE_OF_ADDRESS = 20;
    static final int PER_MINUTE_OF_ACCOUNT = 5 * PER_MINUTE_OF_ADDRESS;

    private final Allowances ofAddress;
    private final Allowances ofAccount;

    /// @param nanos a clock that only goes on
    FailedSignIns(LongSupplier nanos) {
        this.ofAddress = new Allowances(PER_MINUTE_OF_ADDRESS, nanos);
        this.ofAccount = new Allowances(PER_MINUTE_OF_ACCOUNT, nanos);
    }

    /// How often codes may turn out wrong that people type in for a device: by the address alone, as they belong to no account.
    static SecretChecks.Brake codes(LongSupplier nanos) {
        var ofAddress = new Allowances(PER_MINUTE_OF_ADDRESS, nanos);
        return new SecretChecks.Brake() {
            @Override
            public Optional<Duration> ask(String account, String from) {
                return ofAddress.take(StrangerLimits.network(from));
            }

            @Override
            public void forget(String account, String from) {
                ofAddress.giveBack(StrangerLimits.network(from));
            }
        };
    }

    @Override
    public Optional<Duration> ask(String account, String from) {
        String network = StrangerLimits.network(from);
        Optional<Duration> wait = ofAddress.take(network);
        if (wait.isPresent()) {
            return wait;
        }
        wait = ofAccount.take(account);
        if (wait.isPresent()) {
            ofAddress.giveBack(network);
        }
        return wait;
    }

    @Override
    public void forget(String account, String from) {
        ofAddress.giveBack(StrangerLimits.network(from));
        ofAccount.giveBack(account);
    }
}
