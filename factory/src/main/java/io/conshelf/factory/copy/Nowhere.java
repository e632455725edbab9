package io.conshelf.factory.copy;

import io.conshelf.factory.expression.Scope;
import java.time.Clock;
import java.util.random.RandomGenerator;

/// The scope of definitions that no pipeline runs.
record Nowhere() implements Scope {
    @Override
    public Clock clock() {
        return Clock.systemUTC();
    }

    @Override
    public RandomGenerator random() {
        return RandomGenerator.getDefault();
    }
}
