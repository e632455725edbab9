/// Triggers: when they fire, which windows they cover, and what then starts.
///
/// [Recurrence] is the calendar of a schedule trigger and [WindowSequence] the windows of a tumbling one. Both are pure: they read no
/// clock and hold no state.
package io.conshelf.factory.trigger;
