package io.conshelf.server;

import io.conshelf.engine.Engine;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Request;
import io.conshelf.engine.StreamingIngestion;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Answers `/v1/rest/ingest/{database}/{table}`: rows in the body, or a body that names the blob they are in.
final class StreamingIngest {
    private static final List<ColumnSchema> RESULT = List.of(
            new ColumnSchema("ConsumedRecordsCount", Type.LONG),
            new ColumnSchema("UpdatePolicyStatus", Type.STRING),
            new ColumnSchema("UpdatePolicyFailureCode", Type.STRING),
            new ColumnSchema("UpdatePolicyFailureReason", Type.STRING));

    private final Engine engine;
    private final Metrics metrics;

    StreamingIngest(Engine engine, Metrics metrics) {
        this.engine = engine;
        this.metrics = metrics;
    }

    void ingest(String database, String table, Call call, ServerRequest http, Reply reply) throws IOException {
        String format = parameter(http, "streamFormat").orElse("csv");
        Optional<String> mapping = parameter(http, "mappingName");
        Optional<String> sourceKind = parameter(http, "sourceKind");
        StreamingIngestion.Result result;
        try (InputStream content = content(http, sourceKind)) {
            result = engine.ingestStream(
                    request(call, database, http),
                    new StreamingIngestion(
                            database,
                            table,
                            format,
                            mapping,
                            content,
                            ClientId.managedSource(call.clientRequestId())));
        } catch (KustoException e) {
            metrics.ingested("streaming", "failed", 0, 0);
            throw e;
        }
        metrics.ingested("streaming", "succeeded", result.rows(), result.bytes());
        reply.stream(out -> new V1Document(out, call)
                .single(RESULT, List.of(List.of(result.rows(), "Inactive", "Unknown", Optional.empty()))));
    }

    private InputStream content(ServerRequest http, Optional<String> sourceKind) {
        if (sourceKind.isPresent() && !sourceKind.get().equalsIgnoreCase("stream")) {
            if (!sourceKind.get().equalsIgnoreCase("uri")) {
                throw Refusals.badRequest("'sourceKind' must be 'uri' or absent, found '" + sourceKind.get() + "'");
            }
            throw Refusals.badRequest("streaming ingestion from a blob ('sourceKind=uri') is not supported yet");
        }
        return IncomingBody.open(
                http, "The content of a streaming ingestion", engine.limits().streamingRequestBytesMax());
    }

    private Request request(Call call, String database, ServerRequest http) {
        Map<String, Object> options = new HashMap<>();
        // Clients put every request option into a header of its name; this is the one that matters here.
        http.headers().value(Headers.SERVER_TIMEOUT).ifPresent(value -> options.put("servertimeout", value));
        return new Request(
                call.principal(),
                database,
                call.clientRequestId(),
                call.activityId(),
                options,
                Map.of(),
                call.application().orElse(""),
                call.user().orElse(""),
                call.startedAt(),
                Options.timeout(options, engine.limits(), engine.limits().commandTimeout()),
                call.readOnly());
    }

    private static Optional<String> parameter(ServerRequest http, String name) {
        for (String candidate : http.query().names()) {
            if (candidate.equalsIgnoreCase(name)) {
                return http.query().first(candidate).asOptional().filter(value -> !value.isBlank());
            }
        }
        return Optional.empty();
    }
}
