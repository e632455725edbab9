package io.conshelf.server;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.conshelf.engine.Engine;
import io.conshelf.engine.Request;
import io.conshelf.engine.store.Authorization;
import io.conshelf.server.backup.BackupException;
import io.conshelf.server.backup.ClusterBackup;
import io.helidon.webserver.http.ServerRequest;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;

/// Answers `POST /v1/rest/backup` with `{"target": "…"}`: a backup of the cluster while it runs, for administrators of all
/// databases.
final class BackupRest {
    private static final ObjectMapper JSON = new ObjectMapper();

    private final ClusterBackup backup;
    private final Engine engine;
    private final ServerLimits limits;

    BackupRest(ClusterBackup backup, Engine engine, ServerLimits limits) {
        this.backup = backup;
        this.engine = engine;
        this.limits = limits;
    }

    void write(Call call, ServerRequest http, Reply reply) throws IOException {
        Authorization.requireAdministrator(call.principal(), "a backup of the cluster");
        Path target = target(http);
        try {
            var manifest = backup.write(request(call), target);
            var answer = JSON.createObjectNode();
            answer.put("target", target.toAbsolutePath().normalize().toString()).put("files", manifest.files().size())
                    .put("bytes", manifest.bytes()).put("createdOn", manifest.createdOn().toString());
            reply.json(200, answer.toString());
        } catch (BackupException e) {
            throw Refusals.badRequest(e.getMessage(), e);
        }
    }

    private Path target(ServerRequest http) throws IOException {
        try (var in = IncomingBody.open(http, "The request body", limits.requestBytesMax())) {
            JsonNode target = JSON.readTree(in).path("target");
            if (target.isTextual() && !target.textValue().isBlank()) {
                return Path.of(target.textValue());
            }
        } catch (JsonProcessingException | InvalidPathException e) {
            throw Refusals.badRequest("the body is not a JSON object with the 'target' of the backup", e);
        }
        throw Refusals.badRequest("the body must be a JSON object with the 'target' of the backup");
    }

    private Request request(Call call) {
        return new Request(
                call.principal(), "", call.clientRequestId(), call.activityId(), Map.of(), Map.of(), call.application().orElse(""),
                call.user().orElse(""), call.startedAt(), engine.limits().timeoutMax(), call.readOnly());
    }
}
