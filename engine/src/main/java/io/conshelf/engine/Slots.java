package io.conshelf.engine;

import java.util.function.BooleanSupplier;

/// Places for requests that run at once.
interface Slots {
    /// Takes a place; whoever got one gives it back with [#leave].
    ///
    /// @param isStopped whether nobody wants it any more
    /// @throws KustoException 429 when none came free in time
    void enter(BooleanSupplier isStopped);

    void leave();
}
