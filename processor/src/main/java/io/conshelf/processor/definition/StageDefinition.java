package io.conshelf.processor.definition;

import io.conshelf.processor.destination.Retry;
import io.conshelf.processor.path.Path;
import java.time.Duration;
import java.util.List;

/// A stage between source and destination.
///
/// @param id    by which stages name the one that follows
/// @param type  as [StageTypes] spells it
/// @param title what the portal shows
public record StageDefinition(String id, String type, String title, Settings settings) {
    public sealed interface Settings {
        record Transform(String expression) implements Settings {}

        record Filter(String expression) implements Settings {}

        record Aggregate(Duration window, List<Computed> properties) implements Settings {
            public Aggregate {
                properties = List.copyOf(properties);
            }
        }

        /// @param limit of records; as good as none where none is stated
        record Enrich(String dataset, Path output, Single single, int limit, List<Condition> conditions) implements Settings {
            public Enrich {
                conditions = List.copyOf(conditions);
            }
        }

        record LastKnownValue(List<Tracked> properties) implements Settings {
            public LastKnownValue {
                properties = List.copyOf(properties);
            }
        }

        record HttpCall(String url, String method, Authentication authentication, HttpRequest request, HttpResponse response, Retry retry) implements Settings {}
    }

    public enum Function { SUM, AVERAGE, COUNT, MIN, MAX, FIRST, LAST, COLLECT }

    public record Computed(Function function, Path input, Path output) {}

    /// What a single record is in the message.
    public enum Single { ITSELF, ARRAY }

    public sealed interface Condition {
        Path input();

        record KeyMatch(Path input, String key) implements Condition {}

        record Nearest(Path input, Side side) implements Condition {}
    }

    public enum Side { PAST, FUTURE }

    /// One whose value is remembered.
    ///
    /// @param expiry    how long a value counts as known
    /// @param timestamp where the time of the known value goes; empty, or one
    public record Tracked(Path input, Path output, Duration expiry, List<Path> timestamp) {
        public static final Duration FOREVER = Duration.ofSeconds(Long.MAX_VALUE);

        public Tracked {
            timestamp = List.copyOf(timestamp);
        }
    }

    /// What becomes of an answer: nothing where a list is empty, and otherwise it has one item.
    public record HttpResponse(List<FormatDefinition> body, List<Path> headers, List<Path> status) {
        public static final HttpResponse EMPTY = new HttpResponse(List.of(), List.of(), List.of());

        public HttpResponse {
            body = List.copyOf(body);
            headers = List.copyOf(headers);
            status = List.copyOf(status);
        }
    }
}
