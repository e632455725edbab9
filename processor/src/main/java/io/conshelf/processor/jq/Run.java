package io.conshelf.processor.jq;

/// One evaluation, and what it has used.
final class Run {
    private final Budget budget;
    private long steps;
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

    /// @param bytes roughly those of a value that is made
    void makes(long bytes) {
        if (bytes > budget.bytes()) {
            throw new Budget.Exceeded("the expression makes a value of more than " + budget.bytes() + " bytes");
        }
    }
}
