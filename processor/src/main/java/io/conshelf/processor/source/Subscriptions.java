package io.conshelf.processor.source;

import io.conshelf.connectors.file.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What a pipeline has subscribed to at its broker, so that it can take back what it is not to get any more: brokers do not tell.
public interface Subscriptions {
    /// Nobody remembers.
    Subscriptions UNKNOWN = new Subscriptions() {
        @Override
        public List<String> filters() {
            return List.of();
        }

        @Override
        public void become(List<String> filters) {}
    };

    List<String> filters() throws IOException;

    void become(List<String> filters) throws IOException;

    /// In a file, a line each. Filters have no line ends: the protocol forbids them.
    static Subscriptions in(Path file) {
        return new Subscriptions() {
            @Override
            public List<String> filters() throws IOException {
                return Files.exists(file) ? Files.readAllLines(file) : List.of();
            }

            @Override
            public void become(List<String> filters) throws IOException {
                if (filters().equals(filters)) {
                    return;
                }
                DurableFile.write(file, String.join("\n", filters).getBytes(StandardCharsets.UTF_8));
            }
        };
    }
}
