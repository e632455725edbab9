package io.conshelf.server;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.conshelf.server.service.HostedService;
import io.conshelf.server.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Tells the keys of the storage accounts that are made as they are named: `listKeys` of the management interface of `Microsoft.Storage`.
final class StorageKeys implements HostedService {
    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Pattern PATH = Pattern.compile(
            "/subscriptions/[^/]+/resourceGroups/[^/]+/providers/Microsoft\\.Storage/storageAccounts/([^/]+)/listKeys", Pattern.CASE_INSENSITIVE);

    private final Storage storage;

    StorageKeys(Storage storage) {
        this.storage = storage;
    }

    @Override
    public String name() {
        return "storage keys";
    }

    @Override
    public boolean answers(String rawPath) {
        return PATH.matcher(rawPath).matches();
    }

    @Override
    public Answer answer(Request request) {
        if (!request.method().equals("POST")) {
            return refused(405, "MethodNotAllowed", "Keys are listed with POST.");
        }
        if (request.query().getOrDefault("api-version", "").isBlank()) {
            return refused(400, "MissingApiVersionParameter", "The api-version query parameter (?api-version=) is required for all requests.");
        }
        Matcher path = PATH.matcher(request.rawPath());
        Optional<String> key = path.matches() ? storage.accountKey(path.group(1)) : Optional.empty();
        if (key.isEmpty()) {
            return refused(400, "AccountNameInvalid", "The name of an account is 3 to 24 lower-case letters and digits, and none that the cluster uses itself.");
        }
        ObjectNode json = JSON.createObjectNode();
        json.putArray("keys").addObject().put("keyName", "key1").put("value", key.get()).put("permissions", "FULL");
        return answer(200, json);
    }

    private static Answer refused(int status, String code, String message) {
        ObjectNode json = JSON.createObjectNode();
        json.putObject("error").put("code", code).put("message", message);
        return answer(status, json);
    }

    private static Answer answer(int status, ObjectNode json) {
        return new Answer(status, Map.of("Content-Type", "application/json; charset=utf-8"), json.toString().getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void started(Cluster cluster) {
        // Nothing runs of its own accord.
    }

    @Override
    public void close() {
        // Nothing is open.
    }
}
