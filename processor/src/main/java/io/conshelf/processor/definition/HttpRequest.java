package io.conshelf.processor.definition;

import java.util.List;

/// What a stage sends.
///
/// @param body empty, or one
public record HttpRequest(List<FormatDefinition> body, List<Field.Pair> headers) {
    public static final HttpRequest EMPTY = new HttpRequest(List.of(), List.of());

    public HttpRequest {
        body = List.copyOf(body);
        headers = List.copyOf(headers);
    }
}
