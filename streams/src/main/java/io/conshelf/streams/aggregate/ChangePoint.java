package io.conshelf.streams.aggregate;

import io.conshelf.streams.value.Value;

/// Lasting anomalies: values that can no longer be exchanged with those before them. Each value is bet on to be as strange as any other; the winnings are a
/// martingale, which stays small as long as nothing changes and grows exponentially when values keep being strange (a mixture of power martingales).
final class ChangePoint implements AnomalyDetection.Model {
    private static final int LEARNT_AFTER = 8;
    /// One strange value alone is a spike and no change: it cannot win more than one of a few dozen would.
    private static final double RANK_MIN = 0.02;
    private static final double EVIDENCE_MAX = 300;
    private static final Value UNKNOWN = AnomalyHistory.verdict(false, 1.0);

    @Override
    public Value verdict(AnomalyHistory history, double value, double significance) {
        int count = history.count();
        if (count < LEARNT_AFTER) {
            return UNKNOWN;
        }
        double sum = 0;
        for (int i = 0; i < count; i++) {
            sum += history.value(i);
        }
        double mean = sum / count;
        double strangeness = Math.abs(value - mean);
        double stranger = 0.5;
        for (int i = 0; i < count; i++) {
            double other = Math.abs(history.value(i) - mean);
            stranger += other > strangeness ? 1 : other == strangeness ? 0.5 : 0;
        }
        double rank = Math.clamp(stranger / (count + 1), RANK_MIN, 1 - 1e-9);
        double log = Math.log(rank);
        double bet = (1 - rank + rank * log) / (rank * log * log);
        // What was lost on quiet values is forgiven, so that a change after a long quiet time is seen at once.
        history.evidence = Math.clamp(history.evidence + Math.log(bet), 0, EVIDENCE_MAX);
        double martingale = Math.exp(history.evidence);
        // It passes 1/s by chance with a probability of no more than s.
        return AnomalyHistory.verdict(martingale * significance > 1, martingale);
    }
}
