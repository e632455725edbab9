package io.conshelf.server.management;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.server.service.HostedService.Answer;
import io.conshelf.server.service.HostedService.Request;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/// What requests for resources have in common, whoever provides them.
final class ResourceRequest {
    static final Map<String, String> JSON_HEADERS = Map.of("Content-Type", "application/json; charset=utf-8");

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private ResourceRequest() {}

    static void requireVersion(Request request) throws Refusal {
        if (request.query().getOrDefault("api-version", "").isBlank()) {
            throw new Refusal(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.");
        }
    }

    static String decoded(String part) throws Refusal {
        try {
            return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException _) {
            throw Refusal.bad("the path has a '%' that no two hexadecimal digits follow");
        }
    }

    /// The object that the body states; one without properties where there is no body.
    static JsonNode body(Request request) throws Refusal {
        if (request.body().length == 0) {
            return JSON.createObjectNode();
        }
        try {
            JsonNode body = JSON.readTree(request.body());
            if (!body.isObject()) {
                throw new Refusal(400, "InvalidRequestContent", "The request content is to be a JSON object.");
            }
            if (body.hasNonNull("properties") && !body.get("properties").isObject()) {
                throw new Refusal(400, "InvalidRequestContent", "'properties' is to be a JSON object.");
            }
            return body;
        } catch (JsonProcessingException e) {
            throw new Refusal(400, "InvalidRequestContent", "The request content was invalid and could not be deserialized: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new IllegalStateException("bytes in memory cannot fail", e);
        }
    }

    static Answer answer(int status, JsonNode body) {
        return new Answer(status, JSON_HEADERS, body.toString().getBytes(StandardCharsets.UTF_8));
    }

    static Answer refused(Refusal refusal) {
        ObjectNode json = JSON.createObjectNode();
        json.putObject("error").put("code", refusal.code()).put("message", refusal.getMessage());
        return answer(refusal.status(), json);
    }
}
