package io.conshelf.server;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.Engine;
import io.conshelf.engine.KustoException;
import io.conshelf.engine.Request;
import io.conshelf.engine.StorageUri;
import io.conshelf.engine.StreamingIngestion;
import io.conshelf.engine.ingest.Format;
import io.conshelf.engine.ingest.GzipMembers;
import io.conshelf.kql.type.ColumnSchema;
import io.conshelf.kql.type.Type;
import io.conshelf.server.ingest.StagedBlobs;
import io.helidon.webserver.http.ServerRequest;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/// Answers `/v1/rest/ingest/{database}/{table}`: rows in the body, or a body that names the blob they are in.
final class StreamingIngest {
    private static final int GZIP_BUFFER_BYTES = 16 << 10;
    private static final String CONTENT = "The content of a streaming ingestion";
    /// More than most requests have: until so much of it is there, a request holds no place among those whose rows are read.
    private static final int AHEAD_BYTES = 256 << 10;
    private static final int AHEAD_BYTES_ALL = 64 << 20;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<ColumnSchema> RESULT = List.of(
            new ColumnSchema("ConsumedRecordsCount", Type.LONG),
            new ColumnSchema("UpdatePolicyStatus", Type.STRING),
            new ColumnSchema("UpdatePolicyFailureCode", Type.STRING),
            new ColumnSchema("UpdatePolicyFailureReason", Type.STRING));

    private final Engine engine;
    private final StagedBlobs blobs;
    private final ServerLimits limits;
    private final Metrics metrics;
    private final BooleanSupplier isEnabled;
    private final ReadAhead beginnings = new ReadAhead(AHEAD_BYTES, AHEAD_BYTES_ALL);

    /// @param isEnabled whether the cluster takes streams at all, as its management interface has it
    StreamingIngest(Engine engine, StagedBlobs blobs, ServerLimits limits, Metrics metrics, BooleanSupplier isEnabled) {
        this.engine = engine;
        this.blobs = blobs;
        this.limits = limits;
        this.metrics = metrics;
        this.isEnabled = isEnabled;
    }

    void ingest(String database, String table, Call call, ServerRequest http, Reply reply) throws IOException {
        String format = parameter(http, "streamFormat").orElseThrow(() -> Refusals.badRequest(
                "'streamFormat' is missing: it says which format the body has, such as 'streamFormat=csv'"));
        Optional<String> mapping = parameter(http, "mappingName");
        Optional<String> sourceKind = parameter(http, "sourceKind");
        engine.requireFutureIngestor(call.principal(), database, table);
        if (!isEnabled.getAsBoolean()) {
            throw Refusals.streamingIsOff();
        }
        StreamingIngestion.Result result;
        try (InputStream content = content(call, database, table, http, sourceKind, format)) {
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
        reply.small(out -> new V1Document(out, call)
                .single(RESULT, List.of(List.of(result.rows(), "Inactive", "Unknown", Optional.empty()))));
    }

    private InputStream content(Call call, String database, String table, ServerRequest http, Optional<String> sourceKind, String format) throws IOException {
        if (sourceKind.isPresent() && !sourceKind.get().equalsIgnoreCase("stream")) {
            if (!sourceKind.get().equalsIgnoreCase("uri")) {
                throw Refusals.badRequest("'sourceKind' must be 'uri' or absent, found '" + sourceKind.get() + "'");
            }
            return blob(call, database, table, http);
        }
        // Clients announce gzip for binary formats as well, which they leave as they are.
        var announcement = Format.find(format).filter(known -> !known.isBinary()).isPresent()
                ? IncomingBody.Announcement.HOLDS
                : IncomingBody.Announcement.MAY_NOT_HOLD;
        return beginnings.of(IncomingBody.open(http, CONTENT, engine.limits().streamingRequestBytesMax(), announcement));
    }

    private InputStream blob(Call call, String database, String table, ServerRequest http) throws IOException {
        String uri;
        try (var in = IncomingBody.open(http, "The request body", limits.requestBytesMax())) {
            uri = sourceUri(in);
        }
        StorageUri place = StorageUri.parse(uri);
        if (engine.isElsewhere(place)) {
            return fetched(call, database, table, place);
        }
        StagedBlobs.Found found = blobs.open(uri);
        InputStream raw;
        try {
            raw = Files.newInputStream(found.file());
        } catch (IOException e) {
            throw Refusals.badRequest("the blob went away while it was to be read", e);
        }
        return unpacked(raw, found.isGzip());
    }

    private InputStream fetched(Call call, String database, String table, StorageUri place) throws IOException {
        long bytesMax = engine.limits().streamingRequestBytesMax();
        Path copy;
        try {
            copy = engine.fetch(call.principal(), database, table, place, bytesMax);
        } catch (KustoException e) {
            throw e.error().code().equals("BadRequest_FileTooLarge") ? Refusals.tooLarge(CONTENT, bytesMax) : e;
        }
        boolean isOpen = false;
        try {
            boolean isGzip = StagedBlobs.isGzip(copy);
            // It goes with the stream.
            InputStream raw = Files.newInputStream(copy, StandardOpenOption.READ, StandardOpenOption.DELETE_ON_CLOSE);
            isOpen = true;
            return unpacked(raw, isGzip);
        } finally {
            if (!isOpen) {
                Files.deleteIfExists(copy);
            }
        }
    }

    private InputStream unpacked(InputStream raw, boolean isGzip) throws IOException {
        try {
            long bytesMax = engine.limits().streamingRequestBytesMax();
            // What is packed is bounded too, as there are bytes without end that unpack to nothing; headers are read byte by byte.
            return new BoundedInput(isGzip ? new GzipMembers(new BoundedInput(new BufferedInputStream(raw), CONTENT, bytesMax), GZIP_BUFFER_BYTES) : raw,
                    CONTENT, bytesMax);
        } catch (KustoException e) {
            raw.close();
            throw e;
        } catch (IOException e) {
            raw.close();
            throw Refusals.badRequest("the blob is not valid gzip: " + e.getMessage(), e);
        }
    }

    // Clients differ in the case of the name.
    private static String sourceUri(InputStream in) {
        try {
            JsonNode body = JSON.readTree(in);
            if (body != null) {
                for (var field : body.properties()) {
                    if (field.getKey().equalsIgnoreCase("sourceUri")) {
                        return field.getValue().asText();
                    }
                }
            }
        } catch (IOException e) {
            throw Refusals.badRequest("the body is not valid JSON", e);
        }
        throw Refusals.badRequest("'sourceUri' is missing in the body, which 'sourceKind=uri' needs");
    }

    private Request request(Call call, String database, ServerRequest http) {
        Map<String, Object> options = new HashMap<>();
        // Clients put every request option into a header of its name; this is the one that matters here.
        // Java's, up to 7.0.5, in milliseconds.
        http.headers().value(Headers.SERVER_TIMEOUT)
                .ifPresent(value -> options.put("servertimeout", value.matches("\\d{1,10}") ? value + "ms" : value));
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
