package io.conshelf.server;

/// What clients are told of `render` when a query has none.
final class Visualization {
    static final String NONE = """
            {"Visualization":null,"Title":null,"XColumn":null,"Series":null,"YColumns":null,"AnomalyColumns":null,\
            "XTitle":null,"YTitle":null,"XAxis":null,"YAxis":null,"Legend":null,"YSplit":null,"Accumulate":false,\
            "IsQuerySorted":false,"Kind":null,"Ymin":"NaN","Ymax":"NaN","Xmin":null,"Xmax":null}""";

    private Visualization() {}
}
