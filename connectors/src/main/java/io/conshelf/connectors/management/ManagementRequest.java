package io.conshelf.connectors.management;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/// A request to the management interface.
///
/// @param query   each parameter's value, decoded
/// @param headers each header's value by its name in lower case
/// @param origin  `http://host:port` as the client wrote it, for links to go on with
public record ManagementRequest(String method, String rawPath, Map<String, String> query, Map<String, String> headers, byte[] body, String origin) {
    public ManagementRequest {
        query = Map.copyOf(query);
        headers = Map.copyOf(headers);
    }

    /// A query parameter, whatever its name's case.
    public Optional<String> parameter(String name) {
        return query.entrySet().stream().filter(entry -> entry.getKey().equalsIgnoreCase(name)).map(Map.Entry::getValue).findFirst();
    }

    public boolean flag(String name) {
        return parameter(name).filter("true"::equalsIgnoreCase).isPresent();
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(headers.get(name));
    }

    /// Answers by what stands for the method.
    public ManagementAnswer on(Map<String, Supplier<ManagementAnswer>> methods) {
        Supplier<ManagementAnswer> answer = methods.get(method);
        if (answer == null) {
            throw Refusal.wrongMethod(method, rawPath);
        }
        return answer.get();
    }
}
