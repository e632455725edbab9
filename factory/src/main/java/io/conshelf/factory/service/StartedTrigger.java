package io.conshelf.factory.service;

import java.time.Instant;
import java.util.Optional;

/// A trigger that was started, at work. Not safe for use by several threads: [Triggers] calls one at a time.
interface StartedTrigger {
    /// Does what is due by now.
    ///
    /// @return when something is due next, as far as the clock tells
    Optional<Instant> pass(Instant now);

    /// Told when the trigger is stopped: what it remembers is forgotten, as far as it does not hold for a later start.
    void stopped();
}
