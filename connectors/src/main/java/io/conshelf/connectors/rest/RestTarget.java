package io.conshelf.connectors.rest;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.connectors.BatchId;
import io.conshelf.connectors.Column;
import io.conshelf.connectors.RowReader;
import io.conshelf.connectors.RowTarget;
import io.conshelf.connectors.StoreException;
import io.conshelf.connectors.http.WebClient;
import io.conshelf.connectors.http.WebRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/// A service that takes rows as arrays of JSON objects.
public final class RestTarget implements RowTarget {
    private static final JsonFactory JSON = new ObjectMapper().getFactory();

    private final WebClient client;
    private final Requests requests;

    /// @param rowsMax  in one request
    /// @param interval between requests
    public record Requests(String method, URI uri, Map<String, String> headers, int rowsMax, Packing packing, Duration interval) {
        public Requests {
            headers = Map.copyOf(headers);
        }
    }

    public enum Packing { NONE, GZIP }

    public RestTarget(WebClient client, Requests requests) {
        this.client = client;
        this.requests = requests;
    }

    @Override
    public void begin(BatchId copy, List<Column> columns) {
        // A service is ready when it answers.
    }

    @Override
    public Written write(BatchId batch, RowReader rows, Rejects rejects) throws StoreException, InterruptedException {
        List<Column> columns = rows.columns();
        long written = 0;
        Optional<List<JsonNode>> row = rows.next();
        while (row.isPresent()) {
            if (written > 0) {
                Thread.sleep(requests.interval());
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            int count = 0;
            try (OutputStream packed = requests.packing() == Packing.GZIP ? new GZIPOutputStream(bytes) : bytes; JsonGenerator json = JSON.createGenerator(packed)) {
                json.writeStartArray();
                while (row.isPresent() && count < requests.rowsMax()) {
                    json.writeStartObject();
                    for (int i = 0; i < columns.size(); i++) {
                        json.writeFieldName(columns.get(i).name());
                        json.writeTree(row.get().get(i).isMissingNode() ? null : row.get().get(i));
                    }
                    json.writeEndObject();
                    count++;
                    row = rows.next();
                }
                json.writeEndArray();
            } catch (IOException failure) {
                throw new AssertionError("memory takes what is written to it", failure);
            }
            send(bytes.toByteArray());
            written += count;
        }
        return new Written(written, true);
    }

    private void send(byte[] body) throws StoreException {
        Map<String, String> headers = new LinkedHashMap<>(requests.headers());
        headers.putIfAbsent("Content-Type", "application/json; charset=utf-8");
        if (requests.packing() == Packing.GZIP) {
            headers.put("Content-Encoding", "gzip");
        }
        try {
            client.send(new WebRequest(requests.method(), requests.uri(), headers, body)).close();
        } catch (IOException afterTheAnswer) {
            // It was taken; what was said about it is not read.
        }
    }

    @Override
    public void finish() {
        // Every request was answered.
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
