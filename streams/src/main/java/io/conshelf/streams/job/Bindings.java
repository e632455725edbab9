package io.conshelf.streams.job;

import java.util.List;
import java.util.Optional;

/// What functions are made of, `binding.type`.
final class Bindings {
    static final String JAVASCRIPT = "Microsoft.StreamAnalytics/JavascriptUdf";

    private record Refused(String type, String why) {}

    private static final List<Refused> REFUSED = List.of(
            new Refused("Microsoft.StreamAnalytics/CLRUdf", "functions of .NET do not run here; write it in JavaScript"),
            new Refused("Microsoft.MachineLearningServices", "services of machine learning are not called"),
            new Refused("Microsoft.MachineLearning/WebService", "services of machine learning are not called"));

    private Bindings() {}

    static String refusal(String type) {
        Optional<Refused> known = REFUSED.stream().filter(refused -> refused.type().equalsIgnoreCase(type)).findFirst();
        return "'" + type + "' is " + known.map(refused -> "not supported: " + refused.why()).orElse("not a kind of function; there is " + JAVASCRIPT);
    }
}
