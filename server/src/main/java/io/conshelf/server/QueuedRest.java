package io.conshelf.server;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.server.ingest.QueuedOperations;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.net.URI;

/// Answers the REST interface of queued ingestion.
final class QueuedRest {
    private final QueuedOperations operations;
    private final ServerLimits limits;
    private final ObjectMapper json;

    QueuedRest(QueuedOperations operations, ServerLimits limits) {
        this.operations = operations;
        this.limits = limits;
        this.json = new ObjectMapper(JsonFactory.builder()
                .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(limits.nestingMax()).build())
                .build());
    }

    void configuration(Call call, Reply reply) {
        reply.json(200, operations.configuration(call.principal(), URI.create(call.origin())));
    }

    void submit(String database, String table, Call call, ServerRequest http, Reply reply) throws IOException {
        JsonNode body;
        try (var in = IncomingBody.open(http, "The request body", limits.requestBytesMax())) {
            body = json.readTree(in);
        } catch (JsonProcessingException e) {
            throw Refusals.badRequest("the body is not valid JSON", e);
        }
        if (body == null || !body.isObject()) {
            throw Refusals.badRequest("the body must be a JSON object with 'blobs' and 'properties'");
        }
        reply.json(200, operations.submit(call.principal(), URI.create(call.origin()), database, table, body));
    }

    void status(String database, String table, String operation, Call call, ServerRequest http, Reply reply) {
        boolean hasDetails = http.query().first("details").asOptional().filter("true"::equalsIgnoreCase).isPresent();
        reply.json(
                200,
                operations.status(call.principal(), database, table, operation, hasDetails)
                        .orElseThrow(() -> Refusals.notFound("GET", http.path().rawPath())));
    }
}
