package io.conshelf.factory.copy;

import io.conshelf.connectors.StoreException;
import io.conshelf.factory.activity.ActivityFailure;
import io.conshelf.factory.activity.ActivityFailure.FailureType;

/// How failures of stores show in a run record.
final class Failures {
    private Failures() {}

    /// A failed copy has a number as its code and the store's code inside its message.
    static ActivityFailure copy(StoreException failure) {
        return failure("2200", failure);
    }

    static ActivityFailure lookup(StoreException failure) {
        return failure("2100", failure);
    }

    static ActivityFailure metadata(StoreException failure) {
        return failure("3500", failure);
    }

    static ActivityFailure delete(StoreException failure) {
        return failure("3600", failure);
    }

    static ActivityFailure script(StoreException failure) {
        return failure("2011", failure);
    }

    static ActivityFailure procedure(StoreException failure) {
        return failure("2402", failure);
    }

    static ActivityFailure web(StoreException failure) {
        return failure("2108", failure);
    }

    static ActivityFailure command(StoreException failure) {
        return new ActivityFailure(failure.code(), type(failure), failure.getMessage(), failure);
    }

    private static ActivityFailure failure(String errorCode, StoreException failure) {
        return new ActivityFailure(errorCode, type(failure), "ErrorCode=" + failure.code() + ",'Type=" + type(failure).title() + ",Message="
                + failure.getMessage() + ",Source=Conshelf'", failure);
    }

    private static FailureType type(StoreException failure) {
        return failure.fault() == StoreException.Fault.USER ? FailureType.USER : FailureType.SYSTEM;
    }
}
