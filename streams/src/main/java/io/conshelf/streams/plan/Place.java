package io.conshelf.streams.plan;

/// Where in a SELECT an expression stands: it decides what may stand in it.
enum Place {
    SELECT("SELECT"), WHERE("WHERE"), GROUP_BY("GROUP BY"), HAVING("HAVING"), ON("ON"), APPLY("APPLY"), AGGREGATE("an aggregate"), ANALYTIC("an analytic function");

    private final String text;

    Place(String text) {
        this.text = text;
    }

    @Override
    public String toString() {
        return text;
    }
}
