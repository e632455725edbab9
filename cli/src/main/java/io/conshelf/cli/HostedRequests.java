package io.conshelf.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.management.ManagementAnswer;
import io.conshelf.connectors.management.ManagementRequest;
import io.conshelf.server.service.HostedService.Answer;
import io.conshelf.server.service.HostedService.Request;
import java.io.UncheckedIOException;

/// Hands requests from the cluster's door to management interfaces, and their answers back.
final class HostedRequests {
    private static final ObjectMapper JSON = new ObjectMapper();

    private HostedRequests() {}

    static ManagementRequest asked(Request request) {
        return new ManagementRequest(request.method(), request.rawPath(), request.query(), request.headers(), request.body(), request.origin());
    }

    static Answer answered(ManagementAnswer answer) {
        return new Answer(answer.status(), answer.headers(), answer.body().map(HostedRequests::bytes).orElse(new byte[0]));
    }

    private static byte[] bytes(JsonNode json) {
        try {
            return JSON.writeValueAsBytes(json);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
