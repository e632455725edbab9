package io.conshelf.streams.plan;

import io.conshelf.streams.aggregate.Aggregate;
import io.conshelf.streams.aggregate.Aggregate.Distinct;
import io.conshelf.streams.aggregate.Aggregate.Ordering;
import io.conshelf.streams.aggregate.Aggregates;
import io.conshelf.streams.expression.Function;
import io.conshelf.streams.expression.Functions;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/// The catalogues of functions as binding reads them.
final class Catalogue {
    /// What binding makes of an argument.
    enum Argument { VALUE, RECORD, PROPERTY, TIME, DATE_PART, INPUT }

    private static final List<String> OTHERS = List.of("LAG", "LAST", "ISFIRST", "AnomalyDetection_SpikeAndDip", "AnomalyDetection_ChangePoint", "TumblingWindow",
            "HoppingWindow", "SlidingWindow", "SessionWindow", "Windows");
    private static final Set<String> OF_RECORDS = names("GetRecordPropertyValue", "GetType");

    /// An aggregate, built-in or of the job.
    ///
    /// @param min arguments that a query must give: the event that `Collect()` takes of itself is none
    record Called(String name, int min, int max, Ordering ordering, Distinct distinct) {
        static Called ofJob(String name) {
            return new Called(name, 0, Integer.MAX_VALUE, Ordering.NONE, Distinct.REFUSED);
        }
    }

    private Catalogue() {}

    private static Set<String> names(String... names) {
        Set<String> set = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        set.addAll(Set.of(names));
        return set;
    }

    /// Every built-in function that a query can call, as it is spelled.
    static List<String> names() {
        return Stream.of(Functions.all().stream().map(Function::name), Aggregates.all().stream().map(Aggregate::name), OTHERS.stream()).flatMap(names -> names).toList();
    }

    static Optional<Function> scalar(String name) {
        return Functions.named(name);
    }

    static Argument argument(Function function, int index) {
        return switch (function.parameter(index)) {
            case DATE_PART -> Argument.DATE_PART;
            case INPUT -> Argument.INPUT;
            case DATETIME -> function.name().equals("DATEDIFF") ? Argument.TIME : Argument.VALUE;
            case ANY, NUMBER, BIGINT, FLOAT, TEXT, RECORD, ARRAY ->
                index == 0 && OF_RECORDS.contains(function.name()) ? Argument.RECORD
                        : index == 1 && function.name().equals("GetRecordPropertyValue") ? Argument.PROPERTY : Argument.VALUE;
        };
    }

    static Optional<Called> aggregate(String name) {
        return Aggregates.named(name).map(aggregate -> switch (aggregate.name()) {
            case "Collect", "CollectTop", "TopOne" -> new Called(aggregate.name(), aggregate.argumentsMin() - 1, aggregate.argumentsMax(),
                    aggregate.ordering(), aggregate.distinct());
            case "COUNT" -> new Called(aggregate.name(), 1, 1, aggregate.ordering(), aggregate.distinct());
            default -> new Called(aggregate.name(), aggregate.argumentsMin(), aggregate.argumentsMax(), aggregate.ordering(), aggregate.distinct());
        });
    }
}
