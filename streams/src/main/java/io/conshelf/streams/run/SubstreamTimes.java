package io.conshelf.streams.run;

import io.conshelf.streams.plan.Step;

/// By which time the steps of a job go.
public enum SubstreamTimes {
    /// All rows of a step share one.
    SHARED,
    /// Each key of `TIMESTAMP BY … OVER` has its own: it goes on with the key's events alone.
    OWN;

    /// Keys have their own where nothing limits how late one may be: with a limit, time that is shared goes on by itself.
    ///
    /// Where streams meet (UNION, a join of streams) it stays shared, and beside reference data, whose old snapshots are let go by it. So it does where an
    /// input ends and has several parts, as its time is known when all of it has been read.
    public static SubstreamTimes of(StreamJob job) {
        if (job.policies().lateArrivalMax().isPresent()) {
            return SHARED;
        }
        boolean hasSource = false;
        for (Step step : job.plan().steps()) {
            boolean isApart = switch (step) {
                case Step.Source source -> {
                    hasSource = true;
                    var input = job.inputs().get(source.input());
                    // one that could not be bound has told why
                    yield source.time() instanceof Step.EventTime.By by && !by.over().isEmpty()
                            && (input == null || !input.isBounded() || input.partitionsMax() == 1);
                }
                case Step.Union _, Step.StreamJoin _, Step.Reference _, Step.ReferenceJoin _ -> false;
                case Step.Filter _, Step.Project _, Step.Extend _, Step.Apply _, Step.Aggregate _, Step.Analytics _, Step.Match _ -> true;
            };
            if (!isApart) {
                return SHARED;
            }
        }
        return hasSource ? OWN : SHARED;
    }
}
