package io.conshelf.processor.jq;

import io.conshelf.processor.value.JsonText;
import io.conshelf.processor.value.Value;
import java.util.List;
import java.util.SequencedMap;

/// One evaluation, and what it has used.
final class Run {
    private final Budget budget;
    /// In values of the greatest size.
    private static final int MADE_MAX = 4;
    private static final int TIME_CHECKED_MASK = 63;

    /// Once it has taken so many steps that a look at the clock is worth it; 0 before.
    private long end;
    private long steps;
    private long made;
    private int depth;

    Run(Budget budget) {
        this.budget = budget;
    }

    Budget budget() {
        return budget;
    }

    void step() {
        if (++steps > budget.steps()) {
            throw new Budget.Exceeded("the expression took more than " + budget.steps() + " steps");
        }
        if ((steps & TIME_CHECKED_MASK) == 0) {
            checkTime();
        }
    }

    private void checkTime() {
        long now = System.nanoTime();
        if (end == 0) {
            end = now + budget.time().toNanos();
        } else if (now - end > 0) {
            throw new Budget.Exceeded("the expression took longer than " + budget.time().toSeconds() + " s");
        }
    }

    /// A result that nobody could write. Each level takes a step, so that a short run needs no look.
    void checkDepth(Value value) {
        if (steps > JsonText.DEPTH_MAX && isDeeper(value, JsonText.DEPTH_MAX)) {
            throw new Budget.Exceeded("a result is nested deeper than " + JsonText.DEPTH_MAX);
        }
    }

    private static boolean isDeeper(Value value, int levels) {
        return switch (value) {
            case Value.Items(List<Value> items) -> {
                boolean is = levels == 0;
                for (int i = 0; i < items.size() && !is; i++) {
                    is = isDeeper(items.get(i), levels - 1);
                }
                yield is;
            }
            case Value.Members(SequencedMap<String, Value> members) -> levels == 0 || members.values().stream().anyMatch(member -> isDeeper(member, levels - 1));
            case Value.Null _, Value.Truth _, Value.Whole _, Value.Large _, Value.Real _, Value.Text _, Value.Binary _ -> false;
        };
    }

    void enter() {
        step();
        if (++depth > budget.depth()) {
            throw new Budget.Exceeded("functions call each other more than " + budget.depth() + " deep");
        }
    }

    void leave() {
        depth--;
    }

    /// Steps for a search that may look at each place of one for each of the other.
    void compares(int length, int otherLength) {
        steps += (long) length * otherLength >>> 8;
        step();
    }

    /// @param bytes roughly those of a value that is made
    void makes(long bytes) {
        grows(bytes);
        made += bytes;
        if (made > MADE_MAX * budget.bytes()) {
            throw new Budget.Exceeded("the expression makes values of more than " + MADE_MAX * budget.bytes() + " bytes");
        }
    }

    /// @param bytes of a value that is being made so far
    void grows(long bytes) {
        if (bytes > budget.bytes()) {
            throw new Budget.Exceeded("the expression makes a value of more than " + budget.bytes() + " bytes");
        }
    }
}
