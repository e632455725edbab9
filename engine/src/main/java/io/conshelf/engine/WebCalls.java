package io.conshelf.engine;

import io.conshelf.engine.store.WriteStop;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;

/// Calls of web services for the queries that ask for them. Whoever opens an engine says how: the engine itself decides what may be
/// called and speaks no HTTP.
@FunctionalInterface
public interface WebCalls {
    /// An engine that calls nobody.
    WebCalls NONE = (_, _) -> {
        throw new IOException("this cluster calls no web services");
    };

    /// One request. It does not print itself: its headers may open what it asks.
    ///
    /// @param headers        names and values that HTTP allows
    /// @param body           of a POST; a GET has none
    /// @param answerBytesMax of the answer's body; a longer one fails
    /// @param coming         is told how many bytes of the answer's body have come whenever some have, and fails where that is too much
    record Call(URI uri, List<Header> headers, Optional<String> body, long answerBytesMax, Duration within, LongConsumer coming) {
        public Call {
            headers = List.copyOf(headers);
        }

        @Override
        public String toString() {
            return body.isPresent() ? "POST" : "GET";
        }
    }

    record Header(String name, String value) {
        @Override
        public String toString() {
            return name;
        }
    }

    /// @param headers the values of a name in their order
    record Answer(int status, Map<String, List<String>> headers, byte[] body) {}

    /// Asks once, and follows no redirection: that is an answer too.
    ///
    /// @param stop ends the call when the request is stopped
    /// @throws KustoException when [Call#coming] fails
    /// @throws IOException when there is no answer in time; its message repeats nothing of the call but its host
    Answer ask(Call call, WriteStop stop) throws IOException;
}
