package io.conshelf.engine;

import java.util.Map;
import java.util.Optional;

/// One collection of JSON documents in the system store: for services beside the cluster that keep something with it. A change
/// is durable when its call returns.
public interface Documents {
    Optional<String> get(String key);

    /// All of them by key, in the keys' order.
    Map<String, String> all();

    /// Creates or replaces one.
    void put(String key, String json);

    void remove(String key);
}
