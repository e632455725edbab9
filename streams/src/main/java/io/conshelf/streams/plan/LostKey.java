package io.conshelf.streams.plan;

import java.util.List;
import java.util.stream.Collectors;

/// Why the substreams (`TIMESTAMP BY … OVER`) of rows cannot be told apart any more.
sealed interface LostKey {
    /// A step before has not passed a key on.
    record NotPassedOn(String name) implements LostKey {}

    /// The parts of a UNION have their keys in different columns.
    ///
    /// @param keys each that a part has, by the names of the first part's columns
    record InOtherColumns(List<List<String>> keys) implements LostKey {}

    /// Of the parts of a UNION some have substreams and others have none.
    record NotOfAllParts() implements LostKey {}

    /// As a message goes on that has told that there are substreams.
    static String told(List<LostKey> lost) {
        return lost.stream().map(one -> switch (one) {
            case NotPassedOn(String name) -> "key " + name + " is not among its columns";
            case InOtherColumns(List<List<String>> keys) -> "the parts of a UNION have their keys in different columns ("
                    + keys.stream().map(of -> String.join(", ", of)).collect(Collectors.joining(" against ")) + "): put them into the same places of each part";
            case NotOfAllParts() -> "only some parts of a UNION have them: give each part TIMESTAMP BY … OVER the same key, or none";
        }).distinct().collect(Collectors.joining(", and "));
    }
}
